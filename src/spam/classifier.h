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
};

// Judges what comes from others, not what people of ours send. Each line of the score becomes a finding and a
// header field (X-Hongyan-Junk-Reason). What is for one account is judged by what that account has taught,
// too; what is for several by the shared model alone, since a judgement is one for all of them. Where hardly
// anything has been learned, or what was cannot be read, it says nothing: a fault of its own keeps no mail
// out.
std::shared_ptr<Judge> make_classifier(const ClassifierParts& parts);

}  // namespace hongyan::spam
