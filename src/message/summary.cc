#include "message/summary.h"

#include <utility>

#include "base/ascii.h"
#include "base/record.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/listed_fields.h"
#include "message/preview.h"
#include "message/structure_record.h"
#include "message/thread.h"

namespace hongyan::message {
namespace {

using Tag = SummaryView::Tag;

constexpr std::uint32_t version = 1;
constexpr FieldTag tag(Tag name) { return static_cast<FieldTag>(name); }

enum Mark : std::uint64_t { mark_attachment = 1, mark_truncated = 2 };

// Of the year 9999, in seconds since 1970: what comes from disk must not overflow an Instant.
constexpr std::int64_t last_date = 253'402'300'799;

struct EnvelopeRow {
    std::string_view field;
    std::string Envelope::* value;
    Tag tag;
    bool is_list;  // several fields are one list; of others the first counts
    bool Envelope::Blank::* blank = nullptr;
};
constexpr EnvelopeRow envelope_rows[] = {
    {"Date", &Envelope::date, Tag::date_text, false, &Envelope::Blank::date},
    {"Subject", &Envelope::subject, Tag::subject, false, &Envelope::Blank::subject},
    {"From", &Envelope::from, Tag::from, true},
    {"Sender", &Envelope::sender, Tag::sender, false},
    {"Reply-To", &Envelope::reply_to, Tag::reply_to, true},
    {"To", &Envelope::to, Tag::to, true},
    {"Cc", &Envelope::cc, Tag::cc, true},
    {"Bcc", &Envelope::bcc, Tag::bcc, true},
    {"In-Reply-To", &Envelope::in_reply_to, Tag::in_reply_to, false, &Envelope::Blank::in_reply_to},
    {"Message-ID", &Envelope::message_id, Tag::message_id, false, &Envelope::Blank::message_id},
};

const EnvelopeRow* row_of_field(std::string_view name) {
    for (const auto& row : envelope_rows)
        if (ascii::iequals(row.field, name)) return &row;
    return nullptr;
}
const EnvelopeRow* row_of_tag(FieldTag number) {
    for (const auto& row : envelope_rows)
        if (tag(row.tag) == number) return &row;
    return nullptr;
}

// Cuts behind the last whole item, if there is one.
void clip(std::string& value, char separator, bool& is_truncated) {
    if (value.size() <= max_summary_field_size) return;
    const auto end = value.rfind(separator, max_summary_field_size);
    value.resize(end == std::string::npos ? max_summary_field_size : end);
    is_truncated = true;
}

void encode_envelope(RecordWriter& out, const Envelope& envelope) {
    for (const auto& row : envelope_rows)
        if (!(envelope.*row.value).empty() || (row.blank != nullptr && envelope.blank.*row.blank))
            out.text(tag(row.tag), envelope.*row.value);
}

void set_value(Envelope& envelope, const EnvelopeRow& row, std::string_view value) {
    envelope.*row.value = value;
    if (row.blank != nullptr) envelope.blank.*row.blank = value.empty();
}

// embedded = part envelope   part = varint, envelope = record
std::string encode_embedded(const EmbeddedEnvelope& embedded) {
    std::string out;
    bytes::put_varint(out, embedded.part);
    RecordWriter record(version);
    encode_envelope(record, embedded.envelope);
    return out + record.take();
}

bool decode_embedded(std::string_view text, Summary& summary) {
    const auto part = bytes::take_varint(text);
    if (!part || !summary.structure || *part >= summary.structure->parts.size()) return false;
    auto& embedded = summary.embedded.emplace_back();
    embedded.part = static_cast<Part::Index>(*part);
    RecordReader in(text);
    while (in.next())
        if (const auto* row = row_of_tag(in.tag())) set_value(embedded.envelope, *row, in.text());
    return !in.failed() && in.version() == version;
}

bool has_attachment(const Structure& structure) {
    for (Part::Index i = 0; i < structure.parts.size(); ++i)
        if (is_attachment(structure, i)) return true;
    return false;
}

void keep_envelope(Summary& summary, std::string_view header) {
    summary.envelope = envelope_of(header);
    summary.references = unfolded(header, "References");
    for (const auto& row : envelope_rows)
        clip(summary.envelope.*row.value, row.is_list ? ',' : ' ', summary.is_truncated);
    clip(summary.references, ' ', summary.is_truncated);
}

void keep_date(Summary& summary) {
    const auto date = parse_date(summary.envelope.date);
    if (!date) return;
    summary.date = date->instant;
    summary.zone = date->zone;
}

// Keeps the structure and the envelopes inside, if both together are small enough.
void keep_structure(Summary& summary, Structure structure, std::string_view raw) {
    auto size = encode(structure).size();
    for (Part::Index i = 0; i < structure.parts.size() && size <= max_summary_structure_size; ++i) {
        if (!structure.parts[i].is_message()) continue;
        const auto& message = structure.parts[structure.parts[i].first_child];
        summary.embedded.push_back({i, envelope_of(header_of(message, raw))});
        size += encode_embedded(summary.embedded.back()).size();
    }
    if (size <= max_summary_structure_size)
        summary.structure = std::move(structure);
    else
        summary.embedded.clear();
}

Error damaged() { return {Error::Kind::corrupt, "the summary of a message is damaged"}; }

// A value whose type is number: a varint and nothing else.
std::optional<std::uint64_t> whole_number(std::string_view text) {
    const auto number = bytes::take_varint(text);
    return text.empty() ? number : std::nullopt;
}

// All but numbers and the structure, which SummaryView reads.
bool decode_field(const RecordReader& in, Summary& summary) {
    if (const auto* row = row_of_tag(in.tag())) {
        set_value(summary.envelope, *row, in.text());
    } else if (in.tag() == tag(Tag::references)) {
        summary.references = in.text();
    } else if (in.tag() == tag(Tag::preview)) {
        summary.preview = in.text();
    } else if (in.tag() == tag(Tag::listed_fields)) {
        summary.listed_fields = in.text();
    } else if (in.tag() == tag(Tag::embedded)) {
        return decode_embedded(in.text(), summary);
    } else if (in.tag() == 0 || in.tag() > tag(Tag::last)) {
        summary.unknown += in.field();
    }
    return true;
}

}  // namespace

Envelope envelope_of(std::string_view header) {
    Envelope envelope;
    for (const auto& field : Fields(header)) {
        const auto* row = row_of_field(field.name);
        if (row == nullptr) continue;
        auto& value = envelope.*row->value;
        if (value.empty())
            set_value(envelope, *row, unfold(field.value));
        else if (row->is_list)
            value += ", " + unfold(field.value);
    }
    return envelope;
}

Summary summarize(std::string_view raw) {
    auto structure = parse(raw);
    const auto& root = structure.root();
    Summary summary;
    summary.size = raw.size();
    summary.header_size = root.header_size();
    summary.lines = root.lines;
    keep_envelope(summary, header_of(root, raw).substr(0, Limits{}.header_size));
    keep_date(summary);
    summary.listed_fields = encode_listed_fields(header_of(root, raw).substr(0, root.header_size()), summary);
    summary.has_attachment = has_attachment(structure);
    summary.preview = preview_of(structure, raw);
    summary.thread_key = thread_key(decode_header_text(summary.envelope.subject));
    keep_structure(summary, std::move(structure), raw);
    return summary;
}

std::string encode(const Summary& summary) {
    RecordWriter out(version);
    out.number(tag(Tag::size), summary.size)
        .number_unless_zero(tag(Tag::header_size), summary.header_size)
        .number_unless_zero(tag(Tag::lines), summary.lines);
    if (summary.date)
        out.number(tag(Tag::date),
                   bytes::zigzag(
                       std::chrono::floor<std::chrono::seconds>(*summary.date).time_since_epoch().count()));
    out.number_unless_zero(tag(Tag::zone), bytes::zigzag(summary.zone));
    encode_envelope(out, summary.envelope);
    out.text_unless_empty(tag(Tag::references), summary.references)
        .text_unless_empty(tag(Tag::preview), summary.preview)
        .number_unless_zero(tag(Tag::thread_key), summary.thread_key)
        .number_unless_zero(tag(Tag::marks), (summary.has_attachment ? mark_attachment : 0U) |
                                                 (summary.is_truncated ? mark_truncated : 0U));
    if (summary.structure) out.text(tag(Tag::structure), encode(*summary.structure));
    for (const auto& embedded : summary.embedded) out.text(tag(Tag::embedded), encode_embedded(embedded));
    out.text_unless_empty(tag(Tag::listed_fields), summary.listed_fields);
    return out.fields(summary.unknown).take();
}

Result<Summary> decode(std::string_view record) {
    TRY(const auto view, SummaryView::of(record));
    Summary summary;
    summary.size = view.size();
    summary.header_size = view.header_size();
    summary.lines = view.lines();
    summary.date = view.date();
    summary.zone = view.zone();
    summary.has_attachment = view.has_attachment();
    summary.is_truncated = view.is_truncated();
    summary.thread_key = view.thread_key();
    TRY(summary.structure, view.structure());
    RecordReader in(record);
    while (in.next())
        if (!decode_field(in, summary)) return std::unexpected(damaged());
    return summary;
}

Result<SummaryView> SummaryView::of(std::string_view record) {
    SummaryView view;
    RecordReader in(record);
    while (in.next())
        if (in.tag() < view.values_.size()) view.values_[in.tag()] = in.text();
    if (in.failed() || in.version() != version) return std::unexpected(damaged());
    return view;
}

std::uint64_t SummaryView::number(Tag name) const { return whole_number(text(name)).value_or(0); }

std::optional<Instant> SummaryView::date() const {
    const auto number = whole_number(text(Tag::date));
    if (!number || *number > bytes::zigzag(last_date)) return std::nullopt;
    return Instant(std::chrono::seconds(bytes::unzigzag(*number)));
}

std::int32_t SummaryView::zone() const {
    return static_cast<std::int32_t>(bytes::unzigzag(number(Tag::zone)));
}

bool SummaryView::has_attachment() const { return (number(Tag::marks) & mark_attachment) != 0; }
bool SummaryView::is_truncated() const { return (number(Tag::marks) & mark_truncated) != 0; }

Result<std::optional<Structure>> SummaryView::structure() const {
    if (text(Tag::structure).empty()) return std::nullopt;
    return decode_structure(text(Tag::structure), size());
}

}  // namespace hongyan::message
