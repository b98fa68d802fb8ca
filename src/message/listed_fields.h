// The header fields that clients ask for when they list messages, kept in the summary as they stand in the
// message, so that telling them does not touch it. Grammar: docs/formats/summary.md.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "message/summary.h"

namespace hongyan::message {

inline constexpr std::size_t max_listed_fields_size = 4'000;  // bytes encoded

// Some of the names that can be kept.
class ListedNames {
public:
    // Nothing if one of the names is not among them.
    static std::optional<ListedNames> of(std::span<const std::string> names);

    bool contains(std::size_t index) const { return (set_ >> index & 1U) != 0; }

private:
    std::uint64_t set_ = 0;
};

// Those of a header whose values `kept` holds need not be told twice. Empty if they would take too much.
std::string encode_listed_fields(std::string_view header, const Summary& kept);

// Appends the fields of these names, in the order of the message, each with its line end. False, and nothing
// appended, where they are not kept.
bool put_listed_fields(std::string& out, const SummaryView& summary, const ListedNames& names);

}  // namespace hongyan::message
