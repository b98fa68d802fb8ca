#include "imap/message_data.h"

#include <algorithm>

#include "base/check.h"
#include "imap/flags.h"
#include "imap/object_id.h"
#include "imap/wire/envelope.h"
#include "imap/wire/names.h"
#include "imap/wire/writer.h"
#include "message/listed_fields.h"
#include "message/seven_bit.h"
#include "message/surrogate.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::imap {
namespace {

using wire::BinaryItem;
using wire::BinarySizeItem;
using wire::BodyItem;
using wire::FetchItem;
using wire::MessageItem;

Depth depth_of(MessageItem item) {
    using enum MessageItem;
    switch (item) {
        case flags:
        case internal_date:
        case rfc822_size:
        case uid:
        case modseq:
        case email_id:
        case save_date:
            return Depth::entry;
        case preview:
        case thread_id:
        case envelope:
        case body:
        case body_structure:
            return Depth::summary;
        case rfc822:
        case rfc822_header:
        case rfc822_text:
            return Depth::text;
    }
    return Depth::text;
}

// RFC822, RFC822.HEADER and RFC822.TEXT are BODY[] and its like under other names (RFC 3501 §6.4.5).
wire::Section section_of(MessageItem item) {
    wire::Section section;
    if (item == MessageItem::rfc822_header) section.text = wire::Section::Text::header;
    if (item == MessageItem::rfc822_text) section.text = wire::Section::Text::text;
    return section;
}

constexpr std::string_view line_end = "\r\n";

void put_name(std::string& out, MessageItem item) { out += wire::word_of(wire::message_items, item); }
void put_name(std::string& out, const BodyItem& item) { wire::put_section_name(out, item); }
void put_name(std::string& out, const BinaryItem& item) { wire::put_section_name(out, item); }
void put_name(std::string& out, const BinarySizeItem& item) { wire::put_section_name(out, item); }

// May the summary know it all?
std::optional<message::ListedNames> listed_names(const wire::Section& section) {
    const bool of_message = section.text == wire::Section::Text::header_fields && section.part.empty();
    return of_message ? message::ListedNames::of(section.names) : std::nullopt;
}

// HEADER.FIELDS is work for each octet of the header, however little of it is told.
std::size_t octets_searched(const message::Structure& structure, const wire::Section& section) {
    if (section.names.empty()) return 0;
    const auto message = structure.message_at(section.part);
    return message ? structure.parts[*message].body - structure.parts[*message].begin : 0;
}

std::unexpected<Error> too_often() {
    return fail(Error::Kind::too_large, "one FETCH asks for the same octets many times over");
}

}  // namespace

Depth depth_of(const FetchItem& item) {
    if (const auto* const simple = std::get_if<MessageItem>(&item)) return depth_of(*simple);
    const auto* const body = std::get_if<BodyItem>(&item);
    return body != nullptr && listed_names(body->section) ? Depth::summary : Depth::text;
}

Depth depth_of(std::span<const FetchItem> items) {
    auto depth = Depth::entry;
    for (const auto& item : items) depth = std::max(depth, depth_of(item));
    return depth;
}

bool marks_seen(std::span<const FetchItem> items) {
    return std::ranges::any_of(items, [](const FetchItem& item) {
        if (const auto* body = std::get_if<BodyItem>(&item)) return !body->peek;
        if (const auto* binary = std::get_if<BinaryItem>(&item)) return !binary->peek;
        return item == FetchItem(MessageItem::rfc822) || item == FetchItem(MessageItem::rfc822_text);
    });
}

std::vector<WantedItem> wanted(std::span<const FetchItem> items) {
    std::vector<WantedItem> wanted;
    wanted.reserve(items.size());
    for (const auto& item : items) {
        auto& added = wanted.emplace_back(item);
        std::visit([&](const auto& one) { put_name(added.said, one); }, item);
        added.said += ' ';
        if (const auto* const body = std::get_if<BodyItem>(&item)) added.listed = listed_names(body->section);
    }
    return wanted;
}

Result<void> MessageData::put(std::string& out, SequenceNumber number, std::span<const WantedItem> items) {
    const auto before = out.size();
    begin_fetch(out, named_by_, number, entry_.uid);
    if (auto put = put_items(out, items); !put) {
        out.resize(before);
        return put;
    }
    out += ")\r\n";
    return {};
}

void MessageData::put_unasked(std::string& out, SequenceNumber number, std::span<const WantedItem> items) {
    (void)put(out, number, items);
}

Result<void> MessageData::put_items(std::string& out, std::span<const WantedItem> items) {
    for (bool first = true; const auto& item : items) {
        if (!std::exchange(first, false)) out += ' ';
        TRY(put_item(out, item));
    }
    return {};
}

Result<void> MessageData::put_item(std::string& out, const WantedItem& wanted) {
    out += wanted.said;
    TRY(const auto put, put_kept_fields(out, wanted));
    if (put) return {};
    return std::visit([&](const auto& one) { return put_value(out, one); }, wanted.item);
}

Result<void> MessageData::put_value(std::string& out, MessageItem item) {
    using enum MessageItem;
    switch (item) {
        case flags:
            wire::put_flags(out, names_of(entry_.flags, recent_ ? Recent::yes : Recent::no));
            return {};
        case internal_date:
            wire::put_date_time(out, entry_.received);
            return {};
        case rfc822_size:
            wire::put_number(out, entry_.size);
            return {};
        case uid:
            wire::put_number(out, entry_.uid.value());
            return {};
        case modseq:
            out += '(';
            wire::put_number(out, entry_.modseq.value());
            out += ')';
            return {};
        case email_id: {
            TRY(const auto origin, mail_.origin(entry_));
            out.append("(").append(object_id(origin)) += ')';
            return {};
        }
        case save_date:
            wire::put_date_time(out, entry_.saved);
            return {};
        case thread_id: {
            TRY(const auto* kept, summary());
            TRY(const auto origin, mail_.origin(entry_));
            out.append("(").append(imap::thread_id(*kept, origin)) += ')';
            return {};
        }
        case preview: {
            TRY(const auto* kept, summary());
            wire::put_string(out, kept->preview());
            return {};
        }
        case envelope:
            return put_envelope(out);
        case body:
        case body_structure:
            return put_structure(out, item == body_structure ? wire::Extensions::yes : wire::Extensions::no);
        case rfc822:
        case rfc822_header:
        case rfc822_text:
            return put_section(out, section_of(item), std::nullopt);
    }
    return {};
}

Result<const message::SummaryView*> MessageData::summary() {
    if (summary_) return &*summary_;
    TRY(summary_, message::SummaryView::of(message_->summary));
    return &*summary_;
}

// Where the summary had no room for the whole header, the message itself tells.
Result<void> MessageData::put_envelope(std::string& out) {
    TRY(const auto* kept, summary());
    if (!kept->is_truncated() && !is_surrogate_ && !entry_.has_nul) {
        const auto before = out.size();
        wire::put_envelope(out, wire::EnvelopeView::of(*kept));
        if (is_fit(std::string_view(out).substr(before))) return {};
        out.resize(before);
    }
    TRY(load_text());
    TRY(load_structure());
    const auto header = message::header_of(structure_->root(), std::string_view(*text_).substr(prefix_size_));
    wire::put_envelope(out, wire::EnvelopeView::of(message::envelope_of(header)));
    return {};
}

// What is hidden in the header of a message inside is not told, but counts in the size of that message.
Result<void> MessageData::put_structure(std::string& out, wire::Extensions extensions) {
    if (entry_.has_nul) TRY(load_text());
    TRY(const auto put, put_kept_structure(out, extensions));
    if (put) return {};
    TRY(load_structure());
    const bool has_sizes_of_headers = std::ranges::any_of(structure_->parts, &message::Part::is_message);
    if (headers_ == Headers::ascii && has_sizes_of_headers) TRY(load_text());
    const auto before = out.size();
    const auto put_it = [&] { wire::put_body_structure(out, *structure_, embedded_, extensions); };
    put_it();
    if (is_fit(std::string_view(out).substr(before))) return {};
    out.resize(before);
    TRY(load_text());
    put_it();
    return {};
}

// One that the summary has and that holds no messages, as most; false, and nothing put, where there is more
// to it.
Result<bool> MessageData::put_kept_structure(std::string& out, wire::Extensions extensions) {
    if (structure_) return false;
    thread_local message::StructureView structure;  // for the next message too, in the same memory
    TRY(const auto is_kept, message::read_structure(message_->summary, structure));
    if (!is_kept || std::ranges::any_of(structure.parts, &message::PartView::is_message)) return false;
    const auto before = out.size();
    wire::put_body_structure(out, structure, extensions);
    if (is_fit(std::string_view(out).substr(before))) return true;
    out.resize(before);
    return false;
}

// May that, which is made of header fields, be said to this client?
bool MessageData::is_fit(std::string_view said) const {
    return headers_ == Headers::as_they_stand || message::is_ascii(said);
}

Result<void> MessageData::put_value(std::string& out, const BodyItem& item) {
    return put_section(out, item.section, item.partial);
}

// Header fields that the summary has; false, and nothing put, where the message must be read. Fields of this
// recipient alone stand before those of all.
Result<bool> MessageData::put_kept_fields(std::string& out, const WantedItem& wanted) {
    if (!wanted.listed || message_ == nullptr || entry_.has_nul) return false;
    const auto& item = std::get<BodyItem>(wanted.item);
    TRY(const auto* kept, summary());
    std::string fields;
    if (!message_->prefix.empty()) {
        fields = wire::select_fields(message_->prefix, item.section.names, true);
        fields.resize(fields.size() - line_end.size());
    }
    if (!message::put_listed_fields(fields, *kept, *wanted.listed) || !is_fit(fields)) return false;
    if (fields.contains('\0')) return false;  // kept by a program that did not note where NUL is
    fields += line_end;
    wire::put_literal(out, wire::SectionText(std::string_view(fields)).text(item.partial));
    return true;
}

Result<void> MessageData::put_section(std::string& out, const wire::Section& section,
                                      const std::optional<wire::Partial>& partial) {
    TRY(load_text());
    auto found = std::optional(wire::SectionText(std::string_view(*text_)));
    if (section != wire::Section()) {
        TRY(load_structure());
        found = wire::section_text(bytes(), *structure_, section);
    }
    if (!found) {
        out += "NIL";
        return {};
    }
    const auto octets = found->text(partial);
    sections_ += octets.size();
    if (structure_) sections_ += octets_searched(*structure_, section);
    if (sections_ > max_sections(text_->size())) return too_often();
    wire::put_literal(out, octets);
    return {};
}

// RFC 3516 §4.3. BINARY[] is the message as it stands: its header can have no encoding undone.
Result<std::optional<std::string>> MessageData::decoded(const std::vector<std::uint32_t>& part) {
    TRY(load_text());
    if (came_ && !is_surrogate_) return decoded(part, came_->text, came_->structure);
    TRY(load_structure());
    return decoded(part, *text_, *structure_);
}

Result<std::optional<std::string>> MessageData::decoded(const std::vector<std::uint32_t>& part,
                                                        std::string_view text,
                                                        const message::Structure& structure) {
    wire::Section section;
    section.part = part;
    const auto found = wire::section_text({text, prefix_size_}, structure, section);
    if (!found) return std::nullopt;
    const auto octets = found->text();
    sections_ += octets.size();
    if (sections_ > max_sections(text.size())) return too_often();
    if (part.empty()) return std::string(octets);
    const auto index = structure.at(part);
    const auto encoding = message::transfer_encoding(structure.parts[index.value()].transfer_encoding);
    if (encoding == message::TransferEncoding::other)
        return fail(Error::Kind::unsupported, "the transfer encoding of that part is not known");
    return message::decode(encoding, octets);
}

Result<void> MessageData::put_value(std::string& out, const BinaryItem& item) {
    TRY(const auto octets, decoded(item.part));
    if (octets)
        wire::put_binary(out, wire::SectionText(std::string_view(*octets)).text(item.partial));
    else
        out += "NIL";
    return {};
}

Result<void> MessageData::put_value(std::string& out, const BinarySizeItem& item) {
    TRY(const auto octets, decoded(item.part));
    wire::put_number(out, octets ? octets->size() : 0);
    return {};
}

Result<void> MessageData::load_text() {
    if (text_) return {};
    check(message_ != nullptr, "who fetches text has looked for the message");
    TRY(text_, mail_.read(*message_));
    prefix_size_ = message_->prefix.size();
    if (text_->contains('\0')) hide_nul();
    if (headers_ == Headers::as_they_stand) return {};
    TRY(load_structure());
    const auto raw = std::string_view(*text_).substr(prefix_size_);
    if (!message::is_ascii(message_->prefix) || message::needs_surrogate(raw, *structure_))
        become_surrogate();
    return {};
}

// A literal holds no NUL (RFC 9051 §9), and a message that has come as binary is told as though it had come
// in a transfer encoding (RFC 3516 §6). BINARY gives what came.
void MessageData::hide_nul() {
    const auto raw = std::string_view(*text_).substr(prefix_size_);
    auto told = text_->substr(0, prefix_size_) + message::without_nul(raw);
    auto structure = message::parse(raw);
    came_.emplace(std::exchange(text_, std::move(told)).value(), std::move(structure));
    parse_text();
}

// From now on all that is said of the message is said of its surrogate.
void MessageData::become_surrogate() {
    is_surrogate_ = true;
    auto made = message::surrogate_header(std::string_view(*text_).substr(0, prefix_size_));
    const auto prefix_size = made.size();
    made += message::surrogate(std::string_view(*text_).substr(prefix_size_), *structure_);
    text_ = std::move(made);
    prefix_size_ = prefix_size;
    parse_text();
}

// A structure that is too large to be kept is found anew, and the envelopes inside it with it.
Result<void> MessageData::load_structure() {
    if (structure_) return {};
    TRY(const auto* kept, summary());
    TRY(structure_, kept->structure());
    if (structure_ && !kept->has_embedded()) return {};
    if (structure_) {
        TRY(auto summary, message::decode(message_->summary));
        embedded_ = std::move(summary.embedded);
        return {};
    }
    TRY(load_text());
    if (!structure_) parse_text();
    return {};
}

void MessageData::parse_text() {
    const auto raw = std::string_view(*text_).substr(prefix_size_);
    structure_ = message::parse(raw);
    embedded_ = wire::embedded_envelopes(*structure_, raw);
}

}  // namespace hongyan::imap
