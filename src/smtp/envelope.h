// What a client says of a message before it comes (RFC 5321 §2.3.1), and of himself.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "message/address.h"

namespace hongyan::smtp {

using message::Path;
// ann@here.test, "two words"@here.test, postmaster, or nothing: without the angle brackets.
std::string to_string(const Path& path);
// It cannot be said without SMTPUTF8 (RFC 6531 §3.2).
bool is_international(const Path& path);

enum class Body { seven_bit, eight_bit, binary };  // RFC 6152 §2, RFC 3030 §3

// What a notification gives back of the message (RFC 3461 §4.3).
enum class Return { unsaid, headers, full };

// When the sender wants to hear of a recipient (RFC 3461 §4.1).
struct Notify {
    bool said = false;  // otherwise of failures, perhaps of delays, as the server likes
    bool success = false;
    bool failure = false;
    bool delay = false;  // NEVER is said, and none of the three

    friend bool operator==(const Notify&, const Notify&) = default;
};

// Whom the sender first wrote to (RFC 3461 §4.2): "rfc822" and an address, decoded from xtext.
struct OriginalRecipient {
    std::string address_type;
    std::string address;

    friend bool operator==(const OriginalRecipient&, const OriginalRecipient&) = default;
};

struct Recipient {
    Path path;
    Notify notify = {};
    std::optional<OriginalRecipient> original = {};

    friend bool operator==(const Recipient&, const Recipient&) = default;
};

// In what time a message is to be delivered (RFC 2852 §4). Mode R: or it goes back to its sender, so the time
// is to come; mode N: or he hears that it takes longer.
struct DeliverBy {
    enum class Mode { notify, give_back };

    std::chrono::seconds remaining{};
    Mode mode = Mode::notify;
    bool trace = false;  // he wants to hear of every server that passes it on

    friend bool operator==(const DeliverBy&, const DeliverBy&) = default;
};

// The parameters of MAIL.
struct MailParameters {
    std::uint64_t size = 0;  // bytes as the client believes (RFC 1870 §6); 0: not said
    Body body = Body::seven_bit;
    bool smtputf8 = false;                      // RFC 6531 §3.4
    Return wanted_return = Return::unsaid;      // RFC 3461 §4.3
    std::string envelope_id = {};               // RFC 3461 §4.4, decoded; empty: none
    std::optional<std::string> submitter = {};  // AUTH=, decoded; "<>" if not known (RFC 4954 §5)
    std::optional<int> priority = {};           // MT-PRIORITY, -9 to 9 (RFC 6710 §3)
    // HOLDFOR, HOLDUNTIL: nobody gets the message before (RFC 4865 §3).
    std::optional<std::chrono::seconds> hold_for = {};
    std::optional<Instant> hold_until = {};
    std::optional<DeliverBy> deliver_by = {};  // BY, counted from MAIL (RFC 2852 §4)
    bool requiretls = false;                   // RFC 8689 §2

    bool is_to_be_held() const { return hold_for.has_value() || hold_until.has_value(); }
    friend bool operator==(const MailParameters&, const MailParameters&) = default;
};

struct Envelope {
    Path sender;
    MailParameters parameters = {};
    std::vector<Recipient> recipients = {};
    Instant begun = {};  // when MAIL came; {}: not known

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

// local: a program of this machine, without a session.
enum class Protocol { smtp, esmtp, lmtp, local };

// Who is at the other end, as far as is known at the moment.
struct Client {
    std::string address = {};    // "192.0.2.1", "2001:db8::1"; empty on a unix socket
    std::string said_name = {};  // after HELO, EHLO or LHLO
    Protocol protocol = Protocol::smtp;
    std::string security = {};  // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty in plain text
    std::string account = {};   // who has authenticated; empty: nobody
    bool talked_early = false;  // before it was greeted (RFC 5321 §4.3.1)

    friend bool operator==(const Client&, const Client&) = default;
};

// May be long, goes through many hands, and never changes.
using SharedMessage = std::shared_ptr<const std::string>;

}  // namespace hongyan::smtp
