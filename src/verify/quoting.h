// Text of others put into header fields that we write: it cannot end what it stands in. And comments in
// theirs.
#pragma once

#include <string>
#include <string_view>

#include "base/scanner.h"

namespace hongyan::verify {

// quoted-string, without control characters (RFC 5322 §3.2.4).
std::string quoted_string(std::string_view text);

// What may stand in a comment: blanks in place of brackets, backslashes and control characters (RFC 5322
// §3.2.2).
std::string in_comment(std::string_view text);

// CFWS = comments and white space, which may be nothing (RFC 5322 §3.2.2). The scanner fails where a comment
// has no end or holds too many others.
void skip_cfws(Scanner& in);

}  // namespace hongyan::verify
