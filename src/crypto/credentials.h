// All that is kept of one password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/password_hash.h"
#include "crypto/scram.h"

namespace hongyan::crypto {

struct Credentials {
    std::string hash;              // see password_hash.h
    std::vector<ScramKeys> scram;  // one for each mechanism; none beside an imported hash

    // From a prepared password. Takes about 30 ms of one core and 19 MiB.
    static Credentials make(const Secret& password, Random& random);
    friend bool operator==(const Credentials&, const Credentials&) = default;
};

enum class Verdict {
    wrong,
    right,
    outdated,  // right, and the credentials should be made anew while the password is at hand
};

// `typed` is the password as the client sent it. It is checked as prepared and, for imported hashes of
// systems that did not prepare, as it is.
Verdict verify(const Credentials& credentials, std::string_view typed);

// What a log-in that nobody has is checked against, so that it takes as long as one that somebody has.
const Credentials& nobodys_credentials();

}  // namespace hongyan::crypto
