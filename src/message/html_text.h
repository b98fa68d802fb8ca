// The words of an HTML body, for previews and search: no renderer, only good enough to read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

// UTF-8 in, UTF-8 out. Tags, comments and what scripts, styles and the head hold are taken out, tags that
// begin a line or a cell leave a blank, character references become characters. Ends when the text has
// `max_size` bytes or somewhat more. Never fails, in linear time.
std::string html_text(std::string_view html, std::size_t max_size = std::string_view::npos);

// Runs of white space as one blank, none at the ends; characters without width, with which senders fill up
// previews, are left out. At most `max_characters` characters.
std::string collapse_blanks(std::string_view utf8, std::size_t max_characters = std::string_view::npos);

}  // namespace hongyan::message
