// A message that waits to be sent on, as a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/named.h"
#include "engine/engine.h"

namespace hongyan::queue {

// Counts up with the time of arrival, from which it may differ; never given twice (ids.h).
using EntryId = Named<std::uint64_t, struct EntryIdTag>;

// Twelve letters and digits, in the order of the numbers: as logs, replies and listings show it.
std::string to_string(EntryId id);
Result<EntryId> parse_entry_id(std::string_view text);
// About when an entry of this id came, and the first id of a moment.
Instant arrival_of(EntryId id);
EntryId first_id_at(Instant when);

// The numbers are those on disk.
enum class RecipientState : std::uint8_t {
    waiting,    // for an attempt that is due at next_attempt, or that is under way (see Recipient::lease)
    delivered,  // RFC 3464 §2.3.3: in a mailbox, as far as we know
    failed,
    held,     // until somebody releases it
    relayed,  // taken by a server that will not tell of its success
    expanded,
    cancelled,  // by somebody here
    expired,    // no server took it in time
};
std::string_view to_string(RecipientState state);
// Nothing will happen any more.
constexpr bool is_final(RecipientState state) {
    return state != RecipientState::waiting && state != RecipientState::held;
}

// The right to attempt a delivery, which one node has at a time. The token is never given twice: who settles
// with an older one has lost the right.
struct Lease {
    std::string node;
    std::uint64_t token = 0;
    Instant until{};  // then it is free for others
    // Given when the message was accepted, to a recipient that is in no list yet (tally.h): most are sent at
    // once and never come into one.
    bool fresh = false;

    friend bool operator==(const Lease&, const Lease&) = default;
};

// One address that the message has to reach. The parameters are those of RCPT (RFC 3461 §4), as they go on to
// the next server and into notifications.
struct Recipient {
    std::string address;
    std::string notify;  // "SUCCESS,DELAY", "NEVER"; empty: not said
    std::string
        original;  // "rfc822;ann@here.test", the address as it was meant, not in xtext; empty: not said
    RecipientState state = RecipientState::waiting;
    std::uint32_t attempts = 0;
    Instant next_attempt{};
    std::string last_reply;      // what the other side said last
    std::uint32_t index = 0;     // in the envelope; set by the queue
    std::string route;           // where it goes instead of its address' domain; empty: there
    Instant expiry{};            // when nobody tries any more; {}: not decided
    bool delay_told = false;     // the sender has heard that it takes longer
    bool deadline_told = false;  // and that his deadline has passed (RFC 2852 §4.1.3)
    // What somebody wished while an attempt was under way; done if that leaves it waiting.
    enum class Wish : std::uint8_t { none, hold, cancel } wish = Wish::none;
    std::string unknown;         // fields of a newer version
    std::optional<Lease> lease;  // while an attempt is under way; kept apart from the record

    friend bool operator==(const Recipient&, const Recipient&) = default;
};

// What the sender asked for by DELIVERBY (RFC 2852 §4).
struct DeliverBy {
    enum class Mode : std::uint8_t { none, send_back, notify } mode = Mode::none;  // "R", "N"
    Instant deadline{};
    bool trace = false;

    friend bool operator==(const DeliverBy&, const DeliverBy&) = default;
};

struct Entry {
    EntryId id;
    std::string sender;         // the reverse-path; empty for notifications
    std::string passed_on_for;  // who sent it, where `sender` is one of ours that leads back to him (SRS)
    std::string account;        // who handed it in; empty: it came from elsewhere
    std::string body;           // "8BITMIME", "BINARYMIME"; empty: 7 bits
    bool smtputf8 = false;      // RFC 6531 §3.4
    std::string wanted_return;  // "FULL", "HDRS" (RFC 3461 §4.3); empty: not said
    std::string envelope_id;    // ENVID (RFC 3461 §4.4), not in xtext
    std::string prefix;         // header fields that stand before the content: our Received
    engine::BlobId blob;
    std::uint64_t blob_size = 0;  // bytes
    Instant arrival{};
    int priority = 0;      // MT-PRIORITY (RFC 6710 §4), -9 to 9
    Instant hold_until{};  // HOLDFOR, HOLDUNTIL (RFC 4865 §3); {}: not asked for
    DeliverBy deliver_by;
    bool requiretls = false;    // RFC 8689 §2
    bool tls_optional = false;  // TLS-Required: No (RFC 8689 §3)
    bool is_junk = false;       // goes into the mailboxes for junk, where it is delivered here
    bool ordered = true;        // stands in the order of attempts: not if an older program kept it
    std::string message_id;     // of the header field, with its brackets; by which the message is found
    std::string unknown;
    std::vector<Recipient> recipients;

    std::uint64_t size() const { return prefix.size() + blob_size; }
    friend bool operator==(const Entry&, const Entry&) = default;
};

// As many as surely fit into one transaction of the engine, parameters and all: a message for more is several
// entries.
inline constexpr std::size_t most_recipients = 500;

inline constexpr int least_priority = -9, most_priority = 9;

// Whose turn a message takes: those of one sender stand behind each other, not before those of others.
const std::string& lane_of(const Entry& entry);
// Who sent the message, whatever reverse-path it goes under.
inline const std::string& origin_of(const Entry& entry) {
    return entry.passed_on_for.empty() ? entry.sender : entry.passed_on_for;
}
// Where a recipient goes: the domain of the address in lower case, or what it was given instead.
std::string destination_of(const Recipient& recipient);

}  // namespace hongyan::queue
