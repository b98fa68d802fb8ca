// Which bytes may stand where (RFC 3501 §9, RFC 9051 §9).
#pragma once

#include "base/ascii.h"

namespace hongyan::imap::wire {

constexpr bool is_list_wildcard(char c) { return c == '%' || c == '*'; }
constexpr bool is_quoted_special(char c) { return c == '"' || c == '\\'; }

// ATOM-CHAR = any CHAR except atom-specials; "]" is one of those only inside a response code
constexpr bool is_atom_char(char c) {
    return !ascii::is_8bit(c) && !ascii::is_control(c) && c != ' ' && c != '(' && c != ')' && c != '{' &&
           !is_list_wildcard(c) && !is_quoted_special(c) && c != ']';
}
constexpr bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }
constexpr bool is_list_char(char c) { return is_astring_char(c) || is_list_wildcard(c); }
// tag = 1*<any ASTRING-CHAR except "+">
constexpr bool is_tag_char(char c) { return is_astring_char(c) && c != '+'; }
// QUOTED-CHAR without its escapes. UTF-8 may stand in quotes since RFC 9051; before, nobody else used 8 bits.
constexpr bool is_quoted_text(char c) { return !is_quoted_special(c) && c != '\r' && c != '\n' && c != '\0'; }

}  // namespace hongyan::imap::wire
