#include "reports/mail.h"

#include "base/ascii.h"
#include "message/composer.h"
#include "message/date.h"
#include "reports/moment.h"

namespace hongyan::reports {

namespace {

message::Composer begin_mail(const AggregateReport& report, std::string_view subject,
                             const message::Mailbox& from, const message::Mailbox& to, const Clock& clock,
                             Random& random) {
    const auto& submitter = from.address.domain;
    message::Composer composer(clock, random, submitter);
    composer.mailbox("From", from)
        .mailbox("To", to)
        .text("Subject", fmt::format("{}Report Domain: {} Submitter: {} Report-ID: <{}>", subject,
                                     report.policy.domain, submitter.text(), report.id))
        .structured("Auto-Submitted", "auto-generated");
    return composer;
}

// unique-id = 1*(ALPHA / DIGIT): what is before the at sign.
std::string unique_part(std::string_view id) {
    std::string out;
    for (const char c : id.substr(0, id.find('@')))
        if (ascii::is_alnum(c)) out += c;
    return out;
}

}  // namespace

std::string file_name(const AggregateReport& report, std::string_view submitter) {
    return fmt::format("{}!{}!{}!{}!{}.xml.gz", submitter, report.policy.domain, report.begin, report.end,
                       unique_part(report.id));
}

std::string aggregate_mail(const AggregateReport& report, std::string_view packed,
                           const message::Mailbox& from, const message::Mailbox& to, const Clock& clock,
                           Random& random) {
    const auto& submitter = from.address.domain.text();
    const auto words = fmt::format(
        "This is an aggregate report on mail in the name of {} that came to {}\n"
        "from {} to {}, {} messages, as the domain asks for in its\n"
        "DMARC record (RFC 7489). Programs read the attached file.\n",
        report.policy.domain, report.organization, moment_text(report.begin), moment_text(report.end),
        report.messages());
    const auto body = message::multipart(
        "mixed", {message::plain_text(words),
                  message::attachment(file_name(report, submitter), "application/gzip", packed)});
    return begin_mail(report, "", from, to, clock, random).compose(body);
}

std::string too_large_mail(const AggregateReport& report, std::uint64_t size, const message::Mailbox& from,
                           const message::Mailbox& to, const Clock& clock, Random& random) {
    const auto fields = fmt::format(
        "Report-Date: {}\nReport-Domain: {}\nReport-ID: {}\nReport-Size: {}\nSubmitter: {}\n"
        "Submitting-URI: mailto:{}\n",
        message::format_date(clock.now()), report.policy.domain, report.id, size, from.address.domain.text(),
        to.address.to_string());
    const auto words = fmt::format(
        "There is an aggregate report on mail in the name of {}, but it is larger than what the\n"
        "domain's DMARC record says to be taken (RFC 7489).\n",
        report.policy.domain);
    const auto body = message::multipart("mixed", {message::plain_text(fields), message::plain_text(words)});
    return begin_mail(report, "Too large: ", from, to, clock, random).compose(body);
}

}  // namespace hongyan::reports
