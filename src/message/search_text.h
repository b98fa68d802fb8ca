// The texts of a message that a search looks into, decoded and folded (fold_for_search), whoever searches:
// IMAP, JMAP, and the index of the store, which must agree with both.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/structure.h"
#include "message/summary.h"

namespace hongyan::message {

// Is this field one of those that a summary keeps whole: Subject, From, To, Cc, Bcc, Message-ID?
bool is_kept_field(std::string_view name);

// The value of such a field. Nothing where the summary does not tell: then folded_field() does.
std::optional<std::string> folded_kept_field(const Summary& summary, std::string_view name);

// The values of all fields of this name, a line each; nothing if there is none.
std::optional<std::string> folded_field(std::string_view header, std::string_view name);

// All fields, a line each: "NAME: VALUE"; then the file name of `root`, the message itself, as a person reads
// it, which may be written in ways that the field does not show (RFC 2231).
std::string folded_header(std::string_view header, const Part& root);

// The text of all text parts, the headers of all parts and the names of attachments. The offsets of the
// structure count from the first byte of `content`.
std::string folded_body(const Structure& structure, std::string_view content);

}  // namespace hongyan::message
