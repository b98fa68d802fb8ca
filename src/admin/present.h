// Messages as a person reads them on a terminal.
#pragma once

#include <string>
#include <string_view>

#include "admin/listing.h"
#include "base/result.h"

namespace hongyan::admin {

// The fields a reader looks at, the text, and a line for each attachment.
std::string readable(std::string_view raw);

// A row for each part, numbered as IMAP numbers them (RFC 9051 §6.4.5.1).
Listing structure_listing(std::string_view raw);

// The content of the part with this number, transfer encoding undone; text of any charset becomes UTF-8.
Result<std::string> part_content(std::string_view raw, std::string_view number);

}  // namespace hongyan::admin
