// How much mail domains are given at once and in a minute, as it stands in settings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/provider.h"

namespace hongyan::config {

// "WHO OPTIONS". WHO is a destination ("example.org", ".example.org" for all names below, "*"), or a provider
// whose domains are meant ("qq:"). The options are connections=N and messages=N; a provider has its own for
// what is not said.
struct DomainLimit {
    std::string domain;                  // in lower case; empty: see provider
    const Provider* provider = nullptr;  // nullptr: see domain
    std::uint64_t connections = 0;       // at most, at once; 0: as to any destination
    std::uint64_t messages = 0;          // at most, in a minute; 0: no limit

    static Result<DomainLimit> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const DomainLimit&, const DomainLimit&) = default;
};

using DomainLimits = std::vector<DomainLimit>;

}  // namespace hongyan::config
