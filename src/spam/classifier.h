// The judge that goes by what was learned (src/classify).
#pragma once

#include <memory>

#include "directory/directory.h"
#include "net/workers.h"
#include "spam/judge.h"
#include "spam/models.h"

namespace hongyan::spam {

// From so much confidence (classify::confidence) on it speaks: twenty junk and twenty good messages.
inline constexpr double least_confidence = 0.5;

// What it stands on; all of it outlives the judge.
struct ClassifierParts {
    std::shared_ptr<Models> models;
    const directory::Directory& directory;
    net::Workers& workers;
    const Clock& clock;
    bool shared = true;     // what all have taught counts, beside what an account has
    bool outgoing = false;  // what accounts send is looked at, too
};

// So many accounts of one message are judged by their own models, the first that it is for; the others by the
// shared one. Each takes some 0.2 ms, and 1 ms where its model lies on disk.
inline constexpr std::size_t most_own_models = 50;

// Each line of the score becomes a finding and a header field (X-Hongyan-Junk-Reason). What an account has
// taught counts for its mail: where a message is for several and one of them has taught something, each has a
// placement of its own. Where hardly anything has been learned, or what was cannot be read, it says nothing:
// a fault of its own keeps no mail out. Of what accounts send there are only findings, by the shared model:
// others decide what comes of them.
std::shared_ptr<Judge> make_classifier(const ClassifierParts& parts);

}  // namespace hongyan::spam
