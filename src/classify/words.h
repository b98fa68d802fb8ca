// Text as the words that the classifier counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::classify {

// Words in a row, none of them empty, in one piece of memory.
class Words {
public:
    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t i) const {
        const auto begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(begin, ends_[i] - begin);
    }
    // One behind the other.
    std::string_view text() const { return text_; }

private:
    friend class Cutter;
    std::string text_;
    std::vector<std::uint32_t> ends_;
};

inline constexpr std::size_t max_word = 40;  // bytes; longer ones become their beginning and a mark

// In lower case; letters and digits of any script, with - ' . _ $ inside. In Chinese, Japanese and Korean,
// which put no spaces between words, every two neighbouring characters are one. Full-width letters are plain
// ones. Runs of digits beyond four become "0000"; money and exclamation marks are words. At most `most`.
Words words_of(std::string_view utf8, std::size_t most);

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
