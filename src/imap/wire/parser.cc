#include "imap/wire/parser.h"

#include <algorithm>

#include <fmt/format.h>

namespace hongyan::imap::wire {

namespace {

// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
bool is_atom_char(char c) {
    constexpr std::string_view specials = "(){%*\"\\]";
    return !ascii::is_control(c) && !ascii::is_8bit(c) && c != ' ' && !specials.contains(c);
}
// ASTRING-CHAR = ATOM-CHAR / resp-specials
bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }
// What stands for itself between the quotes.
bool is_plain_quoted_char(char c) { return c != '"' && c != '\\' && c != '\r' && c != '\n' && c != '\0'; }

}  // namespace

// tag = 1*<any ASTRING-CHAR except "+">
std::string_view Parser::tag() {
    return in_.take_some([](char c) { return is_astring_char(c) && c != '+'; });
}

// atom = 1*ATOM-CHAR
std::string_view Parser::atom() { return in_.take_some(is_atom_char); }

// astring = 1*ASTRING-CHAR / string
std::string Parser::astring() {
    if (in_.peek() == '"' || in_.peek() == '{') return string();
    return std::string(in_.take_some(is_astring_char));
}

// string = quoted / literal
std::string Parser::string() { return in_.peek() == '"' ? quoted() : literal(); }

// nstring = string / nil
std::optional<std::string> Parser::nstring() {
    if (in_.present("NIL")) return std::nullopt;
    return string();
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE
// QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
std::string Parser::quoted() {
    std::string text;
    in_.expect("\"");
    while (!in_.failed()) {
        text += in_.take_while(is_plain_quoted_char);
        if (in_.present("\"")) return text;
        in_.expect("\\");
        const auto escaped = in_.take(1);
        if (escaped != "\"" && escaped != "\\") in_.fail();
        text += escaped;
    }
    return {};
}

// literal = "{" number64 ["+"] "}" CRLF *CHAR8
std::string Parser::literal() {
    in_.expect("{");
    const auto size = in_.number<std::size_t>();
    in_.present("+");
    in_.expect("}\r\n");
    return std::string(in_.take(size));
}

std::string to_string_token(std::string_view text) {
    const bool plain =
        std::ranges::none_of(text, [](char c) { return ascii::is_control(c) || ascii::is_8bit(c); });
    if (!plain) return fmt::format("{{{}}}\r\n{}", text.size(), text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace hongyan::imap::wire
