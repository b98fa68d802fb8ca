#include "imap/wire/envelope.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "imap/wire/pen.h"
#include "imap/wire/writer.h"
#include "message/address.h"
#include "message/field.h"

namespace hongyan::imap::wire {
namespace {

using message::ListedAddress;
using message::Part;
using message::PartView;
using Detail = message::PartDetail;

void put_text_or_nil(std::string& out, std::string_view text) {
    append_in_one(out, room_for(text), [text](Pen& pen) { pen.string_or_nil(text); });
}

// env-date, env-subject, env-in-reply-to, env-message-id: NIL where the field is absent, the empty string
// where it is empty (RFC 9051 §7.5.2).
void put_field(std::string& out, std::string_view value) {
    if (value.data() == nullptr)
        out += "NIL";
    else
        put_string(out, value);
}

// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"; a group begins with its name in the
// place of the mailbox, and ends with nothing at all (RFC 3501 §7.4.2).
void put_address(std::string& out, const ListedAddress& address) {
    using enum ListedAddress::Kind;
    const bool starts = address.kind == group_start;
    const bool ends = address.kind == group_end;
    out += '(';
    put_text_or_nil(out, starts || ends ? "" : address.name);
    out += ' ';
    put_text_or_nil(out, address.route);
    out += ' ';
    if (starts)
        put_string(out, address.name);
    else if (ends)
        out += "NIL";
    else
        put_string(out, address.local_part);
    out += ' ';
    // NIL in this place would make a group of it.
    if (address.kind == mailbox)
        put_string(out, address.domain);
    else
        out += "NIL";
    out += ')';
}

// All of them, in one piece of memory.
template <typename... Texts>
void append(std::string& out, const Texts&... texts) {
    append_in_one(out, (std::string_view(texts).size() + ...),
                  [&](Pen& pen) { (pen.put(std::string_view(texts)), ...); });
}

constexpr auto word_chars = [] {
    std::array<bool, 256> is_one{};
    for (int c = 0; c < 128; ++c) is_one[static_cast<std::size_t>(c)] = ascii::is_alnum(static_cast<char>(c));
    for (const char c : {'-', '_', '+'}) is_one[static_cast<std::size_t>(c)] = true;
    return is_one;
}();

// A list of addresses as most programs write it: "Ann Lee <ann@example.org>, ben@example.org", of characters
// that mean nothing but themselves. It is put without being taken apart and copied; any other is left to the
// reader of addresses, whose answer would be the same.
class PlainAddresses {
public:
    PlainAddresses(std::string& out, std::string_view value) : out_(out), rest_(value) {}

    // False, and nothing put, if the list is not of that kind.
    bool put() {
        const auto before = out_.size();
        out_ += '(';
        while (put_one()) {
            if (rest_.empty()) {
                out_ += ')';
                return true;
            }
            if (!take(", ")) break;
        }
        out_.resize(before);
        return false;
    }

private:
    static constexpr std::size_t longest_name = 200;  // octets; longer ones may need a literal

    static bool is_word_char(char c) { return word_chars[static_cast<unsigned char>(c)]; }

    // Words joined by `joint`, each of one character at least.
    std::string_view words(char joint) const {
        std::size_t end = 0;
        bool wants_word = true;
        for (; end < rest_.size(); ++end) {
            const bool is_joint = rest_[end] == joint;
            if (is_joint ? wants_word : !is_word_char(rest_[end])) break;
            wants_word = is_joint;
        }
        return rest_.substr(0, wants_word && end > 0 ? end - 1 : end);
    }

    std::string_view take_words(char joint) {
        const auto taken = words(joint);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    bool put_one() {
        const auto name = take_name();
        if (name.size() > longest_name) return false;
        const bool in_brackets = take("<");
        const auto local_part = take_words('.');
        if (local_part.empty() || !take("@")) return false;
        const auto domain = take_words('.');
        if (domain.empty() || local_part.size() + domain.size() > longest_name) return false;
        if (in_brackets && !take(">")) return false;
        put_parts(name, local_part, domain);
        return true;
    }

    // What stands before " <"; without it the words are not a name.
    std::string_view take_name() {
        const auto name = words(' ');
        if (name.empty() || !rest_.substr(name.size()).starts_with(" <")) return {};
        rest_.remove_prefix(name.size() + 1);
        return name;
    }

    void put_parts(std::string_view name, std::string_view local_part, std::string_view domain) {
        if (name.empty())
            append(out_, "(NIL NIL \"", local_part, "\" \"", domain, "\")");
        else
            append(out_, "(\"", name, "\" NIL \"", local_part, "\" \"", domain, "\")");
    }

    std::string& out_;
    std::string_view rest_;
};

void put_addresses(std::string& out, std::string_view value) {
    if (value.empty()) {
        out += "NIL";
        return;
    }
    if (PlainAddresses(out, value).put()) return;
    const auto list = message::parse_address_list(value);
    if (list.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (const auto& address : list) put_address(out, address);
    out += ')';
}

class BodyWriter {
public:
    BodyWriter(std::string& out, const message::StructureView& structure,
               std::span<const message::EmbeddedEnvelope> embedded, Extensions extensions)
        : out_(out), structure_(structure), embedded_(embedded), extensions_(extensions) {}

    // body = "(" (body-type-1part / body-type-mpart) ")"
    void put(Part::Index index) {
        const auto& part = structure_.parts[index];
        if (part.is_multipart())
            put_multipart(part);
        else if (part.is_message())
            put_message(index, part);
        else
            put_single(part);
    }

private:
    // Octets that are the same in all parts, at most, and those of numbers.
    static constexpr std::size_t room_for_frame = 200;

    std::size_t room_for_part(const PartView& part) const {
        auto room = room_for_frame;
        for (const auto text : {part.type, part.subtype, part.transfer_encoding, part.id, part.description,
                                part.location, part.md5, part.disposition.value_or("")})
            room += room_for(text);
        for (const auto& detail : structure_.details_of(part))
            room += room_for(detail.name) + room_for(detail.value);
        return room;
    }

    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    void put_multipart(const PartView& part) {
        out_ += '(';
        if (part.first_child == Part::none) put_only_text(part);
        for (auto child = part.first_child; child != Part::none; child = structure_.parts[child].next_sibling)
            put(child);
        append_in_one(out_, room_for_part(part), [&](Pen& pen) {
            pen.put(' ');
            pen.string(part.subtype);
            if (extensions_ == Extensions::yes) {
                pen.put(' ');
                put_parameters(pen, part, Detail::Kind::type_parameter);
                put_disposition(pen, part);
            }
            pen.put(')');
        });
    }

    // There must be a part; where a multipart has none, its body is shown as one, as BODY[1] gives it.
    void put_only_text(const PartView& part) {
        append_in_one(out_, room_for_part(part), [&](Pen& pen) {
            pen.put(R"(("text" "plain" NIL NIL NIL )");
            put_size(pen, part);
            pen.put(' ');
            pen.number(part.lines);
            pen.put(')');
        });
    }

    // body-type-1part = (body-type-basic / body-type-text) [SP body-ext-1part]
    void put_single(const PartView& part) {
        append_in_one(out_, room_for_part(part), [&](Pen& pen) {
            put_head(pen, part);
            put_tail(pen, part);
        });
    }

    // body-type-1part = body-type-msg [SP body-ext-1part]
    void put_message(Part::Index index, const PartView& part) {
        const auto found = std::ranges::find(embedded_, index, &message::EmbeddedEnvelope::part);
        const auto room = room_for_part(part);
        append_in_one(out_, room, [&](Pen& pen) { put_head(pen, part); });
        out_ += ' ';
        put_envelope(out_, found != embedded_.end() ? EnvelopeView::of(found->envelope) : EnvelopeView{});
        out_ += ' ';
        put(part.first_child);
        append_in_one(out_, room, [&](Pen& pen) { put_tail(pen, part); });
    }

    // "(" media-type SP media-subtype SP body-fields
    void put_head(Pen& pen, const PartView& part) const {
        // What is called a message and was not read as one has no envelope to show.
        const bool opaque = part.type == "message" && part.subtype == "rfc822" && !part.is_message();
        pen.put('(');
        pen.string(opaque ? "application" : part.type);
        pen.put(' ');
        pen.string(opaque ? "octet-stream" : part.subtype);
        pen.put(' ');
        put_parameters(pen, part, Detail::Kind::type_parameter);
        pen.put(' ');
        pen.string_or_nil(part.id);
        pen.put(' ');
        pen.string_or_nil(part.description);
        pen.put(' ');
        put_size(pen, part);
    }

    // [SP body-fld-lines] [SP body-ext-1part] ")"
    void put_tail(Pen& pen, const PartView& part) const {
        if (part.is_text() || part.is_message()) {
            pen.put(' ');
            pen.number(part.lines);
        }
        if (extensions_ == Extensions::yes) {
            pen.put(' ');
            pen.string_or_nil(part.md5);
            put_disposition(pen, part);
        }
        pen.put(')');
    }

    // body-fld-enc SP body-fld-octets
    static void put_size(Pen& pen, const PartView& part) {
        pen.string(part.transfer_encoding.empty() ? "7bit" : part.transfer_encoding);
        pen.put(' ');
        pen.number(part.body_size());
    }

    // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
    void put_parameters(Pen& pen, const PartView& part, Detail::Kind kind) const {
        bool is_first = true;
        for (const auto& parameter : structure_.details_of(part)) {
            if (parameter.kind != kind) continue;
            pen.put(std::exchange(is_first, false) ? '(' : ' ');
            pen.string(parameter.name);
            pen.put(' ');
            pen.string(parameter.value);
        }
        if (is_first)
            pen.put("NIL");
        else
            pen.put(')');
    }

    // SP body-fld-dsp SP body-fld-lang SP body-fld-loc
    void put_disposition(Pen& pen, const PartView& part) const {
        if (part.disposition) {
            pen.put(" (");
            pen.string(*part.disposition);
            pen.put(' ');
            put_parameters(pen, part, Detail::Kind::disposition_parameter);
            pen.put(')');
        } else {
            pen.put(" NIL");
        }
        put_languages(pen, part);
        pen.put(' ');
        pen.string_or_nil(part.location);
    }

    void put_languages(Pen& pen, const PartView& part) const {
        bool is_first = true;
        for (const auto& language : structure_.details_of(part)) {
            if (language.kind != Detail::Kind::language) continue;
            pen.put(std::exchange(is_first, false) ? " (" : " ");
            pen.string(language.value);
        }
        if (is_first)
            pen.put(" NIL");
        else
            pen.put(')');
    }

    std::string& out_;
    const message::StructureView& structure_;
    std::span<const message::EmbeddedEnvelope> embedded_;
    Extensions extensions_;
};

}  // namespace

EnvelopeView EnvelopeView::of(const message::Envelope& envelope) {
    const auto field = [](const std::string& value, bool is_blank) {
        return value.empty() && !is_blank ? std::string_view() : std::string_view(value);
    };
    const auto& blank = envelope.blank;
    return {.date = field(envelope.date, blank.date),
            .subject = field(envelope.subject, blank.subject),
            .from = envelope.from,
            .sender = envelope.sender,
            .reply_to = envelope.reply_to,
            .to = envelope.to,
            .cc = envelope.cc,
            .bcc = envelope.bcc,
            .in_reply_to = field(envelope.in_reply_to, blank.in_reply_to),
            .message_id = field(envelope.message_id, blank.message_id)};
}

EnvelopeView EnvelopeView::of(const message::SummaryView& kept) {
    return {kept.date_text(), kept.subject(), kept.from(), kept.sender(),      kept.reply_to(),
            kept.to(),        kept.cc(),      kept.bcc(),  kept.in_reply_to(), kept.message_id()};
}

void put_envelope(std::string& out, const EnvelopeView& envelope) {
    out += '(';
    put_field(out, envelope.date);
    out += ' ';
    put_field(out, envelope.subject);
    out += ' ';
    const auto from = out.size();
    put_addresses(out, envelope.from);
    const auto from_size = out.size() - from;
    // Sender and Reply-To default to From (RFC 3501 §7.4.2).
    for (const auto value : {envelope.sender, envelope.reply_to}) {
        out += ' ';
        const auto before = out.size();
        if (value != envelope.from) put_addresses(out, value);
        if (const auto said = std::string_view(out).substr(before); said.empty() || said == "NIL") {
            out.resize(before);
            out.append(out, from, from_size);
        }
    }
    for (const auto value : {envelope.to, envelope.cc, envelope.bcc}) {
        out += ' ';
        put_addresses(out, value);
    }
    out += ' ';
    put_field(out, envelope.in_reply_to);
    out += ' ';
    put_field(out, envelope.message_id);
    out += ')';
}

void put_body_structure(std::string& out, const message::Structure& structure,
                        std::span<const message::EmbeddedEnvelope> embedded, Extensions extensions) {
    put_part_structure(out, structure, 0, embedded, extensions);
}

void put_body_structure(std::string& out, const message::StructureView& structure, Extensions extensions) {
    BodyWriter(out, structure, {}, extensions).put(0);
}

void put_part_structure(std::string& out, const message::Structure& structure, Part::Index part,
                        std::span<const message::EmbeddedEnvelope> embedded, Extensions extensions) {
    const auto view = message::StructureView::of(structure);
    BodyWriter(out, view, embedded, extensions).put(part);
}

std::vector<message::EmbeddedEnvelope> embedded_envelopes(const message::Structure& structure,
                                                          std::string_view raw) {
    std::vector<message::EmbeddedEnvelope> embedded;
    const auto& parts = structure.parts;
    for (Part::Index i = 0; i < parts.size(); ++i)
        if (parts[i].is_message())
            embedded.push_back(
                {i, message::envelope_of(message::header_of(parts[parts[i].first_child], raw))});
    return embedded;
}

}  // namespace hongyan::imap::wire
