#include "smtp/wire/command.h"

#include "base/scanner.h"

namespace hongyan::smtp {

Command parse_command(std::string_view line) {
    Scanner in(line);
    const auto verb = in.take_while([](char c) { return c != ' ' && c != '\t'; });
    return {verb, ascii::trim(in.rest())};
}

bool is_client_name(std::string_view text) {
    constexpr std::size_t longest = 255;  // RFC 5321 §4.5.3.1.2
    if (text.empty() || text.size() > longest) return false;
    const auto belongs = [](char c) { return !ascii::is_control(c) && c != ' ' && c != '<' && c != '>'; };
    return std::ranges::all_of(text, belongs);
}

}  // namespace hongyan::smtp
