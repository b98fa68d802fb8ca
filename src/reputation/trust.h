// What a greylist has noted of those who need no closer look, for whoever only reads.
#pragma once

#include <string>
#include <vector>

#include "reputation/site.h"
#include "reputation/slots.h"

namespace hongyan::reputation {

inline constexpr char greylist_slots = 'g';

// What good messages earn beyond what trust takes: who sends more than a quarter of junk is trusted no more.
inline constexpr std::uint64_t most_credit = 50;

// So often it is noted that what is trusted has come again.
inline constexpr std::chrono::milliseconds between_marks = std::chrono::hours(24);

// What is marked.
std::string name_of_network(const Site& client);
std::string name_of_domain(std::string_view domain);
std::vector<std::string> names_of(const Site& client, std::string_view domain);

// Beside a greylist over the same notebook, which outlives this. Reads only, so that it may be asked where
// nobody waits for the disk. Any thread.
class Trust {
public:
    // `trusted_after`: as the greylist's, 0: nobody is trusted.
    Trust(Notebook& notebook, std::uint64_t trusted_after)
        : notebook_(notebook), slots_(notebook, greylist_slots), trusted_after_(trusted_after) {}

    // Whether all of the client's network passes, and that is noted: Greylist::wait() would say nothing and
    // note nothing.
    bool trusts(const Site& client) const;

private:
    Notebook& notebook_;
    Slots slots_;
    std::uint64_t trusted_after_;
};

}  // namespace hongyan::reputation
