// The words of an HTML body, for previews and search: no renderer, only good enough to read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// UTF-8 in, UTF-8 out. Tags, comments and what scripts, styles and the head hold are taken out, tags that
// begin a line or a cell leave a blank, character references become characters. Ends when the text has
// `max_size` bytes or somewhat more. Never fails, in linear time.
std::string html_text(std::string_view html, std::size_t max_size = std::string_view::npos);

// With its character references as characters, as in the value of an attribute; nothing else is changed.
std::string decode_references(std::string_view text);

// What the attributes with addresses (href, src, …) say, character references as characters, from top to
// bottom. Wherever such an attribute could stand, in a tag or not, so that nothing before it can hide it.
// Linear time.
std::vector<std::string> link_targets(std::string_view html, std::size_t most);

// Runs of white space as one blank, none at the ends; characters without width, with which senders fill up
// previews, are left out. At most `max_characters` characters.
std::string collapse_blanks(std::string_view utf8, std::size_t max_characters = std::string_view::npos);

}  // namespace hongyan::message
