// What notifications of other servers tell about mail of ours, tied to it without an address made for each
// (VERP).
#pragma once

#include "flow/policy.h"
#include "flow/world.h"
#include "smtp/question.h"

namespace hongyan::flow {

// RFC 3463 §3.2: nobody of that name, no such domain, moved away, a domain without mail (RFC 7505 §4.1). Not
// what a policy or a full mailbox says, which may change.
bool says_nobody_is_there(std::string_view status);

// Parts of the commit that delivers the notification: a record of each failure in the history of the message
// that it is about, and the addresses that its account is to suppress. Nothing unless the message is a bounce
// that goes to who sent ours, which by our history went to the recipient that it names: what it says is a
// stranger's claim, and ids can be guessed. Nothing is suppressed unless it comes from the very address that
// took our message for that recipient (docs/decisions/0037-who-may-suppress.md). Blocks for the disk.
std::vector<engine::Part> parts_for_returned(const World& world, const Policy& policy,
                                             const smtp::Deliver& message);

}  // namespace hongyan::flow
