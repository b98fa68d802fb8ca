// The arguments of SETQUOTA (RFC 9208 §7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imap/wire/parser.h"

namespace hongyan::imap::wire {

// The limits that a client wants for a quota root; those left out are to go.
struct SetQuotaArguments {
    struct Limit {
        std::string resource;
        std::uint64_t limit = 0;

        friend bool operator==(const Limit&, const Limit&) = default;
    };

    std::string root;
    std::vector<Limit> limits;

    friend bool operator==(const SetQuotaArguments&, const SetQuotaArguments&) = default;
};

SetQuotaArguments set_quota_arguments(Parser& in);
void put(std::string& out, const SetQuotaArguments& arguments);

}  // namespace hongyan::imap::wire
