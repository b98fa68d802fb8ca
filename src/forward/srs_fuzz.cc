// Whatever the local part, it is ours only if we have made it, and what we made of any address leads back to
// it.
#include <cstdint>

#include "base/ascii.h"
#include "base/check.h"
#include "forward/loop.h"
#include "forward/srs.h"

namespace {

using namespace hongyan;

std::vector<crypto::Secret> one_key() {
    std::vector<crypto::Secret> keys;
    keys.emplace_back("0123456789abcdef");
    return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ManualClock clock;
    static const forward::Srs srs(one_key());
    const auto address = message::parse_address(text);
    if (!address) return 0;
    (void)forward::has_been_at(text, *address);
    const auto found = srs.original(*address, clock.now());
    check(!found || ascii::istarts_with(address->local_part.text(), "SRS"), "ours are marked");
    const auto rewritten = srs.rewrite(*address, *message::Domain::parse("here.test"), clock.now());
    if (!rewritten) return 0;
    check(rewritten->local_part.to_string().size() <= forward::longest_local_part, "it keeps to its limit");
    const auto back = srs.original(*rewritten, clock.now());
    check(back.has_value(), "what we make we know");
    if (!ascii::istarts_with(address->local_part.text(), "SRS1")) {
        const bool is_tagged = ascii::istarts_with(address->local_part.text(), "SRS0");
        check(is_tagged ? ascii::iequals(back->to_string(), address->to_string()) : *back == *address,
              "it leads back");
    }
    return 0;
}
