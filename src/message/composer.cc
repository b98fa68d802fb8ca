#include "message/composer.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "message/date.h"
#include "message/entity_writer.h"
#include "message/field.h"
#include "message/header_writer.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

// field-name of RFC 5322 §3.6.8
bool is_field_name(std::string_view name) {
    return !name.empty() && name.size() < folded_line &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

std::string phrase(std::string_view utf8, Headers headers) {
    return encode_header_text(utf8, Context::phrase, max_encoded_word, headers);
}

std::string written(const Mailbox& mailbox, Headers headers) {
    auto address = mailbox.address.to_string();
    if (headers == Headers::ascii && mailbox.address.is_international())
        return phrase(mailbox.name.empty() ? address : mailbox.name + " " + address, headers) + ": ;";
    if (mailbox.name.empty()) return address;
    return phrase(mailbox.name, headers) + " <" + address + ">";
}

// "<" id ">", without blanks: what can stand among others.
bool is_message_id(std::string_view id, Headers headers) {
    return id.size() > 2 && id.size() < longest_line && id.front() == '<' && id.back() == '>' &&
           (headers == Headers::utf8 ? valid_utf8(id) : is_ascii(id)) &&
           std::ranges::none_of(
               id, [](char c) { return c == ' ' || ascii::is_control(c); }) &&
           !looks_encoded(id) && id.find_first_of("<>", 1) == id.size() - 1;
}

std::string new_message_id(const Clock& clock, Random& random, const Domain& host) {
    // An A-label is the caller's to give; a host without one still needs an identifier that is nobody else's.
    const auto right = is_ascii(host.text()) ? host.text() : "hongyan.invalid";
    return fmt::format("<{:x}.{}@{}>", clock.now().time_since_epoch().count(), to_hex(random.bytes(12)),
                       right);
}

}  // namespace

Composer::Composer(const Clock& clock, Random& random, const Domain& host, Headers headers)
    : clock_(clock), random_(random), headers_(headers), message_id_(new_message_id(clock, random, host)) {}

Composer& Composer::text(std::string_view name, std::string_view utf8) {
    const auto room = folded_line - std::min(name.size() + 2, folded_line);
    return structured(name, encode_header_text(utf8, Context::unstructured, room, headers_));
}

Composer& Composer::mailboxes(std::string_view name, std::span<const Mailbox> mailboxes) {
    std::string value;
    for (const auto& mailbox : mailboxes) value += (value.empty() ? "" : ", ") + written(mailbox, headers_);
    return value.empty() ? *this : structured(name, value);
}

Composer& Composer::message_ids(std::string_view name, std::span<const std::string> ids) {
    std::string value;
    for (const auto& id : ids)
        if (is_message_id(id, headers_)) value += (value.empty() ? "" : " ") + id;
    return value.empty() ? *this : structured(name, value);
}

Composer& Composer::date(Instant instant, std::int32_t zone) {
    return structured("Date", format_date(instant, zone));
}

Composer& Composer::structured(std::string_view name, std::string_view value) {
    check(is_field_name(name), "we name header fields ourselves");
    auto line = one_line(value);
    if (headers_ == Headers::ascii) std::ranges::replace_if(line, ascii::is_8bit, '?');
    put_field(fields_, name, line);
    return *this;
}

bool Composer::has(std::string_view name) const { return Fields(fields_).find(name).has_value(); }

std::string Composer::compose(const Entity& body) const {
    std::string out = fields_;
    if (!has("Date")) put_field(out, "Date", format_date(clock_.now()));
    if (!has("Message-ID")) put_field(out, "Message-ID", message_id_);
    if (!has("MIME-Version")) put_field(out, "MIME-Version", "1.0");
    put_entity(out, body, random_, headers_);
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out;
}

}  // namespace hongyan::message
