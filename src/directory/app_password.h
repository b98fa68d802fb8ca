// A password that the server makes for one program: it can do little, and be taken away alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace hongyan::directory {

struct AppPassword {
    std::string name;                    // for its owner: "Phone"
    std::string salt, digest;            // SHA-256 of both: 120 random bits need no slow hash
    std::vector<std::string> protocols;  // "imap", "pop3", "smtp"; none: all
    Instant created{};
    std::optional<Instant> expires = {};

    bool is_good_for(std::string_view protocol, Instant now) const;
    friend bool operator==(const AppPassword&, const AppPassword&) = default;
};

struct NewAppPassword {
    std::string name;
    std::vector<std::string> protocols = {};
    std::optional<Instant> expires = {};
};

inline constexpr std::size_t max_app_passwords = 32;  // of one account

// Invalid: no name, a name of more than 60 bytes or with control characters, an unknown protocol.
Result<void> check(const NewAppPassword& wanted);
// "abcd-efgh-ijkl-mnop-qrst-uvwx".
std::string make_app_password(Random& random);
AppPassword hash_app_password(const NewAppPassword& wanted, std::string_view password, Random& random,
                              Instant now);
// Whether it is that one; with or without its hyphens, or with blanks, in any case.
bool fits(const AppPassword& known, std::string_view typed);

// A field of the account's record: docs/formats/directory.md.
std::string encode(const AppPassword& password);
Result<AppPassword> decode_app_password(std::string_view record);

}  // namespace hongyan::directory
