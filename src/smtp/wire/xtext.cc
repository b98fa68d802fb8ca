#include "smtp/wire/xtext.h"

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/scanner.h"

namespace hongyan::smtp {

namespace {

// xchar = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="   RFC 3461 §4
// RFC 6533 §3 lets UTF-8 stand as it is.
bool is_xchar(char c) { return (c > ' ' && c < '\x7f' && c != '+' && c != '=') || ascii::is_8bit(c); }

}  // namespace

std::string to_xtext(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_xchar(c))
            out += c;
        else
            out += '+' + ascii::to_upper(to_hex({&c, 1}));
    }
    return out;
}

// xtext = *( xchar / hexchar ); hexchar = "+" 2HEXDIG   RFC 3461 §4
std::optional<std::string> from_xtext(std::string_view encoded) {
    Scanner in(encoded);
    std::string out;
    while (!in.failed() && !in.at_end()) {
        if (!in.present("+")) {
            out += in.take_some(is_xchar);
            continue;
        }
        const auto byte = from_hex(in.take(2));
        if (!byte) return std::nullopt;
        out += *byte;
    }
    if (in.failed()) return std::nullopt;
    return out;
}

}  // namespace hongyan::smtp
