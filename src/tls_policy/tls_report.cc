#include "tls_policy/tls_report.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <zlib.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/record.h"
#include "message/composer.h"

namespace hongyan::tls_policy {

namespace {

constexpr std::string_view record_start = "v=TLSRPTv1";

// The names of TlsResult and of ReportedPolicy::Type, in their order.
constexpr std::string_view results[] = {"success",
                                        "starttls-not-supported",
                                        "certificate-host-mismatch",
                                        "certificate-expired",
                                        "certificate-not-trusted",
                                        "validation-failure",
                                        "tlsa-invalid",
                                        "dnssec-invalid",
                                        "dane-required",
                                        "sts-policy-fetch-error",
                                        "sts-policy-invalid",
                                        "sts-webpki-invalid"};
constexpr std::string_view types[] = {"no-policy-found", "tlsa", "sts"};

// Calls take(part) for what stands between the separators, without blanks around it.
template <typename Take>
void each_part(std::string_view text, char separator, Take take) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        take(ascii::trim(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

bool is_report_record(std::string_view text) {
    if (!text.starts_with(record_start)) return false;
    return ascii::trim(text.substr(record_start.size())).starts_with(';');
}

bool is_target(std::string_view uri) {
    const bool known = ascii::istarts_with(uri, "mailto:") || ascii::istarts_with(uri, "https://");
    return known && std::ranges::none_of(uri, [](char c) {
               return c == ' ' || c == '!' || ascii::is_control(c) || ascii::is_8bit(c);
           });
}

}  // namespace

std::string_view to_string(TlsResult result) { return results[static_cast<std::size_t>(result)]; }

Result<dns::Name> report_record_name(const dns::Name& domain) { return domain.under("_smtp._tls"); }

// tlsrpt-rua = "rua=" uri *(*WSP "," *WSP uri) (RFC 8460 §3); of several the first counts.
std::vector<std::string> parse_report_targets(const std::vector<dns::Txt>& records) {
    const dns::Txt* only = nullptr;
    for (const auto& record : records) {
        if (!is_report_record(record.text)) continue;
        if (only != nullptr) return {};
        only = &record;
    }
    std::vector<std::string> targets;
    std::optional<std::string_view> list;
    constexpr std::string_view rua = "rua=";
    if (only != nullptr)
        each_part(only->text, ';', [&](std::string_view field) {
            if (!list && field.starts_with(rua)) list = field.substr(rua.size());
        });
    each_part(list.value_or(""), ',', [&](std::string_view uri) {
        if (is_target(uri) && targets.size() < most_report_targets) targets.emplace_back(uri);
    });
    return targets;
}

Result<message::Address> address_of_mailto(std::string_view uri) {
    constexpr std::string_view scheme = "mailto:";
    if (!ascii::istarts_with(uri, scheme)) return fail(Error::Kind::invalid, "this is no mailto URI");
    const auto encoded = uri.substr(scheme.size(), uri.find('?') - std::min(uri.find('?'), scheme.size()));
    std::string text;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '%') {
            text += encoded[i];
            continue;
        }
        const auto octet = from_hex(encoded.substr(i + 1, 2));
        if (!octet || octet->size() != 1)
            return fail(Error::Kind::invalid, "a mailto URI is not well formed");
        text += *octet;
        i += 2;
    }
    return message::parse_address(text);
}

ReportedPolicy ReportedPolicy::of(const StsPolicy& policy) {
    return {.type = Type::sts, .lines = policy.lines(), .mx = policy.mx};
}

ReportedPolicy ReportedPolicy::of(const dns::HostTlsa& tlsa) {
    ReportedPolicy policy{.type = Type::tlsa};
    for (const auto& record : tlsa.records)
        policy.lines.push_back(
            fmt::format("{} {} {} {}", record.usage, record.selector, record.matching, to_hex(record.data)));
    std::ranges::sort(policy.lines);  // records come in any order
    return policy;
}

// --- counting

namespace {

std::string cut(const std::string& text) {
    std::string out = text.substr(0, TlsDay::longest_text);
    std::ranges::replace_if(out, [](char c) { return ascii::is_control(c) || ascii::is_8bit(c); }, '?');
    return out;
}

TlsTrouble cut(const TlsTrouble& trouble) {
    return {.result = trouble.result,
            .sending_address = cut(trouble.sending_address),
            .mx_host = cut(trouble.mx_host),
            .receiving_address = cut(trouble.receiving_address),
            .reason = cut(trouble.reason)};
}

}  // namespace

// Who changes his policy all day long is counted under none.
TlsDay::Sums& TlsDay::sums_of(const ReportedPolicy& policy) {
    if (policies_.contains(policy) || policies_.size() < most_policies) return policies_[policy];
    return policies_[ReportedPolicy::none()];
}

void TlsDay::add_success(const ReportedPolicy& policy, std::uint64_t count) {
    if (count > 0) sums_of(policy).successes += count;
}

void TlsDay::add(const ReportedPolicy& policy, const TlsTrouble& trouble, std::uint64_t count) {
    auto& sums = sums_of(policy);
    sums.failures += count;
    const auto shortened = cut(trouble);
    if (sums.troubles.contains(shortened) || sums.troubles.size() < most_troubles)
        sums.troubles[shortened] += count;
}

void TlsDay::merge(const TlsDay& other) {
    for (const auto& [policy, sums] : other.policies_) {
        auto failures = sums.failures;
        add_success(policy, sums.successes);
        for (const auto& [trouble, count] : sums.troubles) {
            add(policy, trouble, count);
            failures -= std::min(failures, count);
        }
        sums_of(policy).failures += failures;
    }
}

// --- the record

namespace {

constexpr std::uint32_t record_version = 1;
enum DayTag : FieldTag { tag_policy = 1 };
enum PolicyTag : FieldTag { tag_type = 1, tag_line, tag_mx, tag_successes, tag_failures, tag_trouble };
enum TroubleTag : FieldTag { tag_result = 1, tag_sending, tag_mx_host, tag_receiving, tag_reason, tag_count };

std::string trouble_record(const TlsTrouble& trouble, std::uint64_t count) {
    return RecordWriter(record_version)
        .number(tag_result, static_cast<std::uint64_t>(trouble.result))
        .text_unless_empty(tag_sending, trouble.sending_address)
        .text_unless_empty(tag_mx_host, trouble.mx_host)
        .text_unless_empty(tag_receiving, trouble.receiving_address)
        .text_unless_empty(tag_reason, trouble.reason)
        .number(tag_count, count)
        .take();
}

std::string policy_record(const ReportedPolicy& policy, const TlsDay::Sums& sums) {
    RecordWriter out(record_version);
    out.number(tag_type, static_cast<std::uint64_t>(policy.type));
    for (const auto& line : policy.lines) out.text(tag_line, line);
    for (const auto& mx : policy.mx) out.text(tag_mx, mx);
    out.number(tag_successes, sums.successes).number(tag_failures, sums.failures);
    for (const auto& [trouble, count] : sums.troubles) out.text(tag_trouble, trouble_record(trouble, count));
    return out.take();
}

bool read_trouble(std::string_view record, TlsDay::Sums& sums) {
    RecordReader in(record);
    TlsTrouble trouble;
    std::uint64_t result = 0;
    std::uint64_t count = 0;
    while (in.next()) switch (in.tag()) {
            case tag_result:
                result = in.number();
                break;
            case tag_sending:
                trouble.sending_address = in.text();
                break;
            case tag_mx_host:
                trouble.mx_host = in.text();
                break;
            case tag_receiving:
                trouble.receiving_address = in.text();
                break;
            case tag_reason:
                trouble.reason = in.text();
                break;
            case tag_count:
                count = in.number();
                break;
            default:
                break;
        }
    if (in.failed() || result >= std::size(results)) return false;
    trouble.result = static_cast<TlsResult>(result);
    sums.troubles[cut(trouble)] = count;
    return true;
}

bool read_policy(std::string_view record, ReportedPolicy& policy, TlsDay::Sums& sums) {
    RecordReader in(record);
    std::uint64_t type = 0;
    bool well = true;
    while (well && in.next()) switch (in.tag()) {
            case tag_type:
                type = in.number();
                break;
            case tag_line:
                policy.lines.emplace_back(in.text());
                break;
            case tag_mx:
                policy.mx.emplace_back(in.text());
                break;
            case tag_successes:
                sums.successes = in.number();
                break;
            case tag_failures:
                sums.failures = in.number();
                break;
            case tag_trouble:
                well = read_trouble(in.text(), sums);
                break;
            default:
                break;
        }
    if (!well || in.failed() || type >= std::size(types)) return false;
    policy.type = static_cast<ReportedPolicy::Type>(type);
    return true;
}

}  // namespace

std::string TlsDay::to_record() const {
    RecordWriter out(record_version);
    for (const auto& [policy, sums] : policies_) out.text(tag_policy, policy_record(policy, sums));
    return out.take();
}

Result<TlsDay> TlsDay::from_record(std::string_view record) {
    TlsDay day;
    RecordReader in(record);
    bool well = true;
    while (well && in.next()) {
        if (in.tag() != tag_policy) continue;
        ReportedPolicy policy;
        Sums sums;
        well = read_policy(in.text(), policy, sums);
        day.policies_[std::move(policy)] = std::move(sums);
    }
    if (!well || in.failed()) return fail(Error::Kind::corrupt, "a record of TLS sessions is damaged");
    return day;
}

// --- the report

namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& lines) {
    json::array out;
    for (const auto& line : lines) out.emplace_back(line);
    return out;
}

json::object policy_json(const TlsReport& report, const ReportedPolicy& policy) {
    json::object out{{"policy-type", types[static_cast<std::size_t>(policy.type)]}};
    if (policy.type != ReportedPolicy::Type::no_policy_found) out["policy-string"] = texts(policy.lines);
    out["policy-domain"] = report.domain.text();
    if (policy.type == ReportedPolicy::Type::sts) out["mx-host"] = texts(policy.mx);
    return out;
}

json::object trouble_json(const TlsTrouble& trouble, std::uint64_t count) {
    json::object out{{"result-type", to_string(trouble.result)}};
    const auto add = [&out](const char* name, const std::string& value) {
        if (!value.empty()) out[name] = value;
    };
    add("sending-mta-ip", trouble.sending_address);
    add("receiving-mx-hostname", trouble.mx_host);
    add("receiving-ip", trouble.receiving_address);
    out["failed-session-count"] = count;
    add("failure-reason-code", trouble.reason);
    return out;
}

json::object sums_json(const TlsReport& report, const ReportedPolicy& policy, const TlsDay::Sums& sums) {
    json::object out{{"policy", policy_json(report, policy)},
                     {"summary", json::object{{"total-successful-session-count", sums.successes},
                                              {"total-failure-session-count", sums.failures}}}};
    json::array details;
    for (const auto& [trouble, count] : sums.troubles) details.emplace_back(trouble_json(trouble, count));
    if (!details.empty()) out["failure-details"] = std::move(details);
    return out;
}

std::string date_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

const std::string& submitter(const TlsReport& report) { return report.contact.address.domain.text(); }

}  // namespace

std::string to_json(const TlsReport& report) {
    json::array policies;
    for (const auto& [policy, sums] : report.sums.policies())
        policies.emplace_back(sums_json(report, policy, sums));
    const auto date = date_text(report.day);
    const json::object out{{"organization-name", report.organization},
                           {"date-range", json::object{{"start-datetime", date + "T00:00:00Z"},
                                                       {"end-datetime", date + "T23:59:59Z"}}},
                           {"contact-info", report.contact.address.to_string()},
                           {"report-id", report.id},
                           {"policies", std::move(policies)}};
    return json::serialize(out);
}

std::string gzip(std::string_view bytes) {
    constexpr int gzip_window = 15 + 16;  // deflateInit2: 16 asks for gzip's frame
    constexpr int usual_memory = 8;
    z_stream stream{};
    check(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, usual_memory,
                       Z_DEFAULT_STRATEGY) == Z_OK,
          "zlib begins");
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    std::string in(bytes);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    check(ended == Z_STREAM_END, "what is compressed fits its bound");
    return out;
}

std::string report_file_name(const TlsReport& report) {
    const auto begin =
        std::chrono::duration_cast<std::chrono::seconds>(report.day.time_since_epoch()).count();
    constexpr long last_second = 24L * 3600 - 1;
    return fmt::format("{}!{}!{}!{}!001.json.gz", submitter(report), report.domain.text(), begin,
                       begin + last_second);
}

std::string report_mail(const TlsReport& report, const message::Mailbox& to, const Clock& clock,
                        Random& random) {
    const auto words = fmt::format(
        "This is a report on TLS sessions of {} with the mail servers of {}\non {} (UTC), as RFC 8460 "
        "describes "
        "it. Programs read the attached file.\n",
        submitter(report), report.domain.text(), date_text(report.day));
    auto body = message::report(
        "tlsrpt",
        {message::plain_text(words),
         message::attachment(report_file_name(report), "application/tlsrpt+gzip", gzip(to_json(report)))});
    message::Composer composer(clock, random, report.contact.address.domain);
    composer.mailbox("From", report.contact)
        .mailbox("To", to)
        .text("Subject", fmt::format("Report Domain: {} Submitter: {} Report-ID: <{}@{}>",
                                     report.domain.text(), submitter(report), report.id, submitter(report)))
        .structured("TLS-Report-Domain", report.domain.text())
        .structured("TLS-Report-Submitter", submitter(report))
        .structured("Auto-Submitted", "auto-generated");
    return composer.compose(body);
}

}  // namespace hongyan::tls_policy
