// Which of the reports that are kept give way to a new one.
#pragma once

#include "reports/archive.h"
#include "reports/destinations.h"

namespace hongyan::reports {

// One that gives way as long as its record is this.
struct GivesWay {
    Kept kept;  // nothing but its id, where the record is damaged
    std::string record;
};
using GivingWay = std::vector<GivesWay>;

// The oldest of those that nobody vouches for, `most` of them at most; damaged ones are the first. Where all
// are vouched for, and the new one is too: the oldest of the owner from whom most have come, half of it at
// most; of several such owners his who waits longest. Domains below one that somebody has registered are one
// owner's. Empty: nobody. Holds no more than that and a number for each owner.
// `owner` is asked only where all are vouched for: of each of them.
using OwnerOf = std::function<std::string(std::string_view domain)>;
Result<GivingWay> who_gives_way(const engine::Reader& reader, const Arrival& newer, std::size_t most,
                                const OwnerOf& owner = owner_of);

}  // namespace hongyan::reports
