// A message taken apart for the classifier.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "classify/feature.h"
#include "classify/trait.h"

namespace hongyan::classify {

// What is left out of the features. In service always as it stands here; otherwise to measure what it is
// worth (docs/decisions/0041).
struct Without {
    bool list_marks = false;  // "[list]" in subjects, and what lists put under a text
    bool sender = false;      // name and domain of From
    bool header = false;      // properties of the header
    bool pairs = false;
};

struct Seen {
    Features features;
    Traits traits;
};

// `came` is when the message arrived, for the traits of its date. Any bytes are a message. Reads at most the
// header, 64 KB of each text part and 200 KB of text in all; time is linear in what is read.
// `asked_next` is the model that will be asked about all features, if that is known.
Seen look_at(std::string_view raw, std::optional<Instant> came, const Without& without = {},
             const Model* asked_next = nullptr);

}  // namespace hongyan::classify
