// The part for programs (RFC 3464 §2).
#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "dsn/compose.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/header_writer.h"
#include "message/utf8.h"

namespace hongyan::dsn {

namespace {

constexpr std::size_t longest_diagnostic = 4000;  // bytes; a reply of five full lines has 2,560

// Fields of one group, on lines of bearable length.
class Fields {
public:
    explicit Fields(Letters letters) : letters_(letters) {}

    // Nothing for an empty value.
    void put(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        message::put_field(out_, name,
                           letters_ == Letters::ascii ? to_ascii_text(value) : message::one_line(value));
    }
    void put(std::string_view name, std::string_view type, std::string_view value) {
        if (!value.empty()) put(name, fmt::format("{};{}", type, value));
    }
    void put(std::string_view name, const std::optional<Instant>& when) {
        if (when) put(name, message::format_date(*when));
    }
    void put(std::string_view name, const TypedAddress& address) { put(name, to_string(address, letters_)); }
    std::string take() { return std::move(out_); }

private:
    Letters letters_;
    std::string out_;
};

// An address literal and a bare number are no names in the DNS, and are taken as one even so (RFC 3461 §9.3
// (b)).
bool is_domain(std::string_view name) {
    return message::Domain::parse(name, message::International::no).has_value();
}

// RFC 3461 §9.2: the lines of a reply after another, each after a space; folding makes lines of them again.
std::string diagnostic_of(std::string_view reply) {
    std::string text;
    while (!reply.empty() && text.size() < longest_diagnostic) {
        const auto end = reply.find('\n');
        const auto line = ascii::trim(reply.substr(0, end));
        if (!line.empty()) text += (text.empty() ? "" : " ") + std::string(line);
        reply.remove_prefix(end == std::string_view::npos ? reply.size() : end + 1);
    }
    return message::truncate_utf8(message::one_line(text), longest_diagnostic);
}

// RFC 3464 §2.2
std::string message_fields(const Settings& settings, const Subject& subject, Letters letters) {
    Fields fields(letters);
    fields.put("Original-Envelope-Id", subject.envelope_id);
    fields.put("Reporting-MTA", "dns", settings.host.text());
    fields.put("Received-From-MTA", is_domain(subject.received_from) ? "dns" : "x-said-name",
               subject.received_from);
    fields.put("Arrival-Date", subject.arrival);
    fields.put("Deliver-By-Date", subject.deliver_by);
    // The moment, however it was asked for: HOLDFOR becomes one when the message comes.
    if (subject.release)
        fields.put("Future-Release-Request", "until", message::format_timestamp(*subject.release));
    fields.put("X-Hongyan-Queue-Id", subject.queue_id);
    return fields.take();
}

// RFC 3464 §2.3. Original-Recipient only of those who came with ORCPT (RFC 3461 §6.3 (d)).
std::string recipient_fields(const Outcome& outcome, Letters letters) {
    Fields fields(letters);
    if (!outcome.original.empty()) fields.put("Original-Recipient", parse_typed_address(outcome.original));
    fields.put("Final-Recipient", typed_address(outcome.address));
    fields.put("Action", to_string(outcome.action));
    fields.put("Status", to_string(status_for(outcome.action, outcome.status)));
    fields.put("Remote-MTA", "dns", outcome.remote_host);
    if (!outcome.remote_reply.empty())
        fields.put("Diagnostic-Code", "smtp", diagnostic_of(outcome.remote_reply));
    else
        fields.put("Diagnostic-Code", "x-hongyan", diagnostic_of(outcome.explanation));
    fields.put("Last-Attempt-Date", outcome.last_attempt);
    if (outcome.action == Action::delayed) fields.put("Will-Retry-Until", outcome.retry_until);
    return fields.take();
}

}  // namespace

// delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )   RFC 3464 §2.1
std::string delivery_status(const Settings& settings, const Subject& subject,
                            const std::vector<Outcome>& outcomes, Letters letters) {
    auto content = message_fields(settings, subject, letters);
    for (const auto& outcome : outcomes) content += "\r\n" + recipient_fields(outcome, letters);
    return content;
}

}  // namespace hongyan::dsn
