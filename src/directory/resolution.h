// Where an address leads.
#pragma once

#include <string>
#include <vector>

#include "directory/types.h"

namespace hongyan::directory {

struct LocalRecipient {
    AccountId account;
    std::string detail;  // as it was written, for Sieve (RFC 5233); empty if there was none
    friend bool operator==(const LocalRecipient&, const LocalRecipient&) = default;
};

// Where an address leads. Nowhere, if both lists are empty; then `outcome` says why.
struct Resolution {
    enum class Outcome {
        delivered,    // to at least one recipient
        not_ours,     // we are not responsible for the domain: relay or refuse
        unknown,      // no such name: 550 5.1.1
        disabled,     // the account takes no mail at present: 550 5.2.1
        alias_fails,  // an alias all of whose targets are gone, or that leads only to itself: 550 5.1.1
    };

    Outcome outcome = Outcome::unknown;
    std::vector<LocalRecipient> local;  // an account at most once
    std::vector<std::string> remote;    // addresses, each at most once
    bool keeps_sender = false;          // an alias on the way to them wants the reverse-path as it is
    friend bool operator==(const Resolution&, const Resolution&) = default;
};

}  // namespace hongyan::directory
