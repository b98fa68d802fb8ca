// What of reports was dropped for want of room or time: counted, so that nothing goes without a trace.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"

namespace hongyan::reports {

enum class Loss {
    displaced,      // reports of others that were kept and gave way to newer ones
    refused,        // reports of others, or copies of ours, that found no room or could not be kept
    unread,         // mail with reports of others that was never read for them
    failures,       // reports of single messages that found no room, or could not be kept
    late_failures,  // reports of single messages that could not be sent within a day
    damaged,        // reports of others that could not be read any more when they came again
    // Of ours: reports of TLS that could be sent to nobody in time, and posts of others that were given up.
    // A report may have got to another address than that of such a post.
    late_tls,
};
// As a key and a program know it, "displaced"; in words for people.
std::string_view to_string(Loss loss);
std::string_view words_for(Loss loss);

struct Lost {
    Loss what{};
    std::uint64_t count = 0;
    Instant last{};  // when it last happened
    friend bool operator==(const Lost&, const Lost&) = default;
};

// Adds to what was lost so far, with the transaction. Nothing if the count is 0.
Result<void> add_loss(engine::Transaction& transaction, const Lost& more);
engine::Part part_to_add(Lost more);

// All of which there is anything, in the order of Loss.
Result<std::vector<Lost>> losses(const engine::Reader& reader);

}  // namespace hongyan::reports
