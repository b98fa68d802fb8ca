#include "smtp/envelope.h"

namespace hongyan::smtp {

std::string to_string(const Path& path) {
    if (path.is_postmaster) return "postmaster";
    return path.address ? path.address->to_string() : std::string();
}

bool is_international(const Path& path) { return path.address && path.address->is_international(); }

}  // namespace hongyan::smtp
