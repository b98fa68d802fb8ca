#include "imap/message_url.h"

#include <algorithm>

#include <fmt/format.h>

#include "imap/wire/envelope.h"
#include "message/seven_bit.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::imap {
namespace {

using Text = wire::Section::Text;

std::unexpected<Error> nothing_there() {
    return fail(Error::Kind::not_found, "the URL names nothing that is here");
}

// RFC 2045 §6.2: what octets are that have no encoding.
std::string_view identity_of(std::string_view octets) {
    if (octets.contains('\0')) return "binary";
    return message::is_ascii(octets) ? "7bit" : "8bit";
}

std::uint64_t lines_in(std::string_view octets) {
    return static_cast<std::uint64_t>(std::ranges::count(octets, '\n'));
}

}  // namespace

NamedPart::Form::Form(std::string octets, std::size_t before)
    : raw(std::move(octets)),
      prefix(before),
      structure(message::parse(std::string_view(raw).substr(prefix))) {}

NamedPart::NamedPart(const wire::MessageUrl& url, std::string raw, std::size_t prefix)
    : section_(url.section), partial_(url.partial), came_(std::move(raw), prefix) {
    const std::string_view octets = came_.raw;
    if (!octets.contains('\0')) return;
    without_nul_.emplace(std::string(octets.substr(0, prefix)) + message::without_nul(octets.substr(prefix)),
                         prefix);
}

Result<NamedPart> NamedPart::read(const store::View& mail, const store::Mailbox& mailbox,
                                  const wire::MessageUrl& url, const Room& room) {
    const auto validity = mailbox.uid_validity.value();
    if (url.uid_validity.value_or(validity) != validity) return nothing_there();
    TRY(const auto entry, mail.entry(mailbox.id, store::Uid(url.uid)));
    if (!entry) return nothing_there();
    if (room) TRY(room(entry->size));
    TRY(const auto message, mail.message(entry->message));
    TRY(auto raw, mail.read(entry->message));
    NamedPart part(url, std::move(raw), message.prefix.size());
    if (!part.text_in(part.told())) return nothing_there();
    return part;
}

std::optional<wire::SectionText> NamedPart::text_in(const Form& form) const {
    return wire::section_text({form.raw, form.prefix}, form.structure, section_);
}

// Whose body it is; nothing for a header.
std::optional<message::Part::Index> NamedPart::body_in(const Form& form) const {
    if (section_.text == Text::whole) return form.structure.at(section_.part);
    if (section_.text == Text::text) return form.structure.message_at(section_.part);
    return std::nullopt;
}

std::string NamedPart::cut(std::string_view octets) const {
    if (!partial_) return std::string(octets);
    const auto first = std::min<std::uint64_t>(partial_->first, octets.size());
    return std::string(octets.substr(first, partial_->count.value_or(std::string_view::npos)));
}

std::string NamedPart::octets() const { return cut(text_in(told())->text()); }

std::optional<std::string> NamedPart::whole_binary() const {
    const auto found = text_in(came_);
    const auto index = body_in(came_);
    const bool is_message = section_.text == Text::whole && section_.part.empty();
    if (!found) return std::nullopt;
    if (!index || is_message) return std::string(found->text());
    const auto encoding = message::transfer_encoding(came_.structure.parts[*index].transfer_encoding);
    if (encoding == message::TransferEncoding::other) return std::nullopt;
    return message::decode(encoding, found->text());
}

std::optional<std::string> NamedPart::binary() const {
    const auto whole = whole_binary();
    if (!whole) return std::nullopt;
    return cut(*whole);
}

// A header is described as RFC 6522 §4 calls one that stands alone.
void NamedPart::put_structure(std::string& out, Encoded encoded) const {
    const auto& form = encoded == Encoded::undone && body_in(came_) ? came_ : told();
    const auto index = body_in(form);
    if (!index) {
        const auto found = text_in(form);
        out += fmt::format(R"(("text" "rfc822-headers" NIL NIL NIL "{}" {} {}))", identity_of(found->text()),
                           found->text().size(), lines_in(found->text()));
        return;
    }
    const auto embedded =
        wire::embedded_envelopes(form.structure, std::string_view(form.raw).substr(form.prefix));
    auto described = form.structure;
    auto& part = described.parts[*index];
    const bool is_message = section_.text == Text::whole && section_.part.empty();
    const auto undone = encoded == Encoded::undone && !is_message ? whole_binary() : std::nullopt;
    if (undone && !part.is_multipart() && !part.is_message()) {
        part.transfer_encoding = identity_of(*undone);
        part.end = part.body + undone->size();
        part.lines = lines_in(*undone);
    }
    wire::put_part_structure(out, described, *index, embedded, wire::Extensions::no);
}

}  // namespace hongyan::imap
