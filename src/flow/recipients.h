// Where a recipient's mail goes, and whether it may.
#pragma once

#include <expected>
#include <map>

#include "flow/policy.h"
#include "flow/world.h"
#include "smtp/envelope.h"
#include "smtp/wire/reply.h"

namespace hongyan::flow {

// Local accounts, or addresses elsewhere, or both where an alias leads to both. Blocks for the disk.
struct Destination {
    std::vector<directory::LocalRecipient> local = {};
    std::vector<std::string> remote = {};
    // A name of ours passes the message on to `remote`: under a reverse-path of ours, unless it wants none.
    bool is_forwarded = false;
    bool keeps_sender = false;

    // A name with several members: each is reached by itself.
    bool is_list() const { return is_forwarded && local.size() + remote.size() > 1; }
};
// Bounces, which have the null reverse-path, may go to an address that forward/srs.h made: they go on to who
// sent what we passed on.
enum class Bounce { no, yes };
std::expected<Destination, smtp::StandardReply> find_destination(const World& world, const Policy& policy,
                                                                 const smtp::Client& client,
                                                                 const smtp::Path& recipient, Bounce bounce);

// The reverse-path under which `recipient`, a name of ours, passes on what comes from `sender`: rewritten if
// the sender's domain is another's and nobody objects (Destination, Policy, World, too long a name). Blocks
// for the disk.
smtp::Path sender_onward(const World& world, const Policy& policy, const Destination& destination,
                         const smtp::Path& sender, const smtp::Path& recipient);

// Whether there is room for `size` bytes more, said at RCPT: in the mailbox, or of a list with any of its
// members, since what is for one that is full waits in the queue.
std::expected<void, smtp::StandardReply> check_room(const World& world, const Destination& destination,
                                                    std::uint64_t size);

// Of a list, with their names: one full mailbox keeps nothing from the other members. None where nobody at
// all has room: then the sender tries again.
std::map<directory::AccountId, std::string> members_without_room(const World& world,
                                                                 const Destination& destination,
                                                                 std::uint64_t size);

// Does mail to `sender` come to this account, by whatever name? Blocks for the disk.
Result<bool> is_address_of(const World& world, const smtp::Path& sender, std::string_view account);

}  // namespace hongyan::flow
