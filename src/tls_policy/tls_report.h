// SMTP TLS reporting (RFC 8460): what is counted for a domain in a day, and the report of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "dns/answer.h"
#include "dns/mail_hosts.h"
#include "message/address.h"
#include "tls_policy/mta_sts.h"

namespace hongyan::tls_policy {

// Where a domain wants reports: "mailto:..." and "https://..." URIs as they stand in its TXT record; none if
// not exactly one record is of this kind and well formed. Other schemes are left out (RFC 8460 §3).
inline constexpr std::size_t most_report_targets = 10;
std::vector<std::string> parse_report_targets(const std::vector<dns::Txt>& records);
Result<dns::Name> report_record_name(const dns::Name& domain);
// The address of a mailto URI, its percent-encoding undone and its header fields left out (RFC 6068 §2);
// invalid if it is none or not just one.
Result<message::Address> address_of_mailto(std::string_view uri);

// RFC 8460 §4.3.
enum class TlsResult : std::uint8_t {
    success,
    starttls_not_supported,
    certificate_host_mismatch,
    certificate_expired,
    certificate_not_trusted,
    validation_failure,
    tlsa_invalid,
    dnssec_invalid,
    dane_required,
    sts_policy_fetch_error,
    sts_policy_invalid,
    sts_webpki_invalid,
};
std::string_view to_string(TlsResult result);

// The policy that applied to a session (RFC 8460 §4.4).
struct ReportedPolicy {
    enum class Type : std::uint8_t { no_policy_found, tlsa, sts };
    Type type = Type::no_policy_found;
    std::vector<std::string> lines = {};  // the policy-string
    std::vector<std::string> mx = {};     // of MTA-STS

    static ReportedPolicy none() { return {}; }
    static ReportedPolicy of(const StsPolicy& policy);
    static ReportedPolicy of(const dns::HostTlsa& tlsa);
    friend auto operator<=>(const ReportedPolicy&, const ReportedPolicy&) = default;
};

// How a session failed; equal ones are counted together.
struct TlsTrouble {
    TlsResult result = TlsResult::success;
    std::string sending_address = {};
    std::string mx_host = {};
    std::string receiving_address = {};
    std::string reason = {};  // the failure-reason-code
    friend auto operator<=>(const TlsTrouble&, const TlsTrouble&) = default;
};

// The sessions with one policy domain in one day (UTC).
class TlsDay {
public:
    // Of more than these only the sums are kept, so that no peer makes the record grow without end.
    static constexpr std::size_t most_policies = 10;
    static constexpr std::size_t most_troubles = 50;  // of one policy
    static constexpr std::size_t longest_text = 500;  // bytes of one text

    void add_success(const ReportedPolicy& policy, std::uint64_t count = 1);
    void add(const ReportedPolicy& policy, const TlsTrouble& trouble, std::uint64_t count = 1);
    void merge(const TlsDay& other);
    bool is_empty() const { return policies_.empty(); }

    struct Sums {
        std::uint64_t successes = 0;
        std::uint64_t failures = 0;
        std::map<TlsTrouble, std::uint64_t> troubles = {};
        friend bool operator==(const Sums&, const Sums&) = default;
    };
    const std::map<ReportedPolicy, Sums>& policies() const { return policies_; }

    std::string to_record() const;
    static Result<TlsDay> from_record(std::string_view record);
    friend bool operator==(const TlsDay&, const TlsDay&) = default;

private:
    Sums& sums_of(const ReportedPolicy& policy);
    std::map<ReportedPolicy, Sums> policies_;
};

struct TlsReport {
    dns::Name domain;           // the policy domain
    std::chrono::sys_days day;  // UTC, the whole of it
    std::string organization;   // who reports
    message::Mailbox contact;   // From of the mail; its domain is the submitter
    std::string id;             // unique; letters, digits, dots, hyphens
    TlsDay sums;
};

// RFC 8460 §4.4.
std::string to_json(const TlsReport& report);
// As RFC 1952 has it. application/tlsrpt+gzip.
std::string gzip(std::string_view bytes);
// "mail.sndr.example.com!example.com!1470013207!1470186007!001.json.gz" (RFC 8460 §5.1).
std::string report_file_name(const TlsReport& report);
// The whole message (RFC 8460 §5.3), with CRLF; to be signed by DKIM.
std::string report_mail(const TlsReport& report, const message::Mailbox& to, const Clock& clock,
                        Random& random);

}  // namespace hongyan::tls_policy
