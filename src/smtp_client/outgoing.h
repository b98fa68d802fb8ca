// A message on its way out: what is said of it, and its bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "smtp/envelope.h"

namespace hongyan::smtp_client {

using smtp::DeliverBy;

// The envelope is said as far as the peer understands it; `parameters.size` is not looked at, the real size
// is said. What must be understood or the message not sent: SMTPUTF8 where the message needs it, REQUIRETLS,
// DeliverBy::Mode::give_back.
struct Outgoing {
    smtp::Path sender = {};
    smtp::MailParameters parameters = {};
    std::vector<smtp::Recipient> recipients = {};  // at least one
    bool require_tls = false;                      // RFC 8689
    std::optional<int> priority = {};              // -9 to 9 (RFC 6710 §3)
    std::optional<DeliverBy> deliver_by = {};
    std::string hold_until = {};  // RFC 3339, as HOLDUNTIL says it (RFC 4865 §4); empty: not
    // The message is the prefix (header fields that were put before it) and the content.
    std::string prefix = {};
    smtp::SharedMessage content = {};  // never null
};

}  // namespace hongyan::smtp_client
