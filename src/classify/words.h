// Text as the words that the classifier counts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::classify {

inline constexpr std::size_t max_word = 40;  // bytes; longer ones become their beginning and a mark

// In lower case; letters and digits of any script, with - ' . _ $ inside. In Chinese, Japanese and Korean,
// which put no spaces between words, every two neighbouring characters are one. Full-width letters are plain
// ones. Runs of digits beyond four become "0000"; money and exclamation marks are words. At most `most`.
std::vector<std::string> words_of(std::string_view utf8, std::size_t most);

// What letters there are in a text.
struct Letters {
    std::size_t capitals = 0;
    std::size_t small = 0;
    std::size_t digits = 0;
    std::size_t beyond_ascii = 0;  // characters
    std::size_t ideographs = 0;
    std::size_t exclamations = 0;
};
Letters letters_of(std::string_view utf8);

}  // namespace hongyan::classify
