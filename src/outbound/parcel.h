// What one transaction is to carry: a message for some of its recipients, which are leased to us.
#pragma once

#include <string_view>
#include <vector>

#include "flow/handover.h"
#include "queue/queue.h"
#include "smtp_client/outgoing.h"
#include "tls_policy/decide.h"

namespace hongyan::outbound {

struct Parcel {
    queue::EntryId id;
    std::uint64_t token = 0;                // of the lease
    queue::Hold hold = {};                  // on it
    std::vector<std::uint32_t> recipients;  // their indices
    std::uint64_t size = 0;                 // bytes of the message
    std::size_t ways = 0;                   // a hash of where the recipients went when they were leased
    std::shared_ptr<const flow::Fresh> fresh = {};  // the message itself, if it has just come
};

// Recipients of one message go together, `most` at most; parcels in the order of their first due.
std::vector<Parcel> pack(const queue::Taken& taken, std::size_t most);

// A parcel with all that is to be known of it.
struct Load {
    Parcel parcel;
    queue::Entry entry;           // with the recipients of the parcel only, as far as they are still there
    smtp::SharedMessage content;  // without the entry's prefix; null: not read
};

enum class Content { now, later };
// Reads the disk, unless the message has just come and nobody has changed anything since. Errors: not_found
// if the message is gone by now; conflict if people have paused, held, cancelled or rerouted some of it since
// it was leased; corrupt if its content is damaged.
Result<Load> load(const engine::Engine& engine, const queue::Queue& queue, Parcel parcel,
                  Content content = Content::now);
Result<void> read_content(const engine::Engine& engine, Load& load);

// Takes some recipients, by their place in the entry, out of a load into one of their own.
Load take_out(Load& load, const std::vector<std::size_t>& which);

// What the sender wished of TLS on the way. A notification of ours goes even where its wish cannot be met
// (RFC 8689 §5).
tls_policy::SenderWish wish_of(const queue::Entry& entry);

// As the client's session wants it. Errors: corrupt if an address cannot be read.
Result<smtp_client::Outgoing> outgoing_of(const Load& load, Instant now);
// For a server that does not know of deadlines: where one is to be told (BY=…;N), that server is to tell of
// delays, whatever else it is to tell (RFC 2852 §4.1.4.2).
void ask_for_delays(const queue::Entry& entry, Instant now, smtp_client::Outgoing& outgoing);

}  // namespace hongyan::outbound
