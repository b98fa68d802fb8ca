// Reports as others send them: in a mail, or as the file in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/aggregate.h"
#include "reports/tls.h"

namespace hongyan::reports {

enum class Kind { dmarc, tls };
std::string_view to_string(Kind kind);

using Report = std::variant<AggregateReport, TlsReport>;
Kind kind_of(const Report& report);

// What all reports have.
struct Outline {
    Kind kind = Kind::dmarc;
    std::string organization = {}, id = {}, domain = {};
    std::uint64_t begin = 0, end = 0;  // seconds since 1970 UTC
    std::uint64_t good = 0, bad = 0;   // messages that passed DMARC or not; sessions
    friend bool operator==(const Outline&, const Outline&) = default;
};
Outline outline_of(const Report& report);
// Whether SPF or DKIM vouch for the messages of a row.
bool has_passed(const Traits& traits);

// XML of DMARC or JSON of TLS-RPT, packed or not. Errors are those of unpack() and the parsers.
Result<Report> read_report(std::string_view octets);

// What in a message may be a report, its transfer encoding undone: parts of the media types and with the file
// names that RFC 7489 §7.2.1.1, RFC 8460 §5.3 and the practice of reporters give them. At most
// `most_attachments`.
inline constexpr std::size_t most_attachments = 10;
std::vector<std::string> attached_reports(std::string_view message);

// Either: a file as attached, or a whole message with at least one report that can be read. not_found if the
// message holds none; the error of the first one if none can be read.
Result<std::vector<Report>> read_file(std::string_view octets);

}  // namespace hongyan::reports
