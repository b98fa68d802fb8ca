// How much single domains are given.
#pragma once

#include <cstdint>

#include "config/domain_limit.h"
#include "outbound/domain_table.h"

namespace hongyan::outbound {

struct Limit {
    std::size_t connections = 0;  // at most, at once
    std::uint64_t messages = 0;   // at most, in a minute; 0: no limit
};

// The settings' limits, made ready for looking up. Never changes.
class Limits {
public:
    Limits() = default;
    // Of several limits for the same, the first counts.
    explicit Limits(const config::DomainLimits& limits);

    // What the domain, or the longest suffix of it, or else "*", is given; `usual` connections where nothing
    // else is said. A domain of a provider that is named by itself has that limit.
    Limit of(std::string_view domain, std::size_t usual) const;

private:
    DomainTable<Limit> by_domain_;  // connections 0: the usual
};

}  // namespace hongyan::outbound
