// Mail that programs of this machine have left in the drop folder: taken in exactly once, and whoever wrote
// it told of what could not be.
#pragma once

#include <string>

#include "drop/folder.h"
#include "flow/policy.h"
#include "flow/world.h"

namespace hongyan::flow {

enum class Taken {
    now,
    before  // it is in the queue or in mailboxes already; only its file was left
};

// How long a letter may stay before what is wrong counts as lasting.
inline constexpr std::chrono::hours dropped_patience{5 * 24};

// Keeps the message for all recipients that there are, and a notification for the sender about the others, in
// one commit with the mark that `name`, the letter's file, was taken (drop/taken.h). A recipient of our
// host's name, which is no domain of ours, is the postmaster: cron writes to root. Programs of this machine
// may send anywhere, under any name, as with any sendmail; the Received field names their user. For whoever
// has no room it waits in the queue, as does the notification for a sender; where nobody works on the queue,
// or no sender would hear how that ends, he gets nothing if there are others who are not to wait for him, and
// that is told at once. Errors: invalid for a letter that
// can go nowhere, with a sender who cannot be told; any other says what is wrong for the time being, so that
// the letter stays where it is. Blocks for the disk.
Result<Taken> take_dropped(const World& world, const Policy& policy, const std::string& name,
                           const drop::Found& found);

}  // namespace hongyan::flow
