#include "reports/failure.h"

#include "base/ascii.h"
#include "base/record.h"
#include "message/composer.h"
#include "message/date.h"
#include "reports/text.h"

namespace hongyan::reports {

namespace {

constexpr std::uint32_t record_version = 1;
enum Tag : FieldTag {
    tag_domain = 1,
    tag_wanted_at,
    tag_kind,
    tag_alignment,
    tag_delivery_result,
    tag_address,
    tag_envelope_from,
    tag_header_from,
    tag_results,
    tag_dkim_domain,
    tag_dkim_identity,
    tag_dkim_selector,
    tag_spf_domain,
    tag_message_id,
    tag_arrival,
    tag_header,
};

struct Field {
    FieldTag tag;
    std::string Failure::* text;
};
constexpr Field texts[] = {
    {tag_domain, &Failure::domain},
    {tag_kind, &Failure::kind},
    {tag_alignment, &Failure::alignment},
    {tag_delivery_result, &Failure::delivery_result},
    {tag_address, &Failure::address},
    {tag_envelope_from, &Failure::envelope_from},
    {tag_header_from, &Failure::header_from},
    {tag_results, &Failure::results},
    {tag_dkim_domain, &Failure::dkim_domain},
    {tag_dkim_identity, &Failure::dkim_identity},
    {tag_dkim_selector, &Failure::dkim_selector},
    {tag_spf_domain, &Failure::spf_domain},
    {tag_message_id, &Failure::message_id},
    {tag_header, &Failure::header},
};

// Fields of message/feedback-report (RFC 5965 §3.1), each on one line.
class Lines {
public:
    Lines& add(std::string_view name, std::string_view value) {
        if (!value.empty()) out_ += fmt::format("{}: {}\r\n", name, as_line(value));
        return *this;
    }
    std::string take() { return std::move(out_); }

private:
    static std::string as_line(std::string_view value) {
        auto line = tidy(value);
        for (char& c : line)
            if (ascii::is_8bit(c)) c = '?';
        return line;
    }
    std::string out_;
};

Instant instant_of(std::uint64_t seconds) {
    return Instant(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

// RFC 6591 §3.1, RFC 7489 §7.3.1.
std::string feedback(const Failure& failure, std::string_view spf_record) {
    Lines lines;
    lines.add("Feedback-Type", "auth-failure")
        .add("User-Agent", "Hongyan/1")
        .add("Version", "1")
        .add("Original-Mail-From", fmt::format("<{}>", failure.envelope_from))
        .add("Arrival-Date", message::format_date(instant_of(failure.arrival)))
        .add("Source-IP", failure.address)
        .add("Reported-Domain", failure.header_from)
        .add("Authentication-Results", failure.results)
        .add("Auth-Failure", failure.kind)
        .add("Identity-Alignment", failure.alignment)
        .add("Delivery-Result", failure.delivery_result)
        .add("DKIM-Domain", failure.dkim_domain)
        .add("DKIM-Identity", failure.dkim_identity)
        .add("DKIM-Selector", failure.dkim_selector);
    if (!failure.spf_domain.empty())
        lines.add("SPF-DNS", fmt::format("txt : {} : \"{}\"", failure.spf_domain, spf_record));
    return lines.take();
}

}  // namespace

std::string Failure::to_record() const {
    RecordWriter out(record_version);
    for (const auto& field : texts) out.text_unless_empty(field.tag, this->*field.text);
    for (const auto& uri : wanted_at) out.text(tag_wanted_at, uri);
    return out.number(tag_arrival, arrival).take();
}

Result<Failure> Failure::from_record(std::string_view record) {
    Failure failure;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag_wanted_at) failure.wanted_at.emplace_back(in.text());
        if (in.tag() == tag_arrival) failure.arrival = in.number();
        for (const auto& field : texts)
            if (in.tag() == field.tag) failure.*field.text = in.text();
    }
    if (in.failed()) return fail(Error::Kind::corrupt, "the record of a failure is damaged");
    return failure;
}

std::string failure_mail(const Failure& failure, std::string_view spf_record, const message::Mailbox& from,
                         const message::Mailbox& to, const Clock& clock, Random& random) {
    const auto words = fmt::format(
        "This is a report of one message that was authenticated by neither SPF nor DKIM as the domain\n"
        "{} wishes it, or not by both. It came from {} on {}.\n"
        "The domain asks for such reports in its DMARC record (RFC 7489, RFC 6591). Of the message itself\n"
        "there is the header only.\n",
        failure.header_from, failure.address, message::format_date(instant_of(failure.arrival)));
    const auto body = message::report(
        "feedback-report", {message::plain_text(words),
                            message::content_of("message/feedback-report", feedback(failure, spf_record)),
                            message::content_of("text/rfc822-headers", failure.header)});
    message::Composer composer(clock, random, from.address.domain);
    composer.mailbox("From", from)
        .mailbox("To", to)
        .text("Subject", fmt::format("DMARC failure report for {}", failure.header_from))
        .structured("Auto-Submitted", "auto-generated");
    return composer.compose(body);
}

}  // namespace hongyan::reports
