#include "config/words.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::config {

bool is_name_byte(char c) {
    return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || ascii::is_8bit(c);
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (Scanner in(text); in.skip_blanks(), !in.at_end();) {
        const auto word = in.take_some([](char c) { return c != ' ' && c != '\t'; });
        words.push_back(word);
    }
    return words;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, is_name_byte) &&
           text.front() != '.' && text.find("..") == text.npos;
}

bool is_domain_pattern(std::string_view text) {
    return text == "*" || is_name(text.substr(text.starts_with('.') ? 1 : 0));
}

bool take_number(std::string_view value, std::uint64_t most, std::uint64_t& out) {
    Scanner in(value);
    out = in.number<std::uint32_t>(static_cast<std::uint32_t>(most));
    return in.complete() && out > 0;
}

}  // namespace hongyan::config
