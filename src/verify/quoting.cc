#include "verify/quoting.h"

#include "base/ascii.h"

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

std::string quoted_string(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    out += '"';
    for (const char c : text) {
        if (ascii::is_control(c)) continue;
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string in_comment(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c == '(' || c == ')' || c == '\\' || ascii::is_control(c)) c = ' ';
    return out;
}

void skip_cfws(Scanner& in) {
    for (;;) {
        in.take_while(ascii::is_space);
        if (!in.present("(")) return;
        skip_comment(in);
    }
}

}  // namespace hongyan::verify
