#include "smtp/wire/reply.h"

#include <fmt/format.h>

namespace hongyan::smtp {

std::string to_wire(const Reply& reply) {
    std::string out;
    for (const auto& line : reply.lines) {
        const bool last = &line == &reply.lines.back();
        out += fmt::format("{}{}", reply.code, last ? ' ' : '-');
        if (!reply.enhanced.empty()) out += reply.enhanced + " ";
        out += line + "\r\n";
    }
    return out;
}

}  // namespace hongyan::smtp
