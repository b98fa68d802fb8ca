// What people do with their mail teaches the classifier: moving it into Junk and out of it, filing and
// answering it, and the keywords $Junk and $NotJunk.
#pragma once

#include <functional>

#include "base/result.h"
#include "spam/models.h"
#include "store/store.h"

namespace hongyan::spam {

struct TeachingRules {
    bool shared = true;  // the shared model learns from every account
};

// Looks at some of what has happened in the account since it was last looked at, and teaches what follows
// from it; how far it came is written with it, so that nothing is learned twice, whenever the program ends.
// True if there may be more. A message that is moved back is unlearned. Junk that was put into the Junk
// mailbox when it arrived teaches nothing until somebody agrees or disagrees. Blocks; `stopped` is asked
// between messages: then unavailable.
Result<bool> teach_portion(store::Store& store, Models& models, AccountId account, const TeachingRules& rules,
                           const std::function<bool()>& stopped = {});

}  // namespace hongyan::spam
