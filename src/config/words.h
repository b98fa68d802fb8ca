// What settings of several words are made of. For this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hongyan::config {

// What stands between blanks and tabs.
std::vector<std::string_view> words_of(std::string_view text);

bool is_name_byte(char c);
// A name as domains and hosts have it, in the form that people write: letters of any language.
bool is_name(std::string_view text);
// "example.org", ".example.org" (all names below it), "*".
bool is_domain_pattern(std::string_view text);

// A number from 1 to `most`; false if it is none.
bool take_number(std::string_view value, std::uint64_t most, std::uint64_t& out);
inline constexpr std::uint64_t most_connections = 1'000;
inline constexpr std::uint64_t most_messages = 1'000'000;  // in a minute

}  // namespace hongyan::config
