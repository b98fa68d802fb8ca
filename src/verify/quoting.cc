#include "verify/quoting.h"

#include "base/ascii.h"

namespace hongyan::verify {

std::string quoted_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (ascii::is_control(c)) continue;
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string in_comment(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '(' || c == ')' || c == '\\' || ascii::is_control(c) ? ' ' : c;
    return out;
}

}  // namespace hongyan::verify
