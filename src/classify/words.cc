#include "classify/words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <unicode/uchar.h>

#include "base/ascii.h"
#include "classify/eight_bytes.h"
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

// The upper bit of each letter or digit of ASCII.
std::uint64_t plain_letters(std::uint64_t bytes) {
    return between('0', '9', bytes) | between('a', 'z', bytes | each(' '));
}

// How many letters and digits of ASCII stand at the front. Eight at a time: where words end nobody foretells.
std::size_t plain_run(std::string_view text) {
    std::size_t size = 0;
    for (; size + sizeof(std::uint64_t) <= text.size(); size += sizeof(std::uint64_t)) {
        const auto others = ~plain_letters(eight_bytes(text.data() + size)) & upper_bits;
        if (others != 0) return size + static_cast<std::size_t>(std::countr_zero(others)) / 8;
    }
    while (size < text.size() && ascii::is_alnum(text[size])) ++size;
    return size;
}

bool is_inner(char c) { return c == '-' || c == '\'' || c == '.' || c == '_'; }

// What ends a word and is nothing by itself.
constexpr auto separators = [] {
    std::array<bool, 256> are{};
    for (unsigned i = 0; i < 0x80; ++i) {
        const auto c = static_cast<char>(i);
        are[i] = !ascii::is_alnum(c) && std::string_view("-'._$!").find(c) == std::string_view::npos;
    }
    return are;
}();
bool is_separator(char c) { return separators[static_cast<std::uint8_t>(c)]; }

}  // namespace

// Takes characters one by one, plain letters many at a time, and puts words together.
class Cutter {
public:
    // A text of so many bytes.
    Cutter(std::size_t size, std::size_t most) : most_(most) {
        constexpr std::size_t usual_word = 5;
        words_.text_.resize(std::min(size, 2 * usual_word * most) + at_once);
        words_.ends_.reserve(std::min(size / usual_word, most));
    }

    void take(char32_t c) {
        if (c < 0x80) return take_ascii(static_cast<char>(c));
        if (is_unspaced(c)) return take_unspaced(c);
        if (u_isalnum(static_cast<UChar32>(c)) != 0) return take_letter(c);
        if (c == 0xad || c == 0x200b || c == 0x200c || c == 0x200d || c == 0xfeff) return;  // unseen
        end();
    }
    // A short word of plain letters, as most are, with the separator that ends it: how many bytes were taken,
    // 0 if none stands at the front. No branch depends on how long it is.
    std::size_t take_plain_word(std::string_view utf8) {
        if (is_open() || utf8.size() < at_once) return 0;
        const auto first = eight_bytes(utf8.data()), second = eight_bytes(utf8.data() + sizeof first);
        const auto ends_first = ~plain_letters(first) & upper_bits;
        const auto ends_second = ~plain_letters(second) & upper_bits;
        if ((ends_first | ends_second) == 0) return 0;
        const auto bits = ends_first != 0 ? std::countr_zero(ends_first) : 64 + std::countr_zero(ends_second);
        const auto run = static_cast<std::size_t>(bits) / 8;
        if (!is_separator(utf8[run])) return 0;
        before_ = 0;
        if (run == 0) return 1;
        auto* const out = room_for(at_once);
        put_eight_bytes(out, lower(first));
        put_eight_bytes(out + sizeof first, lower(second));
        size_ += run;
        if (ascii::is_digit(utf8.front())) shape();
        put();
        return run + 1;
    }
    // The first `size` bytes of it.
    void take_run(std::string_view utf8, std::size_t size) {
        before_ = 0;
        auto* const out = room_for(std::max(size, at_once));
        // So many bytes are copied without a call or a branch: most words are shorter.
        if (size <= at_once && utf8.size() >= at_once) {
            std::array<char, at_once> bytes{};
            utf8.copy(bytes.data(), bytes.size());
            for (char& c : bytes) c = ascii::lower(c);
            std::ranges::copy(bytes, out);
        } else {
            std::ranges::transform(utf8.substr(0, size), out, ascii::lower);
        }
        size_ += size;
    }
    void take_ascii(char c) {
        before_ = 0;
        if (ascii::is_alnum(c)) return add(ascii::lower(c));
        if (is_inner(c)) {
            if (is_open()) add(c);
            return;
        }
        end();
        if (c == '$' || c == '!') add(c);
        if (c == '!') end();
    }
    Words finish() {
        end();
        words_.text_.resize(size_);
        return std::move(words_);
    }
    bool is_full() const { return words_.size() >= most_; }

private:
    static constexpr std::size_t at_once = 16;
    static constexpr std::size_t longest_number = 4;  // digits

    // Behind all that was taken.
    char* room_for(std::size_t more) {
        auto& text = words_.text_;
        if (text.size() - size_ < more) text.resize(2 * text.size() + more);
        return text.data() + size_;
    }
    void add(char c) {
        *room_for(1) = c;
        ++size_;
    }
    void add(std::string_view bytes) { size_ += bytes.copy(room_for(bytes.size()), bytes.size()); }
    void add_character(char32_t c) {
        std::string bytes;
        message::append_utf8(bytes, c);
        add(bytes);
    }
    // What is open of a word.
    bool is_open() const { return size_ > begin_; }
    std::string_view word() const { return std::string_view(words_.text_).substr(begin_, size_ - begin_); }

    void take_letter(char32_t c) {
        before_ = 0;
        add_character(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
    }
    void take_unspaced(char32_t c) {
        const auto before = before_;
        end();
        before_ = c;
        if (before == 0) return;
        add_character(before);
        add_character(c);
        put();
    }
    void end() {
        before_ = 0;
        while (is_open() && is_inner(word().back())) --size_;
        if (!is_open()) return;
        shape();
        put();
    }
    void put() {
        begin_ = size_;
        words_.ends_.push_back(static_cast<std::uint32_t>(begin_));
    }
    void shape() {
        const auto open = word();
        if (open.size() <= longest_number) return;
        if (ascii::is_digit(open.front()) && std::ranges::all_of(open, ascii::is_digit)) {
            size_ = begin_;
            add("0000");
        } else if (open.size() > max_word) {
            size_ = begin_ + message::utf8_prefix(open, 8).size();
            add("…");
        }
    }

    std::size_t most_;
    Words words_;            // with room behind what was taken
    std::size_t size_ = 0;   // of that
    std::size_t begin_ = 0;  // of the word that is open
    char32_t before_ = 0;    // the character of an unspaced script that came last
};

namespace {

// Few at a time, so that the compiler counts in bytes, many at once.
void count_ascii(Letters& letters, std::string_view text) {
    constexpr std::size_t most = 255;
    for (; !text.empty(); text.remove_prefix(std::min(most, text.size()))) {
        std::uint8_t capitals = 0, small = 0, digits = 0, exclamations = 0;
        for (const char c : text.substr(0, most)) {
            capitals += c >= 'A' && c <= 'Z' ? 1 : 0;
            small += c >= 'a' && c <= 'z' ? 1 : 0;
            digits += c >= '0' && c <= '9' ? 1 : 0;
            exclamations += c == '!' ? 1 : 0;
        }
        letters.capitals += capitals;
        letters.small += small;
        letters.digits += digits;
        letters.exclamations += exclamations;
    }
}

}  // namespace

Words words_of(std::string_view utf8, std::size_t most) {
    Cutter cutter(utf8.size(), most);
    while (!utf8.empty() && !cutter.is_full()) {
        if (const auto taken = cutter.take_plain_word(utf8); taken > 0) {
            utf8.remove_prefix(taken);
            continue;
        }
        if (const auto run = plain_run(utf8); run > 0) {
            cutter.take_run(utf8, run);
            utf8.remove_prefix(run);
            if (utf8.empty() || cutter.is_full()) break;
        }
        if (!ascii::is_8bit(utf8.front())) {
            cutter.take_ascii(utf8.front());
            utf8.remove_prefix(1);
            continue;
        }
        const auto size = message::utf8_character_size(utf8);
        if (size > 0) cutter.take(plain(message::utf8_code_point(utf8)));
        utf8.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return cutter.finish();
}

Letters letters_of(std::string_view utf8) {
    Letters letters;
    while (!utf8.empty()) {
        const auto ascii = message::ascii_prefix_size(utf8);
        count_ascii(letters, utf8.substr(0, ascii));
        utf8.remove_prefix(ascii);
        const auto size = message::utf8_character_size(utf8);
        if (size > 0) {
            const auto c = message::utf8_code_point(utf8);
            letters.exclamations += plain(c) == '!' ? 1 : 0;
            letters.beyond_ascii += 1;
            letters.ideographs += is_unspaced(c) ? 1 : 0;
        }
        utf8.remove_prefix(std::min(std::max<std::size_t>(size, 1), utf8.size()));
    }
    return letters;
}

}  // namespace hongyan::classify
