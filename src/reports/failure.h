// A single message that failed, for a report of it alone (RFC 7489 §7.3, RFC 6591).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "message/address.h"

namespace hongyan::reports {

inline constexpr std::size_t longest_header = 20'000;  // bytes of the message that the report shows

struct Failure {
    std::string domain = {};                  // of the policy
    std::vector<std::string> wanted_at = {};  // ruf: URIs as written
    std::string kind = {};                    // Auth-Failure: "dmarc", "signature", "spf"
    std::string alignment = {};               // "none", "dkim", "spf"
    std::string delivery_result = {};         // "delivered", "spam", "reject", "other"
    std::string address = {};                 // of the host that sent it
    std::string envelope_from = {};           // the reverse-path; empty: null
    std::string header_from = {};             // a domain
    std::string results = {};                 // of Authentication-Results, without its name
    std::string dkim_domain = {}, dkim_identity = {}, dkim_selector = {};  // of the signature that failed
    std::string spf_domain = {};
    std::string message_id = {};
    std::uint64_t arrival = 0;  // seconds since 1970
    std::string header = {};    // without bodies: nobody's words but those that passed every relay anyway

    std::string to_record() const;
    static Result<Failure> from_record(std::string_view record);
    friend bool operator==(const Failure&, const Failure&) = default;
};

// The whole message with CRLF, multipart/report; to be signed. `spf_record` is that of spf_domain; empty if
// there is none.
std::string failure_mail(const Failure& failure, std::string_view spf_record, const message::Mailbox& from,
                         const message::Mailbox& to, const Clock& clock, Random& random);

}  // namespace hongyan::reports
