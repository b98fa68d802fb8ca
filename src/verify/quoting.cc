#include "verify/quoting.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t most_nested = 20;  // comments in comments

// ctext, quoted-pair and comments within (RFC 5322 §3.2.2), after "("
void skip_comment(Scanner& in) {
    for (std::size_t depth = 1; depth > 0 && !in.failed();) {
        const char c = in.peek();
        in.take(c == '\\' ? 2 : 1);
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (depth > most_nested) in.fail();
    }
}

}  // namespace

std::size_t shown_size(std::string_view text) {
    const auto size = message::utf8_character_size(text);
    if (size == 0) return 0;
    const auto character = message::utf8_code_point(text);
    const auto is_between = [character](char32_t first, char32_t last) {
        return character >= first && character <= last;
    };
    const bool is_control = character < U' ' || is_between(0x7f, 0x9f);
    // Ends of lines and paragraphs, and what turns the order of the letters behind it.
    const bool is_format = is_between(0x2028, 0x202e) || is_between(0x2066, 0x2069);
    return is_control || is_format ? 0 : size;
}

std::string shown(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto size = shown_size(text);
        if (size == 0) out += '?';
        out += text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string shortened(std::string_view text) {
    const auto front = message::utf8_prefix(text, longest_comment);
    return std::string(front).append(front.size() < text.size() ? "..." : "");
}

std::string quoted_string(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    out += '"';
    for (const char c : shown(text)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string in_comment(std::string_view text) {
    auto out = shortened(text);
    for (char& c : out) {
        if (c == '(' || c == ')' || c == '\\' || ascii::is_control(c)) c = ' ';
        if (c == ';') c = ',';
    }
    for (auto at = out.find("=?"); at != out.npos; at = out.find("=?", at)) out[at + 1] = ' ';
    return shown(out);
}

void skip_cfws(Scanner& in) {
    for (;;) {
        in.take_while(ascii::is_space);
        if (!in.present("(")) return;
        skip_comment(in);
    }
}

}  // namespace hongyan::verify
