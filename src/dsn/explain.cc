// The text for people.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/ascii.h"
#include "dsn/compose.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/utf8.h"

namespace hongyan::dsn {

namespace {

constexpr std::size_t most_reply_lines = 20;     // of what a server said; real ones have up to five
constexpr std::size_t longest_reply_line = 512;  // bytes (RFC 5321 §4.5.3.1.5)
constexpr std::size_t longest_text = 300;        // bytes of a subject

// The order in which people want to know.
constexpr std::array order{Action::failed, Action::delayed, Action::delivered, Action::relayed,
                           Action::expanded};

Phrase heading_of(Action action) {
    switch (action) {
        case Action::failed:
            return Phrase::failed;
        case Action::delayed:
            return Phrase::delayed;
        case Action::delivered:
            return Phrase::delivered;
        case Action::relayed:
            return Phrase::relayed;
        case Action::expanded:
            break;
    }
    return Phrase::expanded;
}

std::string printable(std::string_view text, std::size_t most) {
    return message::truncate_utf8(message::one_line(text), most);
}

// Writes with the texts of one language.
class Writer {
public:
    explicit Writer(Language language) : language_(language) {}

    void line(std::string_view text = {}) { out_ += fmt::format("{}\n", text); }
    void phrase(Phrase phrase) { line(text_of(phrase, language_)); }
    void phrase(Phrase phrase, std::string_view value, std::string_view indent = {}) {
        line(fmt::format("{}{}", indent, filled(phrase, value)));
    }
    std::string filled(Phrase phrase, std::string_view value) const {
        return fmt::format(fmt::runtime(text_of(phrase, language_)), value);
    }
    Language language() const { return language_; }
    std::string take() { return std::move(out_); }

private:
    Language language_;
    std::string out_;
};

void put_reply(Writer& out, const Outcome& outcome) {
    if (outcome.remote_reply.empty()) return;
    out.phrase(Phrase::server_said, printable(outcome.remote_host, message::max_domain), "    ");
    std::string_view rest = outcome.remote_reply;
    for (std::size_t lines = 0; !rest.empty() && lines < most_reply_lines; ++lines) {
        const auto end = rest.find('\n');
        out.line("        " + std::string(ascii::trim(printable(rest.substr(0, end), longest_reply_line))));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

// "rfc822;ann@here.test" is shown if it is not the address we know.
void put_original(Writer& out, const Outcome& outcome) {
    if (outcome.original.empty()) return;
    const auto original = parse_typed_address(outcome.original).address;
    if (original != outcome.address)
        out.phrase(Phrase::written_as, fmt::format("<{}>", printable(original, message::max_path)), "    ");
}

void put_reason(Writer& out, const Outcome& outcome) {
    const auto status = status_for(outcome.action, outcome.status);
    const auto reason = reason_for(status, out.language());
    out.line(fmt::format("    {} {}", reason.what, out.filled(Phrase::code, to_string(status))));
    if (!outcome.explanation.empty()) out.line("    " + printable(outcome.explanation, longest_reply_line));
    put_reply(out, outcome);
    if (outcome.action == Action::failed) out.phrase(Phrase::advice, reason.advice, "    ");
    if (outcome.action == Action::delayed && outcome.retry_until)
        out.phrase(Phrase::retry_until, message::format_date(*outcome.retry_until), "    ");
}

void put_outcome(Writer& out, const Outcome& outcome) {
    out.line();
    out.line(fmt::format("  <{}>", printable(outcome.address, message::max_path)));
    put_original(out, outcome);
    if (outcome.action == Action::failed || outcome.action == Action::delayed) put_reason(out, outcome);
}

void put_outcomes(Writer& out, const std::vector<Outcome>& outcomes, Action action) {
    const auto is_such = [&](const Outcome& outcome) { return outcome.action == action; };
    if (std::ranges::none_of(outcomes, is_such)) return;
    out.phrase(heading_of(action));
    for (const auto& outcome : outcomes)
        if (is_such(outcome)) put_outcome(out, outcome);
    out.line();
    if (action != Action::delayed) return;
    out.phrase(Phrase::nothing_to_do);
    out.line();
}

// Which message this is about.
void put_description(Writer& out, std::string_view message) {
    const std::array<std::pair<std::string_view, Phrase>, 3> fields{
        {{"Subject", Phrase::about_subject},
         {"Date", Phrase::about_date},
         {"Message-ID", Phrase::about_message_id}}};
    for (const auto& [name, phrase] : fields) {
        const auto value = message::decode_header_text(message::unfolded(message, name));
        if (!value.empty()) out.phrase(phrase, printable(value, longest_text), "  ");
    }
    out.line();
}

Phrase about_attachment(const Settings& settings, const Subject& subject, bool whole_is_returned) {
    if (whole_is_returned) return Phrase::attached_whole;
    const bool is_large =
        subject.wanted_return == Return::full && subject.message.size() > settings.most_returned;
    return is_large ? Phrase::attached_header_large : Phrase::attached_header;
}

}  // namespace

std::string explain(const Settings& settings, const Subject& subject, const std::vector<Outcome>& outcomes,
                    bool whole_is_returned) {
    Writer out(settings.language);
    out.phrase(Phrase::made_by, settings.host.text());
    out.line();
    put_description(out, subject.message);
    for (const auto action : order) put_outcomes(out, outcomes, action);
    out.phrase(about_attachment(settings, subject, whole_is_returned));
    out.phrase(Phrase::do_not_answer);
    return out.take();
}

}  // namespace hongyan::dsn
