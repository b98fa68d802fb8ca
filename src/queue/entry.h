// A message that waits to be sent on, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/named.h"
#include "engine/engine.h"

namespace hongyan::queue {

// Counts up with the time of arrival; never given twice.
using EntryId = Named<std::uint64_t, struct EntryIdTag>;

// Twelve letters and digits, in the order of the numbers: as logs, replies and listings show it.
std::string to_string(EntryId id);
Result<EntryId> parse_entry_id(std::string_view text);

enum class RecipientState : std::uint8_t { waiting, delivered, failed };

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
    std::string last_reply;  // what the other side said last
    std::string unknown;     // fields of a newer version

    friend bool operator==(const Recipient&, const Recipient&) = default;
};

struct Entry {
    EntryId id;
    std::string sender;         // the reverse-path; empty for notifications
    std::string account;        // who handed it in; empty: it came from elsewhere
    std::string body;           // "8BITMIME", "BINARYMIME"; empty: 7 bits
    bool smtputf8 = false;      // RFC 6531 §3.4
    std::string wanted_return;  // "FULL", "HDRS" (RFC 3461 §4.3); empty: not said
    std::string envelope_id;    // ENVID (RFC 3461 §4.4), not in xtext
    std::string prefix;         // header fields that stand before the content: our Received
    engine::BlobId blob;
    std::uint64_t blob_size = 0;  // bytes
    Instant arrival{};
    std::string unknown;
    std::vector<Recipient> recipients;

    std::uint64_t size() const { return prefix.size() + blob_size; }
    friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace hongyan::queue
