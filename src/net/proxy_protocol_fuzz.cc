// Any bytes where a proxy's header should be: what is read never reaches beyond them, and cuts change
// nothing.
#include <cstdint>

#include "base/check.h"
#include "net/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = net::parse_proxy_header(bytes);
    if (!whole || !*whole) return 0;
    const auto length = (*whole)->size;
    check(length <= bytes.size() && length <= net::max_proxy_header, "a header lies within what came");
    for (std::size_t cut = 0; cut < length; ++cut) {
        const auto part = net::parse_proxy_header(bytes.substr(0, cut));
        check(part && !*part, "a part of a header asks for more");
    }
    return 0;
}
