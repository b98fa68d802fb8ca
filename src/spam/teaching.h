// What people do with their mail teaches the classifier: moving it into Junk and out of it, filing and
// answering it, and the keywords $Junk and $NotJunk.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "spam/models.h"
#include "store/store.h"

namespace hongyan::spam {

struct TeachingRules {
    bool enabled = true;  // otherwise nothing is learned for now
    bool shared = true;   // the shared model learns from every account
    // Of one account in a day (UTC), to the shared model; what comes beyond teaches its own only. 0: no
    // limit.
    std::uint64_t lessons_of_a_day = 0;
};

// Looks at some of what has happened in the account since it was last looked at, and teaches what follows
// from it; how far it came is written with it, so that nothing is learned twice, whenever the program ends.
// True if there may be more. A message that is moved back is unlearned. What a program of the account's has
// put into a mailbox (APPEND) teaches as if it had been moved there; what was put into the Junk mailbox when
// it arrived teaches nothing until somebody agrees or disagrees. Blocks; `stopped` is asked between messages:
// then unavailable.
Result<bool> teach_portion(store::Store& store, Models& models, AccountId account, const TeachingRules& rules,
                           const std::function<bool()>& stopped = {});

}  // namespace hongyan::spam
