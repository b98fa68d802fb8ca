// An answer of Rspamd that may be anything.
#include <cstdint>

#include "spam/rspamd_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(
        hongyan::spam::parse_rspamd_reply({reinterpret_cast<const char*>(data), size}).has_value());
    return 0;
}
