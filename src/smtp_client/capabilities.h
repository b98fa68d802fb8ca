// What a peer can do, as its answer to EHLO or LHLO tells (RFC 5321 §4.1.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/wire/reply.h"

namespace hongyan::smtp_client {

struct Capabilities {
    std::string name;  // what the peer calls itself

    std::optional<std::uint64_t> size;  // bytes; said without a number, or 0: no limit (RFC 1870 §3)
    bool knows_size = false;
    bool pipelining = false;                         // RFC 2920
    bool eight_bit = false;                          // 8BITMIME, RFC 6152
    bool smtputf8 = false;                           // RFC 6531
    bool chunking = false;                           // RFC 3030 §2
    bool binary = false;                             // BINARYMIME with CHUNKING, RFC 3030 §3
    bool dsn = false;                                // RFC 3461
    bool starttls = false;                           // RFC 3207
    bool enhanced_codes = false;                     // RFC 2034
    bool require_tls = false;                        // RFC 8689
    bool priorities = false;                         // MT-PRIORITY, RFC 6710
    std::optional<std::uint32_t> deliver_by;         // the least seconds; 0 without a number (RFC 2852 §3)
    bool future_release = false;                     // RFC 4865
    bool authentication = false;                     // RFC 4954
    std::vector<std::string> mechanisms = {};        // of AUTH, in upper case
    std::optional<std::uint32_t> most_recipients;    // RCPTMAX of a transaction, RFC 9422 §4.2
    std::optional<std::uint32_t> most_transactions;  // MAILMAX of a session, RFC 9422 §4.1

    bool offers(std::string_view mechanism) const;
    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// What is not known, or has a value that cannot be read, is passed over. The first line is the greeting.
Capabilities parse_capabilities(const smtp::Reply& reply);

}  // namespace hongyan::smtp_client
