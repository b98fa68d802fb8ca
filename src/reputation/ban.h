// Somebody who is shut out for a time.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "reputation/site.h"

namespace hongyan::reputation {

// A site: nobody from there is served. An account: it logs in with an app password, or from where it has of
// late unless the ban was made by hand, and not otherwise. Both: it does not log in from there; all else goes
// on.
struct Subject {
    std::optional<Site> site = {};
    std::string account = {};  // in lower case; empty: any

    static Subject of(const Site& site) { return {.site = site, .account = {}}; }
    static Subject of(std::string_view account);
    static Subject of(std::string_view account, const Site& site);
    // "192.0.2.0/24", "ann@example.test", "ann@example.test from 192.0.2.1".
    std::string to_string() const;

    friend bool operator==(const Subject&, const Subject&) = default;
    friend auto operator<=>(const Subject&, const Subject&) = default;
};

struct Ban {
    Subject subject;
    Instant since{};
    std::optional<Instant> until = {};  // nothing: until somebody lifts it
    std::string reason = {};            // a sentence for people, the client too
    std::uint32_t times = 1;            // this one included, as far as is remembered
    bool by_hand = false;

    bool is_on(Instant now) const { return !until || now < *until; }
    friend bool operator==(const Ban&, const Ban&) = default;
};

inline constexpr std::string_view ban_prefix = "rb";
std::string key_of(const Subject& subject);
// The record matters until `expires`; nothing: for ever.
std::string encode(const Ban& ban, std::optional<Instant> expires);
// Corrupt if it is none.
Result<Ban> decode_ban(std::string_view key, std::string_view record);

}  // namespace hongyan::reputation
