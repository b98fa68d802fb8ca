// What has become of a message in a session, recipient by recipient.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "smtp/wire/reply.h"

namespace hongyan::smtp_client {

// Where in the conversation something was decided.
enum class Stage {
    connection,      // it broke, or the peer said what nobody asked for
    greeting,        // 220
    hello,           // EHLO, HELO, LHLO
    tls,             // STARTTLS
    authentication,  // AUTH
    offer,           // nothing was said: what the peer can do does not suffice
    reset,           // RSET
    mail,            // MAIL
    recipient,       // RCPT
    data,            // DATA, and BDAT before the last
    message,         // the reply to the whole message
    farewell,        // QUIT
};
std::string_view to_string(Stage stage);

enum class Fate {
    accepted,   // the peer has it, and will send what notifications were asked for (RFC 3461 §5.2.1)
    relayed,    // the peer has it, and knows nothing of notifications (RFC 3461 §5.2.2)
    delivered,  // the peer has it, over LMTP and without DSN: there is no further hop
    deferred,   // not now: to be tried again
    failed,     // never
};
std::string_view to_string(Fate fate);

struct Outcome {
    Fate fate = Fate::deferred;
    Stage stage = Stage::connection;
    std::string status = {};  // RFC 3463, always there: the peer's, or what its reply means
    smtp::Reply reply = {0, "", std::vector<std::string>{}};  // the peer's; code 0: it has said nothing
    std::string reason = {};  // ours, where the peer has said nothing: "the connection was lost"
    // The whole message had gone out and nobody answered: perhaps the peer has it. Deferred; trying again may
    // make a duplicate, not trying would lose mail (RFC 5321 §4.5.3.2.6, §6.1).
    bool uncertain = false;
    // The peer was never asked about this recipient, because the session may hold no more: not an attempt, a
    // new session will do.
    bool untried = false;

    bool is_success() const { return fate != Fate::deferred && fate != Fate::failed; }
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

// One line: "deferred 4.2.1 at RCPT: 450 4.2.1 Mailbox busy". Texts of several lines are joined with " / ".
std::string to_text(const Outcome& outcome);

// What became of one message: next() gives it once. In the order of Outgoing::recipients, one for each.
struct Report {
    std::vector<Outcome> outcomes = {};

    bool has_success() const;
    friend bool operator==(const Report&, const Report&) = default;
};

// Why a session takes no (more) messages.
struct Problem {
    Stage stage = Stage::connection;
    Outcome outcome =
        {};  // what a message gets for it: deferred, or failed where the peer will never have it

    friend bool operator==(const Problem&, const Problem&) = default;
};

// Bytes of a peer's text that an outcome keeps: it is stored for every recipient, and read by people.
inline constexpr std::size_t longest_reply = 2000;
// The reply with as much of its text as that, valid UTF-8 still.
smtp::Reply shortened(const smtp::Reply& reply);

// What the peer's refusal means: 5xx has failed, all else is deferred. The status is the peer's, or derived.
Outcome refused(Stage stage, const smtp::Reply& reply);
// For what the peer has not said: deferred, or failed for a status of class 5.
Outcome refused(Stage stage, std::string_view status, std::string reason);

// The same, but to be tried again whatever the code says; the status is of class 4.
Outcome deferred(Outcome outcome);

// The enhanced code that a reply without one stands for there (RFC 3463 §3, RFC 5248 §2.4): 2.0.0, 4.0.0 or
// 5.0.0 where the code alone tells no more.
std::string derived_status(Stage stage, int code);

}  // namespace hongyan::smtp_client
