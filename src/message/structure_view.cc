#include "message/structure_view.h"

#include "base/record.h"
#include "message/structure_record.h"
#include "message/summary.h"

namespace hongyan::message {
namespace {

using Kind = PartDetail::Kind;

constexpr std::uint32_t known_version = 1;  // of summaries

void add_parameters(StructureView& view, Kind kind, const Parameters& parameters) {
    for (const auto& parameter : parameters) view.details.push_back({kind, parameter.name, parameter.value});
}

void add_details(StructureView& view, const Part& part) {
    add_parameters(view, Kind::type_parameter, part.type.parameters);
    if (part.disposition) add_parameters(view, Kind::disposition_parameter, part.disposition->parameters);
    for (const auto& language : part.languages) view.details.push_back({Kind::language, {}, language});
}

void put_place(auto& to, const auto& from) {
    to.parent = from.parent;
    to.first_child = from.first_child;
    to.next_sibling = from.next_sibling;
    to.begin = from.begin;
    to.body = from.body;
    to.end = from.end;
    to.lines = from.lines;
}

PartView view_of(const Part& part) {
    PartView view;
    put_place(view, part);
    view.type = part.type.type;
    view.subtype = part.type.subtype;
    view.transfer_encoding = part.transfer_encoding;
    view.id = part.id;
    view.description = part.description;
    view.location = part.location;
    view.md5 = part.md5;
    if (part.disposition) view.disposition = part.disposition->type;
    return view;
}

void own_detail(Part& part, const PartDetail& detail) {
    if (detail.kind == Kind::language)
        part.languages.emplace_back(detail.value);
    else if (detail.kind == Kind::type_parameter)
        part.type.parameters.push_back({std::string(detail.name), std::string(detail.value)});
    else
        part.disposition->parameters.push_back({std::string(detail.name), std::string(detail.value)});
}

Part own(const StructureView& structure, const PartView& view) {
    Part part;
    put_place(part, view);
    part.type.type = view.type;
    part.type.subtype = view.subtype;
    part.transfer_encoding = view.transfer_encoding;
    part.id = view.id;
    part.description = view.description;
    part.location = view.location;
    part.md5 = view.md5;
    if (view.disposition) part.disposition.emplace().type = *view.disposition;
    for (const auto& detail : structure.details_of(view)) own_detail(part, detail);
    return part;
}

}  // namespace

StructureView StructureView::of(const Structure& structure) {
    StructureView view;
    view.limit_reached = structure.limit_reached;
    view.parts.reserve(structure.parts.size());
    for (const auto& part : structure.parts) {
        auto& added = view.parts.emplace_back(view_of(part));
        added.first_detail = static_cast<std::uint32_t>(view.details.size());
        add_details(view, part);
        added.end_detail = static_cast<std::uint32_t>(view.details.size());
    }
    return view;
}

Structure StructureView::owned() const {
    Structure structure;
    structure.limit_reached = limit_reached;
    structure.parts.reserve(parts.size());
    for (const auto& part : parts) structure.parts.push_back(own(*this, part));
    return structure;
}

Result<bool> read_structure(std::string_view summary, StructureView& structure) {
    using Tag = SummaryView::Tag;
    std::string_view kept;
    std::uint64_t size = 0;
    RecordReader in(summary);
    while (in.next()) {
        if (in.tag() == static_cast<FieldTag>(Tag::size)) size = in.number();
        if (in.tag() == static_cast<FieldTag>(Tag::structure)) kept = in.text();
        if (in.tag() == static_cast<FieldTag>(Tag::embedded)) return false;
    }
    if (in.failed()) return fail(Error::Kind::corrupt, "the summary of a message is damaged");
    if (kept.empty() || in.version() != known_version) return false;
    TRY(decode_structure(kept, size, structure));
    return true;
}

void StructureView::clear() {
    parts.clear();
    details.clear();
    limit_reached = false;
}

}  // namespace hongyan::message
