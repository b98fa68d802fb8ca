// Access tokens that are JSON Web Tokens (RFC 7519), signed (RFC 7515) by somebody whose keys we have.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "oauth/key_set.h"

namespace hongyan::oauth {

inline constexpr std::size_t most_token_octets = 8192;

// What a token must say for us to believe it.
struct Expectations {
    std::string issuer;                   // "iss" (RFC 7519 §4.1.1)
    std::string audience;                 // one of "aud" (§4.1.3): us
    std::string account_claim = "email";  // whose text is the name of an account
    std::string scope = {};               // one of "scope" (RFC 8693 §4.2) or "scp"; empty: none is wanted
    std::chrono::seconds leeway{60};      // by which clocks may differ (§4.1.4)
};

enum class Flaw { invalid_token, insufficient_scope };  // RFC 6750 §3.1

struct Objection {
    Flaw flaw = Flaw::invalid_token;
    std::string why;  // for our log, not for the client
};

struct Owner {
    std::string name;  // what the claim says
    Instant expires;

    friend bool operator==(const Owner&, const Owner&) = default;
};

// Whose token it is, if a key of ours signed it and it is for us and valid at `now`. Its time and memory are
// bounded by most_token_octets and KeySet::most_keys.
std::expected<Owner, Objection> owner_of(std::string_view token, const KeySet& keys,
                                         const Expectations& expected, Instant now);

}  // namespace hongyan::oauth
