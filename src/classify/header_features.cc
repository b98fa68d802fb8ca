// What the header says, as far as the sender wrote it. What the way of a message and its recipients add says
// rather where it was collected than what it is: Received, Delivered-To, To and Cc, List-… and marks of other
// filters are no features (docs/decisions/0041).
#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "classify/extract.h"
#include "classify/words.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/utf8.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t max_subject_words = 200;
constexpr std::size_t max_name_words = 30;
constexpr std::size_t max_value = 2'000;  // bytes of a field that are read

// Fields that mail programs write, whose presence and words tell one program from another.
constexpr std::string_view programs[] = {"X-Mailer", "User-Agent", "X-MimeOLE", "X-Accept-Language"};
constexpr std::string_view telling[] = {"Importance",
                                        "Organization",
                                        "X-Priority",
                                        "X-MSMail-Priority",
                                        "MIME-Version",
                                        "References",
                                        "In-Reply-To",
                                        "Reply-To",
                                        "Comments",
                                        "X-Encoding",
                                        "Content-Language",
                                        "Disposition-Notification-To",
                                        "Content-Transfer-Encoding"};
// Fields whose letters are looked at four by four: what words do not catch.
constexpr std::string_view spelled[] = {
    "From",       "Subject",      "Message-ID",       "Reply-To",
    "X-Mailer",   "User-Agent",   "Content-Type",     "Content-Transfer-Encoding",
    "X-Priority", "MIME-Version", "X-MSMail-Priority"};
constexpr std::size_t max_spelled = 4'000;  // bytes of each

struct Header {
    std::optional<std::string> date, message_id, from, reply_to, to, cc, subject, in_reply_to, references,
        priority, mime_version, content_type;
};
struct Slot {
    std::string_view name;
    std::optional<std::string> Header::* value;
};
constexpr auto slots = std::to_array<Slot>({
    {"Date", &Header::date},
    {"Message-ID", &Header::message_id},
    {"From", &Header::from},
    {"Reply-To", &Header::reply_to},
    {"To", &Header::to},
    {"Cc", &Header::cc},
    {"Subject", &Header::subject},
    {"In-Reply-To", &Header::in_reply_to},
    {"References", &Header::references},
    {"X-Priority", &Header::priority},
    {"MIME-Version", &Header::mime_version},
    {"Content-Type", &Header::content_type},
});

std::string value_of(const message::Field& field) {
    return std::string(ascii::trim(message::unfold(field.value.substr(0, max_value))));
}

// Letters of one kind in a row as one: "<20020822.AB12@" has the shape "0.a0". Tells programs apart.
std::string shape_of(std::string_view text) {
    std::string shape;
    for (const char c : text.substr(0, 200)) {
        const char kind = ascii::is_digit(c)     ? '0'
                          : c >= 'A' && c <= 'Z' ? 'A'
                          : c >= 'a' && c <= 'z' ? 'a'
                                                 : c;
        if (shape.empty() || shape.back() != kind || (kind != '0' && kind != 'a' && kind != 'A'))
            shape += kind;
        if (shape.size() > 30) break;
    }
    return shape;
}

std::string without_digits(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!ascii::is_digit(c) && (c != '.' || !out.ends_with('.'))) out += c;
    return out;
}

void look_at_date(Traits& traits, const std::optional<std::string>& date, std::optional<Instant> came) {
    using namespace std::chrono_literals;
    if (!date) return traits.set(Trait::no_date);
    const auto read = message::parse_date(*date);
    if (!read) return traits.set(Trait::unreadable_date);
    if (!came) return;
    traits.set(Trait::date_ahead, read->instant > *came + 24h);
    traits.set(Trait::date_behind, read->instant < *came - 96h);
}

// The date's form, and its zone: which program wrote it.
void add_date_shape(Features& features, std::string_view date) {
    std::string shape;
    for (const char c : shape_of(date)) shape += c;
    features.add(Kind::header, "date like " + shape);
    const auto last = date.find_last_of(' ');
    if (last != std::string_view::npos && date.size() - last <= 8)
        features.add(Kind::header, "zone " + std::string(date.substr(last + 1)));
}

bool is_reply_subject(std::string_view subject) { return ascii::istarts_with(subject, "re:"); }

// "Great offer            xkqjz": filters that compare whole subjects are to see another one each time.
bool is_tagged(std::string_view subject) {
    const auto gap = subject.rfind("      ");
    return gap != std::string_view::npos && gap > 0 && !ascii::trim(subject.substr(gap)).empty();
}

bool is_spaced(std::string_view subject) {
    std::size_t run = 0;
    for (std::size_t i = 0; i + 1 < subject.size(); i += 2) {
        run = ascii::is_alpha(subject[i]) && subject[i + 1] == ' ' ? run + 1 : 0;
        if (run >= 5) return true;
    }
    return false;
}

std::string without_tags(std::string_view subject) {
    std::string out;
    int depth = 0;
    for (const char c : subject) {
        depth += c == '[' ? 1 : 0;
        if (depth == 0) out += c;
        depth -= c == ']' && depth > 0 ? 1 : 0;
    }
    return out;
}

void look_at_subject(Seen& seen, const Header& header, const Without& without) {
    auto subject = header.subject ? message::decode_header_text(*header.subject) : std::string();
    if (without.list_marks) subject = without_tags(subject);
    auto& traits = seen.traits;
    const auto letters = letters_of(subject);
    traits.set(Trait::no_subject, ascii::trim(subject).empty());
    traits.set(Trait::shouted_subject, letters.capitals >= 8 && letters.capitals > 3 * letters.small);
    traits.set(Trait::excited_subject, letters.exclamations >= 2);
    traits.set(Trait::tagged_subject, is_tagged(subject));
    traits.set(Trait::spaced_subject, is_spaced(subject));
    const bool answers = header.in_reply_to || header.references;
    traits.set(Trait::real_reply, answers);
    traits.set(Trait::false_reply, is_reply_subject(subject) && !answers);
    traits.set(Trait::raw_header, header.subject && !message::valid_utf8(*header.subject));
    add_words(seen.features, words_of(subject, max_subject_words), Kind::subject_word, Kind::subject_pair,
              without);
}

// "service@bank.example" <x@elsewhere.example>
bool shows_other_address(std::string_view name, std::string_view domain) {
    const auto at = name.find('@');
    if (at == std::string_view::npos) return false;
    const auto shown = name.substr(at + 1, name.find_first_of(" )>\"'", at) - at - 1);
    return shown.contains('.') && !ascii::iequals(registered_domain(shown), registered_domain(domain));
}

void look_at_sender(Seen& seen, const Header& header, const Without& without) {
    auto& traits = seen.traits;
    const auto senders = message::parse_address_list(header.from.value_or(""));
    if (senders.empty() || senders.front().domain.empty()) return traits.set(Trait::no_sender);
    const auto& sender = senders.front();
    const auto name = message::display_name(sender);
    const auto domain = ascii::to_lower(sender.domain);
    if (!without.sender) {
        add_words(seen.features, words_of(name, max_name_words), Kind::name_word, Kind::name_word,
                  {.pairs = true});
        seen.features.add(Kind::sender_domain, domain);
        seen.features.add(Kind::sender_domain, registered_domain(domain));
    }
    traits.set(Trait::sender_shows_other_address, shows_other_address(name, domain));
    traits.set(Trait::sender_of_digits, std::ranges::count_if(sender.local_part, ascii::is_digit) >= 4);
    seen.features.add(Kind::header, "sender like " + shape_of(sender.local_part));
    if (name.empty()) seen.features.add(Kind::header, "sender without a name");
    const auto answers = message::parse_address_list(header.reply_to.value_or(""));
    if (answers.empty()) return;
    traits.set(Trait::answers_elsewhere,
               !ascii::iequals(registered_domain(answers.front().domain), registered_domain(domain)));
}

void look_at_message_id(Seen& seen, const Header& header) {
    if (!header.message_id) return seen.traits.set(Trait::no_message_id);
    const std::string_view id = *header.message_id;
    const auto at = id.rfind('@');
    seen.traits.set(Trait::bare_message_id,
                    at == std::string_view::npos || id.find('.', at) == std::string_view::npos);
    seen.features.add(Kind::header, "Message-ID like " + shape_of(id.substr(0, at)));
}

// Whether the sender knows the name of whom he writes to, and to how many he writes.
void add_recipients(Features& features, std::string_view field, const std::optional<std::string>& value) {
    if (!value) return;
    const auto list = message::parse_address_list(*value);
    const std::string name(field);
    features.add(Kind::recipients,
                 name + ", number: " + std::to_string(std::min<std::size_t>(list.size(), 3)));
    if (list.empty()) return;
    const auto shown = message::display_name(list.front());
    features.add(Kind::recipients,
                 name + (shown.empty()                                    ? " without a name"
                         : ascii::iequals(shown, list.front().local_part) ? " named as in the address"
                         : shown.contains('@')                            ? " with an address as the name"
                         : shown.contains(' ')                            ? " with a whole name"
                                                                          : " with a single name"));
}

void look_at_recipients(Traits& traits, const Header& header) {
    traits.set(Trait::no_recipients, !header.to && !header.cc);
    traits.set(Trait::hidden_recipients, header.to && ascii::to_lower(*header.to).contains("undisclosed"));
}

void add_program(Features& features, std::string_view name, const std::string& value) {
    const auto text = without_digits(value);
    features.add(Kind::header, std::string(name) + ": " + text.substr(0, 60));
    features.add(Kind::header, std::string(name) + ": " + text.substr(0, text.find(' ')) + "…");
}

void look_at_fields(Seen& seen, Header& header, std::string_view raw) {
    for (const auto& field : message::Fields(raw)) {
        for (const auto& slot : slots)
            if (auto& value = header.*slot.value; field.is(slot.name) && !value) value = value_of(field);
        for (const auto name : programs)
            if (field.is(name)) add_program(seen.features, name, value_of(field));
        for (const auto name : spelled)
            if (field.is(name)) seen.features.add_fragments(Kind::header_fragment, field.whole, max_spelled);
        for (const auto name : telling)
            if (field.is(name)) seen.features.add(Kind::header, std::string(field.name) + " is there");
    }
}

}  // namespace

void look_at_header(Seen& seen, std::string_view raw, std::optional<Instant> came, const Without& without) {
    Header header;
    Seen whole;  // takes what is not wanted
    auto& into = without.header ? whole : seen;
    look_at_fields(into, header, raw);
    look_at_subject(seen, header, without);
    look_at_sender(seen, header, without);
    look_at_message_id(into, header);
    look_at_recipients(seen.traits, header);
    add_recipients(into.features, "To", header.to);
    add_recipients(into.features, "Cc", header.cc);
    look_at_date(seen.traits, header.date, came);
    if (header.date) add_date_shape(into.features, *header.date);
    seen.traits.set(Trait::urgent, header.priority && header.priority->starts_with('1'));
    seen.traits.set(Trait::no_mime_version, header.content_type && !header.mime_version);
    if (header.priority) into.features.add(Kind::header, "X-Priority: " + header.priority->substr(0, 10));
}

}  // namespace hongyan::classify
