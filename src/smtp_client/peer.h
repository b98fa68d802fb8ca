// The peer as a session has come to know him.
#pragma once

#include <cstddef>
#include <limits>

#include "session/security.h"
#include "smtp_client/capabilities.h"
#include "smtp_client/settings.h"

namespace hongyan::smtp_client {

// The TLS under a session.
struct Security {
    session::Security tls = {};
    // The certificate is that of the host we meant, by DANE, or by its name and an authority: what REQUIRETLS
    // demands (RFC 8689 §4.2.1).
    bool is_authenticated = false;
};

struct Peer {
    Service service = Service::smtp;
    Security security = {};
    Capabilities can = {};
    bool has_logged_us_in = false;
    std::size_t transactions = 0;  // begun in this session
    // Of one transaction: as announced (RFC 9422 §4.2), or as the peer has shown with 452.
    std::size_t most_recipients = std::numeric_limits<std::size_t>::max();
    // MAIL was accepted and nothing has ended that: RSET must come before the next.
    bool is_in_transaction = false;

    bool may_begin_transaction() const {
        return !can.most_transactions || transactions < *can.most_transactions;
    }
};

}  // namespace hongyan::smtp_client
