// The arguments of GETMETADATA and SETMETADATA (RFC 5464 §5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imap/wire/parser.h"

namespace hongyan::imap::wire {

enum class EntryDepth { itself, children, all };

struct GetMetadataArguments {
    std::string mailbox;  // empty: the server
    std::optional<std::uint32_t> max_size;
    EntryDepth depth = EntryDepth::itself;
    std::vector<std::string> entries;  // in lower case

    friend bool operator==(const GetMetadataArguments&, const GetMetadataArguments&) = default;
};

struct EntryValue {
    std::string entry;  // in lower case
    std::optional<std::string> value;

    friend bool operator==(const EntryValue&, const EntryValue&) = default;
};

struct SetMetadataArguments {
    std::string mailbox;  // empty: the server
    std::vector<EntryValue> values;

    friend bool operator==(const SetMetadataArguments&, const SetMetadataArguments&) = default;
};

GetMetadataArguments get_metadata_arguments(Parser& in);
SetMetadataArguments set_metadata_arguments(Parser& in);
// entry / "(" entry *(SP entry) ")"
std::vector<std::string> metadata_entries(Parser& in);

// entry SP value, for commands and responses alike. A value with NUL is written as a literal8.
void put_entry_value(std::string& out, std::string_view entry, const std::optional<std::string>& value);
void put(std::string& out, const GetMetadataArguments& arguments);
void put(std::string& out, const SetMetadataArguments& arguments);

}  // namespace hongyan::imap::wire
