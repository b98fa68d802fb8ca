#include "imap/wire/values.h"

#include <algorithm>

namespace hongyan::imap::wire {

std::pair<std::uint32_t, std::uint32_t> SetRange::resolved(std::uint32_t largest) const {
    return std::minmax({first.or_largest(largest), last.or_largest(largest)});
}

}  // namespace hongyan::imap::wire
