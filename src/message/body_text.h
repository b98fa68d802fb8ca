// The text of a message as UTF-8: for reading, for searching.
#pragma once

#include <string>
#include <string_view>

#include "message/structure.h"

namespace hongyan::message {

// A text part with its transfer encoding undone and its charset read. Markup stays.
std::string text_of(const Part& part, std::string_view raw);

// What a person reads first: the plain text parts that are no attachments; where there are none, the text of
// the HTML ones.
std::string reading_text(const Structure& structure, std::string_view raw);

// All that a search in the body may find (RFC 9051 §6.4.4, BODY): every text part, HTML without its markup,
// one after the other.
std::string searchable_text(const Structure& structure, std::string_view raw);

}  // namespace hongyan::message
