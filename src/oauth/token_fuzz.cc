// Tokens against a key of somebody else: whatever they say, nobody is let in. The first byte chooses: a whole
// token, or a header and a payload in plain text, a line each, which are made into one.
#include <cstdint>

#include "base/check.h"
#include "base/encoding.h"
#include "oauth/token.h"

namespace {

using namespace hongyan;

// Of RFC 8037 §A.2.
constexpr std::string_view set =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

std::string base64url(std::string_view text) {
    auto out = to_base64(text);
    std::erase(out, '=');
    std::ranges::replace(out, '+', '-');
    std::ranges::replace(out, '/', '_');
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const auto keys = oauth::KeySet::parse(set).value();
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto end = std::min(text.size(), text.find('\n'));
    const auto token = data[0] % 2 == 0 ? std::string(text)
                                        : fmt::format("{}.{}.AA", base64url(text.substr(0, end)),
                                                      base64url(text.substr(end)));
    const auto owner = oauth::owner_of(token, keys, {.issuer = "i", .audience = "a"}, Instant{});
    check(!owner && !owner.error().why.empty(), "nobody has signed this");
    return 0;
}
