// Who has written a message, as its From field says (RFC 7489 §6.6.1), whatever stands there: whoever makes
// it hard to read must not escape what the domain in it asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"

namespace hongyan::verify {

inline constexpr std::size_t most_authors = 8;  // whose domains are looked at

struct Author {
    dns::Name domain;
    // He is in a domain below, whose name DNS cannot be asked for: an emoji, a label of 64 octets.
    bool is_below = false;

    friend bool operator==(const Author&, const Author&) = default;
};

struct Authors {
    std::vector<Author> known;  // each once
    // Why these need not be the ones whom a reader sees, for a person; empty if they are. Mail with it is
    // never aligned with anybody (RFC 7489 §3.1).
    std::string unclear;
    // There is no From field, or there are several (RFC 5322 §3.6), or too many authors in them, or too
    // much to be read.
    bool is_forbidden = false;
};

// `header` may have the empty line behind it.
Authors authors_of(std::string_view header);

}  // namespace hongyan::verify
