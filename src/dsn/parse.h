// Delivery status notifications as they come back, from whatever server wrote them (RFC 3464, RFC 6533), and
// the way from one to the message of ours that it is about, without an address made for each (VERP).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dsn/status.h"
#include "dsn/typed_address.h"

namespace hongyan::dsn {

inline constexpr std::size_t most_reported = 1000;  // recipients of one notification; the rest is not read
inline constexpr std::size_t most_status_text = 1 << 20U;  // bytes of the part for programs that are read
inline constexpr std::size_t longest_value = 4000;         // bytes of a field; more is cut
inline constexpr std::size_t most_traces = 100;            // Received fields of the returned header

// What is reported of one recipient. Texts are UTF-8 on one line.
struct Reported {
    Action action = Action::failed;  // where none is named or none we know: what the status says
    Status status;  // where none can be read: the one in the diagnostic, else 0.0 of the action's class
    TypedAddress final_recipient;     // may be empty
    TypedAddress original_recipient;  // empty if not given
    std::string remote_host;          // of Remote-MTA, without its type
    std::string diagnostic;           // of Diagnostic-Code, without its type: "550 5.1.1 No such user"
    std::optional<Instant> retry_until = {};

    friend bool operator==(const Reported&, const Reported&) = default;
};

// A Received field of the returned header: who wrote it, and by which id he knew the message.
struct Trace {
    std::string by;  // in lower case
    std::string id;

    friend bool operator==(const Trace&, const Trace&) = default;
};

struct Returned {
    std::string envelope_id;     // Original-Envelope-Id: the ENVID that the sender gave
    std::string reporting_host;  // of Reporting-MTA, without its type
    std::vector<Reported> recipients;
    // What the returned message is called (message/message_ids.h); if nothing was returned, the one that the
    // notification says it answers; empty if it says nothing.
    std::string message_id;
    std::vector<Trace> traces;  // of the returned message, the last hop first

    friend bool operator==(const Returned&, const Returned&) = default;
};

// Nothing if the message holds no part of the type message/delivery-status or message/global-delivery-status
// that tells of a recipient. What a notification says is a stranger's claim: see queue_id_of(). Never fails,
// takes linear time.
std::optional<Returned> parse_notification(std::string_view raw);

// The queue id of our message that it is about: from the Received field that `host` (any letters) wrote into
// the returned header. Nothing if none is there. Whoever calls looks whether that message went to the
// recipient named: ids can be guessed.
std::optional<std::string> queue_id_of(const Returned& returned, std::string_view host);

}  // namespace hongyan::dsn
