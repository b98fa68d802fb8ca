#include "dsn/compose.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/check.h"
#include "message/composer.h"
#include "message/field.h"
#include "message/utf8.h"

namespace hongyan::dsn {

namespace {

using message::Entity;
using message::Headers;

constexpr std::size_t most_header_returned = 64 * 1024;  // bytes; more than any list of trace fields
constexpr std::size_t longest_subject = 200;             // bytes of the subject, quoted in ours

bool tells_of(const std::vector<Outcome>& outcomes, Action action) {
    return std::ranges::any_of(outcomes, [&](const Outcome& outcome) { return outcome.action == action; });
}

// Lines that servers pass on whatever they know (RFC 5321 §4.5.3.1.6); others could not be returned without
// an encoding, which message/rfc822 may not have (RFC 2046 §5.2.1).
bool can_be_returned_whole(std::string_view raw) {
    std::size_t start = 0;
    while (start < raw.size()) {
        const auto end = message::line_end(raw, start);
        if (end - start > message::longest_line + 2) return false;
        start = end;
    }
    return !raw.contains('\0');
}

// RFC 3461 §6.2
bool is_returned_whole(const Settings& settings, const Subject& subject,
                       const std::vector<Outcome>& outcomes) {
    if (!tells_of(outcomes, Action::failed) || subject.wanted_return == Return::headers) return false;
    const auto most = subject.wanted_return == Return::full
                          ? settings.most_returned
                          : std::min(settings.most_returned, settings.most_returned_unasked);
    return subject.message.size() <= most && can_be_returned_whole(subject.message);
}

// All up to the empty line, or as many whole fields as fit.
std::string_view header_of(std::string_view raw) {
    std::size_t size = 0;
    for (const auto& field : message::Fields(raw)) {
        if (size + field.whole.size() > most_header_returned) break;
        size += field.whole.size();
    }
    return raw.substr(0, size);
}

Entity of_type(std::string_view type, std::string_view content, Headers headers) {
    auto entity = message::content_of(type, content);
    entity.seven_bit = headers == Headers::ascii;
    return entity;
}

// The third part (RFC 6522 §3, RFC 6533 §4.2, §4.3). 8-bit headers that are no UTF-8 are no message/global:
// they go as they came.
Entity returned(std::string_view raw, bool whole, Headers headers) {
    const auto header = header_of(raw);
    const bool is_global = !message::is_ascii(header) && message::valid_utf8(header);
    if (!whole && is_global) return of_type("message/global-headers", header, headers);
    if (!whole) return message::content_of("text/rfc822-headers", header);
    if (is_global) return of_type("message/global", raw, headers);
    return message::content_of("message/rfc822", raw);
}

Phrase subject_phrase(const std::vector<Outcome>& outcomes) {
    if (tells_of(outcomes, Action::failed)) return Phrase::subject_failed;
    if (tells_of(outcomes, Action::delayed)) return Phrase::subject_delayed;
    return Phrase::subject_delivered;
}

std::string subject_line(const Settings& settings, const Subject& subject,
                         const std::vector<Outcome>& outcomes) {
    auto about = message::truncate_utf8(
        message::one_line(message::decode_header_text(message::unfolded(subject.message, "Subject"))),
        longest_subject);
    if (ascii::trim(about).empty()) about = text_of(Phrase::no_subject, settings.language);
    return fmt::format(fmt::runtime(text_of(subject_phrase(outcomes), settings.language)), about);
}

}  // namespace

Return parse_return(std::string_view value) {
    if (ascii::iequals(value, "FULL")) return Return::full;
    return ascii::iequals(value, "HDRS") ? Return::headers : Return::unsaid;
}

Notification compose(const Settings& settings, const Subject& subject, const std::vector<Outcome>& outcomes,
                     const Clock& clock, Random& random) {
    check(!outcomes.empty(), "a notification tells of somebody");
    const bool is_international = subject.sender.is_international();
    const auto headers = is_international ? Headers::utf8 : Headers::ascii;
    const bool whole = is_returned_whole(settings, subject, outcomes);
    const auto message_id = message::unfolded(subject.message, "Message-ID");

    message::Composer mail(clock, random, settings.host, headers);
    mail.mailbox("From", {std::string(text_of(Phrase::sender_name, settings.language)), settings.from})
        .mailbox("To", {{}, subject.sender})
        .text("Subject", subject_line(settings, subject, outcomes))
        .structured("Auto-Submitted", "auto-replied")  // RFC 3834 §5
        .message_ids("In-Reply-To", {&message_id, 1})
        .message_ids("References", {&message_id, 1})
        .structured("Content-Language", tag_of(settings.language));
    const auto status =
        is_international ? of_type("message/global-delivery-status",
                                   delivery_status(settings, subject, outcomes, Letters::utf8), headers)
                         : message::content_of("message/delivery-status",
                                               delivery_status(settings, subject, outcomes, Letters::ascii));
    const auto text = message::plain_text(explain(settings, subject, outcomes, whole));
    Notification made;
    made.message = mail.compose(
        message::report("delivery-status", {text, status, returned(subject.message, whole, headers)}));
    made.message_id = mail.message_id();
    made.eight_bit = !message::is_ascii(made.message);
    made.smtputf8 = is_international;
    return made;
}

}  // namespace hongyan::dsn
