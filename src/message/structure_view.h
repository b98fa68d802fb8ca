// A structure whose texts somebody else keeps: as it lies in a summary, or in memory. So a listing tells the
// structures of many messages without a copy of anything.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "message/structure.h"

namespace hongyan::message {

// Of what a part may have any number.
struct PartDetail {
    enum class Kind : std::uint8_t { type_parameter, disposition_parameter, language };

    Kind kind = Kind::type_parameter;
    std::string_view name;  // of a parameter
    std::string_view value;
};

// What the members mean Part says.
struct PartView {
    Part::Index parent = Part::none;
    Part::Index first_child = Part::none;
    Part::Index next_sibling = Part::none;
    std::size_t begin = 0;
    std::size_t body = 0;
    std::size_t end = 0;
    std::uint64_t lines = 0;
    std::string_view type = "text";
    std::string_view subtype = "plain";
    std::string_view transfer_encoding;
    std::string_view id;
    std::string_view description;
    std::string_view location;
    std::string_view md5;
    std::optional<std::string_view> disposition;
    std::uint32_t first_detail = 0;  // of StructureView::details
    std::uint32_t end_detail = 0;

    std::size_t body_size() const { return end - body; }
    bool is_text() const { return type == "text"; }
    bool is_multipart() const { return type == "multipart"; }
    bool is_message() const { return first_child != Part::none && !is_multipart(); }
};

struct StructureView {
    std::vector<PartView> parts;
    std::vector<PartDetail> details;
    bool limit_reached = false;

    static StructureView of(const Structure& structure);

    std::span<const PartDetail> details_of(const PartView& part) const {
        return std::span(details).subspan(part.first_detail, part.end_detail - part.first_detail);
    }
    // With texts of its own.
    Structure owned() const;
    // To be filled with another, in the memory of this one.
    void clear();
};

// That of an encoded summary. False if it is not kept, or holds messages, whose envelopes only decode()
// gives.
Result<bool> read_structure(std::string_view summary, StructureView& structure);

}  // namespace hongyan::message
