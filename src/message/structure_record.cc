#include "message/structure_record.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/record.h"
#include "message/placement.h"

namespace hongyan::message {
namespace {

constexpr std::uint32_t version = 1;

// Numbers on disk: never given to another field.
namespace tag {
enum Structure : FieldTag { limit_reached = 1, part = 2 };
enum Part : FieldTag {
    place = 1,
    type = 2,
    type_parameter = 3,
    transfer_encoding = 4,
    id = 5,
    description = 6,
    location = 7,
    md5 = 8,
    disposition = 9,
    disposition_parameter = 10,
    language = 11,
};
}  // namespace tag

// place = distance-to-parent begin-after-previous-body header-size body-size lines, as varints; the distance
// counts parts, 0 for the message itself.
std::string encode_place(const Part& part, Part::Index index, std::size_t previous_body) {
    std::string place;
    bytes::put_varint(place, part.parent == Part::none ? 0 : index - part.parent);
    bytes::put_varint(place, part.begin - previous_body);
    bytes::put_varint(place, part.header_size());
    bytes::put_varint(place, part.body_size());
    bytes::put_varint(place, part.lines);
    return place;
}

bool decode_place(std::string_view place, PartView& part, Part::Index index, std::size_t previous_body) {
    const auto distance = bytes::take_varint(place);
    const auto begin = bytes::take_varint(place);
    const auto header_size = bytes::take_varint(place);
    const auto body_size = bytes::take_varint(place);
    const auto lines = bytes::take_varint(place);
    // Only sums that cannot wrap are believed: no message has 2^62 bytes.
    constexpr std::uint64_t beyond_any_size = std::uint64_t{1} << 62U;
    if (!lines || !place.empty() || *distance > index || (*distance == 0) != (index == 0)) return false;
    if (std::max({*begin, *header_size, *body_size}) >= beyond_any_size || previous_body >= beyond_any_size)
        return false;
    part.parent = index == 0 ? Part::none : index - static_cast<Part::Index>(*distance);
    part.begin = previous_body + *begin;
    part.body = part.begin + *header_size;
    part.end = part.body + *body_size;
    part.lines = *lines;
    return true;
}

void encode_parameters(RecordWriter& out, FieldTag tag, const Parameters& parameters) {
    for (const auto& [name, value] : parameters) {
        std::string pair;
        bytes::put_text(pair, name);
        out.text(tag, pair + value);
    }
}

bool decode_parameter(std::string_view pair, PartDetail::Kind kind, StructureView& structure) {
    const auto name = bytes::take_text(pair);
    if (name) structure.details.push_back({kind, *name, pair});
    return name.has_value();
}

bool decode_type(std::string_view text, PartView& part) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    part.type = text.substr(0, slash);
    part.subtype = text.substr(slash + 1);
    return true;
}

std::string encode_part(const Part& part, Part::Index index, std::size_t previous_body) {
    RecordWriter out(version);
    out.text(tag::place, encode_place(part, index, previous_body))
        .text(tag::type, part.type.type + "/" + part.type.subtype);
    encode_parameters(out, tag::type_parameter, part.type.parameters);
    out.text_unless_empty(tag::transfer_encoding, part.transfer_encoding)
        .text_unless_empty(tag::id, part.id)
        .text_unless_empty(tag::description, part.description)
        .text_unless_empty(tag::location, part.location)
        .text_unless_empty(tag::md5, part.md5);
    if (part.disposition) {
        out.text(tag::disposition, part.disposition->type);
        encode_parameters(out, tag::disposition_parameter, part.disposition->parameters);
    }
    for (const auto& language : part.languages) out.text(tag::language, language);
    return out.take();
}

bool decode_field(const RecordReader& in, StructureView& structure, std::size_t previous_body) {
    using enum PartDetail::Kind;
    auto& part = structure.parts.back();
    const auto text = in.text();
    switch (in.tag()) {
        case tag::place:
            return decode_place(text, part, static_cast<Part::Index>(structure.parts.size() - 1),
                                previous_body);
        case tag::type:
            return decode_type(text, part);
        case tag::type_parameter:
            return decode_parameter(text, type_parameter, structure);
        case tag::transfer_encoding:
            part.transfer_encoding = text;
            return true;
        case tag::id:
            part.id = text;
            return true;
        case tag::description:
            part.description = text;
            return true;
        case tag::location:
            part.location = text;
            return true;
        case tag::md5:
            part.md5 = text;
            return true;
        case tag::disposition:
            part.disposition = text;
            return true;
        case tag::disposition_parameter:
            return part.disposition && decode_parameter(text, disposition_parameter, structure);
        case tag::language:
            structure.details.push_back({language, {}, text});
            return true;
        default:
            return true;  // of a newer program
    }
}

bool decode_part(std::string_view record, StructureView& structure) {
    const auto previous_body = structure.parts.empty() ? 0 : structure.parts.back().body;
    structure.parts.emplace_back().first_detail = static_cast<std::uint32_t>(structure.details.size());
    RecordReader in(record);
    while (in.next())
        if (!decode_field(in, structure, previous_body)) return false;
    structure.parts.back().end_detail = static_cast<std::uint32_t>(structure.details.size());
    return !in.failed() && in.version() == version;
}

}  // namespace

std::string encode(const Structure& structure) {
    RecordWriter out(version);
    out.number_unless_zero(tag::limit_reached, structure.limit_reached ? 1 : 0);
    std::size_t previous_body = 0;
    for (Part::Index i = 0; i < structure.parts.size(); ++i) {
        out.text(tag::part, encode_part(structure.parts[i], i, previous_body));
        previous_body = structure.parts[i].body;
    }
    return out.take();
}

Result<void> decode_structure(std::string_view record, std::uint64_t message_size, StructureView& structure) {
    const auto corrupt = [] { return fail(Error::Kind::corrupt, "the structure of a message is damaged"); };
    structure.clear();
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag::limit_reached) structure.limit_reached = in.number() != 0;
        if (in.tag() == tag::part && !decode_part(in.text(), structure)) return corrupt();
    }
    if (in.failed() || in.version() != version) return corrupt();
    if (std::ranges::count(structure.parts, Part::none, &PartView::parent) != 1) return corrupt();
    placement::link(structure.parts);
    if (!placement::fits(structure.parts, message_size)) return corrupt();
    return {};
}

Result<Structure> decode_structure(std::string_view record, std::uint64_t message_size) {
    StructureView structure;
    TRY(decode_structure(record, message_size, structure));
    return structure.owned();
}

}  // namespace hongyan::message
