#include "classify/words.h"

#include <unicode/uchar.h>

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::classify {

namespace {

struct Range {
    char32_t first, last;
};
// Scripts without spaces between words, as the full-text index has them.
constexpr Range unspaced[] = {
    {0x0e00, 0x0eff},    // Thai, Lao
    {0x3040, 0x30ff},    // Kana
    {0x3400, 0x9fff},    // Han
    {0xac00, 0xd7af},    // Hangul
    {0xf900, 0xfaff},    // Han, for compatibility
    {0x20000, 0x323af},  // Han beyond the first plane
};

bool is_unspaced(char32_t c) {
    if (c < unspaced[0].first) return false;
    for (const auto& range : unspaced)
        if (c >= range.first && c <= range.last) return true;
    return false;
}

char32_t plain(char32_t c) {
    return c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : c;  // full-width forms of ASCII
}

// Takes characters one by one and puts words together.
class Cutter {
public:
    explicit Cutter(std::size_t most) : most_(most) {}

    void take(char32_t c) {
        if (c < 0x80) return take_ascii(static_cast<char>(c));
        if (is_unspaced(c)) return take_unspaced(c);
        if (u_isalnum(static_cast<UChar32>(c)) != 0) return take_letter(c);
        if (c == 0xad || c == 0x200b || c == 0x200c || c == 0x200d || c == 0xfeff) return;  // unseen
        end();
    }
    std::vector<std::string> finish() {
        end();
        return std::move(words_);
    }
    bool is_full() const { return words_.size() >= most_; }

private:
    void take_ascii(char c) {
        before_ = 0;
        if (ascii::is_alnum(c)) {
            word_ += ascii::lower(c);
            return;
        }
        if (c == '-' || c == '\'' || c == '.' || c == '_') {
            if (!word_.empty()) word_ += c;
            return;
        }
        end();
        if (c == '$' || c == '!') word_ = c;
        if (c == '!') end();
    }
    void take_letter(char32_t c) {
        before_ = 0;
        message::append_utf8(word_, static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
    }
    void take_unspaced(char32_t c) {
        const auto before = before_;
        end();
        before_ = c;
        if (before == 0) return;
        std::string pair;
        message::append_utf8(pair, before);
        message::append_utf8(pair, c);
        words_.push_back(std::move(pair));
    }
    void end() {
        before_ = 0;
        while (!word_.empty() &&
               (word_.back() == '-' || word_.back() == '\'' || word_.back() == '.' || word_.back() == '_'))
            word_.pop_back();
        if (word_.empty()) return;
        words_.push_back(shaped());
        word_.clear();
    }
    std::string shaped() const {
        std::size_t digits = 0;
        for (const char c : word_) digits += ascii::is_digit(c) ? 1 : 0;
        if (digits > 4 && digits == word_.size()) return "0000";
        if (word_.size() <= max_word) return word_;
        return std::string(message::utf8_prefix(word_, 8)) + "…";
    }

    std::size_t most_;
    std::vector<std::string> words_;
    std::string word_;
    char32_t before_ = 0;  // the character of an unspaced script that came last
};

// Calls `each` with every character.
template <typename Each>
void each_character(std::string_view utf8, Each each) {
    while (!utf8.empty()) {
        const auto size = message::utf8_character_size(utf8);
        if (size == 0) {
            utf8.remove_prefix(1);
            continue;
        }
        if (!each(message::utf8_code_point(utf8))) return;
        utf8.remove_prefix(size);
    }
}

}  // namespace

std::vector<std::string> words_of(std::string_view utf8, std::size_t most) {
    Cutter cutter(most);
    each_character(utf8, [&](char32_t c) {
        cutter.take(plain(c));
        return !cutter.is_full();
    });
    return cutter.finish();
}

Letters letters_of(std::string_view utf8) {
    Letters letters;
    each_character(utf8, [&](char32_t c) {
        letters.capitals += c >= 'A' && c <= 'Z' ? 1 : 0;
        letters.small += c >= 'a' && c <= 'z' ? 1 : 0;
        letters.digits += c >= '0' && c <= '9' ? 1 : 0;
        letters.exclamations += plain(c) == '!' ? 1 : 0;
        letters.beyond_ascii += c >= 0x80 ? 1 : 0;
        letters.ideographs += is_unspaced(c) ? 1 : 0;
        return true;
    });
    return letters;
}

}  // namespace hongyan::classify
