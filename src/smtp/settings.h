// How one listener speaks SMTP. Shared by its sessions; never changes while they live.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/budget.h"
#include "base/clock.h"
#include "sasl/circumstances.h"

namespace hongyan::smtp {

// SMTP with other servers (RFC 5321), with our users (RFC 6409), and LMTP (RFC 2033).
enum class Service { relay, submission, lmtp };

struct Limits {
    std::uint64_t message_size = std::uint64_t{50} << 20U;  // bytes (RFC 1870)
    std::size_t recipients = 1000;    // of a transaction; at least 100 (RFC 5321 §4.5.3.1.8)
    std::size_t transactions = 1000;  // of a session: MAILMAX (RFC 9422)
    std::size_t commands = 10'000;    // of a session
    int errors = 20;                  // of a session: replies 5xx
    int attempts = 3;                 // of a session: log-ins that failed
    std::size_t hops = 100;           // Received fields (RFC 5321 §6.3)
};

// What happens to a message in which a CR or LF stands alone. It never ends a line here; but when it is
// passed on, the next program may take it for one.
enum class StrayLineEnds { refuse, keep };

// What VRFY and EXPN tell (RFC 5321 §7.3).
enum class Verifying { vague, ask };

// What a client may wish for the way of a message.
struct Wishes {
    int highest_priority = 9;              // of those who have logged in (RFC 6710 §4.1); of others it is 0
    std::chrono::seconds longest_hold{0};  // FUTURERELEASE (RFC 4865 §3); 0: not offered
    // For a message that otherwise goes back: less is refused (RFC 2852 §3).
    std::chrono::seconds least_deliver_by{0};
};

struct Settings {
    std::string hostname = "localhost";
    Service service = Service::relay;
    bool offers_tls = false;    // STARTTLS is possible
    bool requires_tls = false;  // before MAIL and AUTH
    bool offers_authentication = false;
    bool requires_authentication = false;  // before MAIL
    bool fetches_urls = false;             // BURL for those who have logged in (RFC 4468)
    StrayLineEnds stray_line_ends = StrayLineEnds::refuse;
    Verifying verifying = Verifying::vague;
    bool tells_unknown = false;    // commands that there are not are asked about (UnknownCommand)
    bool tells_abandoned = false;  // and that a transaction comes to nothing (Abandon)
    Limits limits = {};
    Wishes wishes = {};
    const Clock* clock = nullptr;         // outlives the sessions; null: nothing is offered that needs one
    std::shared_ptr<Budget> memory = {};  // for messages of all sessions; null: without bound
    sasl::Settings sasl = {};
    std::chrono::milliseconds patience{std::chrono::minutes(5)};  // RFC 5321 §4.5.3.2.7
};

}  // namespace hongyan::smtp
