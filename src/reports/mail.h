// Aggregate reports as mail (RFC 7489 §7.2.1.1).
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "message/address.h"
#include "reports/aggregate.h"

namespace hongyan::reports {

// "mail.receiver.example!example.com!1013662812!1013749130!0123.xml.gz"
std::string file_name(const AggregateReport& report, std::string_view submitter);

// The whole message with CRLF; to be signed. `packed` is the report in XML, compressed as RFC 1952 has it.
// The domain of `from` is the submitter.
std::string aggregate_mail(const AggregateReport& report, std::string_view packed,
                           const message::Mailbox& from, const message::Mailbox& to, const Clock& clock,
                           Random& random);

// In its place where it is larger than anybody takes it (RFC 7489 §7.2.2).
std::string too_large_mail(const AggregateReport& report, std::uint64_t size, const message::Mailbox& from,
                           const message::Mailbox& to, const Clock& clock, Random& random);

}  // namespace hongyan::reports
