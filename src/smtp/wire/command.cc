#include "smtp/wire/command.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/utf8.h"

namespace hongyan::smtp {

Command parse_command(std::string_view line) {
    Scanner in(line);
    const auto verb = in.take_while([](char c) { return !ascii::is_blank(c); });
    return {verb, ascii::trim(in.rest())};
}

bool take_word(std::string_view& text, std::string_view word) {
    if (!ascii::istarts_with(text, word)) return false;
    text.remove_prefix(word.size());
    while (text.starts_with(' ')) text.remove_prefix(1);
    return true;
}

bool is_client_name(std::string_view text) {
    constexpr std::size_t longest = 255;  // RFC 5321 §4.5.3.1.2
    constexpr std::string_view marks = "-_.:[]";
    const auto belongs = [&](char c) { return ascii::is_alnum(c) || ascii::is_8bit(c) || marks.contains(c); };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, belongs) &&
           message::valid_utf8(text);
}

}  // namespace hongyan::smtp
