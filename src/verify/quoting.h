// Text of others put into header fields that we write: it cannot end what it stands in. And comments in
// theirs.
#pragma once

#include <string>
#include <string_view>

#include "base/scanner.h"

namespace hongyan::verify {

// How many octets the character at the front takes that a field may hold: one of UTF-8 that is neither a
// control character nor taken for the end of a line by some. 0 if there is none.
std::size_t shown_size(std::string_view text);

// The text with a question mark for each octet of which no such character is made.
std::string shown(std::string_view text);

// Octets of others' words in a comment or a parameter; lines have 998 (RFC 5322 §2.1.1).
inline constexpr std::size_t longest_comment = 300;
// The front part of so many octets, which says where it has been cut.
std::string shortened(std::string_view text);

// quoted-string of what can be shown (RFC 5322 §3.2.4).
std::string quoted_string(std::string_view text);

// What may stand in a comment: blanks in place of brackets, backslashes and control characters (RFC 5322
// §3.2.2), and nothing that readers without a grammar take for its end: no semicolon, no encoded word
// (RFC 2047 §5). Shortened.
std::string in_comment(std::string_view text);

// CFWS = comments and white space, which may be nothing (RFC 5322 §3.2.2). The scanner fails where a comment
// has no end or holds too many others.
void skip_cfws(Scanner& in);

}  // namespace hongyan::verify
