// What the outcome of an attempt means for the recipient, the queue and the sender.
#pragma once

#include <optional>

#include "base/random.h"
#include "dsn/compose.h"
#include "outbound/settings.h"
#include "queue/work.h"
#include "smtp_client/report.h"

namespace hongyan::outbound {

// How and where an attempt was made.
struct Circumstances {
    std::string host = {};     // its name; empty: none was reached
    std::string address = {};  // "[192.0.2.1]:25"
    std::string tls = {};      // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty: none
    std::string policy = {};   // "dane", "pkix", "opportunistic"
    std::chrono::milliseconds duration = {};
    bool keeps_deadlines = false;  // the server delivers in time or tells of it (RFC 2852)
};

struct Verdict {
    queue::Outcome outcome;              // for the queue
    std::optional<dsn::Outcome> notice;  // for the sender, if he is to hear of it
};

// Pure but for the dice, which spread the next attempts. The recipient is one of the entry.
Verdict judge(const Settings& settings, const queue::Entry& entry, const queue::Recipient& recipient,
              std::uint64_t token, const smtp_client::Outcome& found, const Circumstances& where, Instant now,
              Random& random);

}  // namespace hongyan::outbound
