// Delivery status notifications as we write them: multipart/report (RFC 6522) of the type delivery-status
// (RFC 3464, RFC 6533), with a text for people before the part for programs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "dsn/status.h"
#include "dsn/texts.h"
#include "dsn/typed_address.h"
#include "message/address.h"

namespace hongyan::dsn {

// What became of one recipient. Views look at what the caller keeps until compose() returns.
struct Outcome {
    Action action = Action::failed;
    std::optional<Status> status = {};  // its class is made to agree with the action
    std::string address;                // as it was in the envelope with which we took the message
    std::string original = {};     // ORCPT with its type, not in xtext: "rfc822;ann@here.test"; empty: none
    std::string remote_host = {};  // that was spoken to or tried; empty: none
    std::string remote_reply =
        {};  // as it came, lines divided by LF or CRLF: "550 5.1.1 No such user"; empty: none
    std::string explanation =
        {};  // what we found ourselves: "no such domain"; UTF-8; empty: the reason of the status
    std::optional<Instant> last_attempt = {};
    std::optional<Instant> retry_until = {};  // of delayed ones only (RFC 3464 §2.3.8)
};

// RFC 3461 §4.3; whoever said nothing gets the header, and of failures the whole if it is small.
enum class Return : std::uint8_t { unsaid, headers, full };
Return parse_return(std::string_view value);  // "FULL", "HDRS", in any case; unsaid for all else

// A message of which notice is given. The reverse-path is an address: nothing is sent to a null one (RFC 3461
// §5.2), which is for the caller to see, with is_wanted().
struct Subject {
    message::Address sender;       // the reverse-path
    std::string envelope_id = {};  // ENVID, not in xtext; empty: none was given
    Return wanted_return = Return::unsaid;
    std::string queue_id = {};       // by which it is found in our logs; empty: none
    std::string received_from = {};  // the name the client gave; empty: unknown
    std::optional<Instant> arrival = {};
    std::optional<Instant> deliver_by = {};  // asked for by DELIVERBY (RFC 2852 §5)
    std::optional<Instant> release = {};     // before which it was to be held (RFC 4865 §5.1)
    std::string_view message = {};           // our trace fields and all of the content
};

struct Settings {
    message::Domain host;   // Reporting-MTA, and the right side of Message-ID
    message::Address from;  // postmaster or MAILER-DAEMON
    Language language = Language::english;
    std::uint64_t most_returned = 0;  // bytes of a message that is returned whole
    // Of those who said nothing, a message of up to so many bytes is returned whole after a failure.
    std::uint64_t most_returned_unasked = 0;
};

struct Notification {
    std::string message;     // to be sent from <> to Subject::sender with NOTIFY=NEVER (RFC 3461 §6.1)
    std::string message_id;  // with its brackets
    bool eight_bit = false;  // needs 8BITMIME, or to be converted
    bool smtputf8 = false;   // needs SMTPUTF8: only where the sender's address does
};

// One notification about all the outcomes, of which there is at least one; failures are told of first. Takes
// time linear in the message. What other servers said is made printable, cut, and can neither add fields nor
// parts.
//
// The letters: a sender whose address needs SMTPUTF8 gets message/global-delivery-status and UTF-8 headers;
// all others get message/delivery-status, with international addresses as utf-8-addr-xtext (RFC 6533 §3), and
// returned UTF-8 headers in an encoding of 7 bits (RFC 6533 §4.5), since no server on their way need know
// SMTPUTF8.
//
// The message is returned whole if something failed, the sender wants it, and it has at most most_returned
// bytes; otherwise its header, of which 64 KB at most (RFC 3461 §6.2).
Notification compose(const Settings& settings, const Subject& subject, const std::vector<Outcome>& outcomes,
                     const Clock& clock, Random& random);

// What people read first; the first part of the report.
std::string explain(const Settings& settings, const Subject& subject, const std::vector<Outcome>& outcomes,
                    bool whole_is_returned);
// The part for programs: the content of message/delivery-status or message/global-delivery-status.
std::string delivery_status(const Settings& settings, const Subject& subject,
                            const std::vector<Outcome>& outcomes, Letters letters);

}  // namespace hongyan::dsn
