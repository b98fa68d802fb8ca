#include "message/charset_guess.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <limits>

#include "base/ascii.h"
#include "message/charset.h"
#include "message/charset_tables.h"

namespace hongyan::message {

namespace {

constexpr std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }
constexpr bool is_high(char c) { return octet(c) >= 0x80; }
constexpr bool within(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
    return byte >= low && byte <= high;
}

enum class Rating { frequent, possible, rare, wrong };

// What the rating of a character adds for each of its bytes. A wrong one must outweigh a line of lucky ones.
constexpr int weight(Rating rating) {
    constexpr std::array weights{10, 3, -6, -50};
    return weights[static_cast<std::size_t>(rating)];
}

// A character as a charset reads it: its size in bytes and how likely its place in the code table is.
struct Reading {
    std::size_t size = 1;
    Rating rating = Rating::wrong;
};

// Reads the character at `at`, a byte with the high bit set.
using Reader = Reading (*)(std::string_view bytes, std::size_t at);

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? octet(bytes[at]) : std::uint8_t{0};
}

// GB 18030: rows B0-D7 are the 3,755 ordinary characters, A1 and A3 punctuation and wide letters.
Reading read_gb18030(std::string_view bytes, std::size_t at) {
    const auto lead = octet(bytes[at]);
    const auto trail = byte_at(bytes, at + 1);
    if (!within(lead, 0x81, 0xfe)) return {};
    if (within(trail, 0x30, 0x39)) {
        const bool whole =
            within(byte_at(bytes, at + 2), 0x81, 0xfe) && within(byte_at(bytes, at + 3), 0x30, 0x39);
        return whole ? Reading{4, Rating::rare} : Reading{};
    }
    if (!within(trail, 0x40, 0xfe) || trail == 0x7f) return {};
    const bool ordinary = trail >= 0xa1 && (within(lead, 0xb0, 0xd7) || lead == 0xa1 || lead == 0xa3);
    return {2, ordinary ? Rating::possible : Rating::rare};
}

// Big5: rows A4-C6 are the 5,401 ordinary characters, A1-A3 punctuation.
Reading read_big5(std::string_view bytes, std::size_t at) {
    const auto lead = octet(bytes[at]);
    const auto trail = byte_at(bytes, at + 1);
    if (!within(lead, 0x87, 0xfe) || !(within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe))) return {};
    return {2, within(lead, 0xa1, 0xc6) ? Rating::possible : Rating::rare};
}

// Shift_JIS: 81-83 punctuation and kana, 88-97 the 2,965 ordinary kanji; A1-DF half-width katakana.
Reading read_shift_jis(std::string_view bytes, std::size_t at) {
    const auto lead = octet(bytes[at]);
    const auto trail = byte_at(bytes, at + 1);
    if (within(lead, 0xa1, 0xdf)) return {1, Rating::rare};
    if (!(within(lead, 0x81, 0x9f) || within(lead, 0xe0, 0xfc))) return {};
    if (!within(trail, 0x40, 0xfc) || trail == 0x7f) return {};
    return {2, within(lead, 0x81, 0x83) || within(lead, 0x88, 0x97) ? Rating::possible : Rating::rare};
}

// EUC-JP: A1 punctuation, A3 wide letters, A4 and A5 kana, B0-CF the ordinary kanji; 8E and 8F shift.
Reading read_euc_jp(std::string_view bytes, std::size_t at) {
    const auto lead = octet(bytes[at]);
    const auto trail = byte_at(bytes, at + 1);
    if (lead == 0x8e) return within(trail, 0xa1, 0xdf) ? Reading{2, Rating::rare} : Reading{};
    if (lead == 0x8f) return within(trail, 0xa1, 0xfe) ? Reading{3, Rating::rare} : Reading{};
    if (!within(lead, 0xa1, 0xfe) || !within(trail, 0xa1, 0xfe)) return {};
    const bool ordinary = lead == 0xa1 || within(lead, 0xa3, 0xa5) || within(lead, 0xb0, 0xcf);
    return {2, ordinary ? Rating::possible : Rating::rare};
}

// EUC-KR: B0-C8 the 2,350 syllables, A1 punctuation.
Reading read_euc_kr(std::string_view bytes, std::size_t at) {
    const auto lead = octet(bytes[at]);
    const auto trail = byte_at(bytes, at + 1);
    if (!within(lead, 0xa1, 0xfe) || !within(trail, 0xa1, 0xfe)) return {};
    return {2, lead == 0xa1 || within(lead, 0xb0, 0xc8) ? Rating::possible : Rating::rare};
}

bool is_letter_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() && (ascii::is_alpha(bytes[at]) || octet(bytes[at]) >= 0xc0);
}

// A Cyrillic letter among its like: not beside an ASCII one, no capital behind a small one.
Reading read_cyrillic(std::string_view bytes, std::size_t at, bool (*is_small)(std::uint8_t)) {
    const auto byte = octet(bytes[at]);
    const char before = at > 0 ? bytes[at - 1] : ' ';
    const bool mixed = ascii::is_alpha(before) || (at + 1 < bytes.size() && ascii::is_alpha(bytes[at + 1]));
    const bool capital_inside = is_small(octet(before)) && !is_small(byte);
    return {1, byte >= 0xc0 && !mixed && !capital_inside ? Rating::possible : Rating::rare};
}
Reading read_windows_1251(std::string_view bytes, std::size_t at) {
    return read_cyrillic(bytes, at, [](std::uint8_t byte) { return byte >= 0xe0; });
}
Reading read_koi8_r(std::string_view bytes, std::size_t at) {
    return read_cyrillic(bytes, at, [](std::uint8_t byte) { return within(byte, 0xc0, 0xdf); });
}

// windows-1252: accented letters stand among ASCII ones, hardly ever three in a row.
Reading read_windows_1252(std::string_view bytes, std::size_t at) {
    const auto accented_at = [&](std::size_t i) { return byte_at(bytes, i) >= 0xc0; };
    const bool after = accented_at(at + 1);
    const bool before = at > 0 && accented_at(at - 1);
    const bool crowded =
        (after && before) || (after && accented_at(at + 2)) || (before && at > 1 && accented_at(at - 2));
    const bool alone = !is_letter_at(bytes, at + 1) && !(at > 0 && is_letter_at(bytes, at - 1));
    return {1, crowded || (alone && accented_at(at)) ? Rating::rare : Rating::possible};
}

// The frequent characters of a charset by their code of one or two bytes, made once.
class FrequentSet {
public:
    FrequentSet(std::string_view charset, std::string_view characters) {
        const auto encoded = from_utf8(characters, charset);
        for (std::size_t i = 0; i < encoded.size();) {
            const std::size_t size = is_two_bytes_wide(charset) ? 2 : 1;
            codes_.set(code(std::string_view(encoded).substr(i, size)));
            i += size;
        }
    }
    bool contains(std::string_view character) const {
        return character.size() <= 2 && codes_[code(character)];
    }

private:
    static bool is_two_bytes_wide(std::string_view charset) {
        return !charset.starts_with("windows") && !charset.starts_with("KOI8");
    }
    static std::size_t code(std::string_view character) {
        std::size_t number = 0;
        for (const char c : character) number = number << 8U | octet(c);
        return number;
    }
    std::bitset<65536> codes_;
};

struct Candidate {
    std::string_view charset;
    Reader read;
    FrequentSet frequent;

    // The mean weight of all characters that are not ASCII.
    double score(std::string_view sample) const {
        double sum = 0;
        double count = 0;
        for (std::size_t at = 0; at < sample.size();) {
            if (!is_high(sample[at])) {
                ++at;
                continue;
            }
            auto [size, rating] = read(sample, at);
            if (rating == Rating::wrong && at + 1 == sample.size()) break;  // cut off
            if (rating == Rating::possible && frequent.contains(sample.substr(at, size)))
                rating = Rating::frequent;
            sum += weight(rating) * static_cast<double>(size);
            count += static_cast<double>(size);
            at += size;
        }
        return count > 0 ? sum / count : 0;
    }
};

const std::array<Candidate, 8>& candidates() {
    static const std::array<Candidate, 8> all{{
        {"GB18030", &read_gb18030, {"GB18030", frequent_simplified}},
        {"Big5", &read_big5, {"Big5", frequent_traditional}},
        {"Shift_JIS", &read_shift_jis, {"Shift_JIS", frequent_japanese}},
        {"EUC-JP", &read_euc_jp, {"EUC-JP", frequent_japanese}},
        {"EUC-KR", &read_euc_kr, {"EUC-KR", frequent_korean}},
        {"windows-1251", &read_windows_1251, {"windows-1251", frequent_cyrillic}},
        {"KOI8-R", &read_koi8_r, {"KOI8-R", frequent_cyrillic}},
        {"windows-1252", &read_windows_1252, {"windows-1252", frequent_western}},
    }};
    return all;
}

// A sample that ends inside a character would count one wrong; so it ends behind an ASCII byte if it is cut.
std::string_view sample_of(std::string_view bytes) {
    if (bytes.size() <= guess_sample) return bytes;
    auto sample = bytes.substr(0, guess_sample);
    const auto last = sample.find_last_of(" \r\n");
    return last == std::string_view::npos ? sample : sample.substr(0, last + 1);
}

// Characters of GB 2312 between "~{" and "~}", most of them ordinary ones (rows 30-57) or punctuation.
bool is_hz_run(std::string_view run) {
    if (run.empty() || run.size() % 2 != 0) return false;
    std::size_t ordinary = 0;
    for (std::size_t i = 0; i < run.size(); i += 2) {
        const auto row = octet(run[i]);
        if (!within(row, 0x21, 0x77) || !within(octet(run[i + 1]), 0x21, 0x7e)) return false;
        if (within(row, 0x30, 0x57) || row == 0x21 || row == 0x23) ++ordinary;
    }
    return ordinary * 4 > run.size();
}

bool is_hz(std::string_view bytes) {
    bool found = false;
    for (auto start = bytes.find("~{"); start != std::string_view::npos; start = bytes.find("~{", start)) {
        const auto end = bytes.find("~}", start + 2);
        if (end == std::string_view::npos || !is_hz_run(bytes.substr(start + 2, end - start - 2)))
            return false;
        found = true;
        start = end + 2;
    }
    return found;
}

}  // namespace

std::string_view guess_8bit_charset(std::string_view bytes) {
    const auto sample = sample_of(bytes);
    std::string_view best;
    double best_score = std::numeric_limits<double>::lowest();
    for (const auto& candidate : candidates()) {
        const double score = candidate.score(sample);
        if (score <= best_score) continue;
        best = candidate.charset;
        best_score = score;
    }
    return best;
}

std::string_view recognise_7bit_charset(std::string_view bytes) {
    struct Escape {
        std::string_view sequence;
        std::string_view charset;
    };
    constexpr Escape escapes[] = {
        {"\x1b$)C", "ISO-2022-KR"}, {"\x1b$)A", "ISO-2022-CN"}, {"\x1b$)G", "ISO-2022-CN"},
        {"\x1b$B", "ISO-2022-JP"},  {"\x1b$@", "ISO-2022-JP"},  {"\x1b(I", "ISO-2022-JP"},
    };
    const auto sample = bytes.substr(0, guess_sample);
    if (sample.contains('\x1b')) {
        for (const auto& [sequence, charset] : escapes)
            if (sample.contains(sequence)) return charset;
    }
    return is_hz(sample_of(bytes)) ? "HZ-GB-2312" : "";
}

bool surely_utf8(std::string_view bytes) {
    constexpr int enough = 4;
    if (!valid_utf8(bytes)) return false;
    int others = 0;
    for (const char c : bytes) {
        const auto byte = octet(c);
        if (within(byte, 0xe3, 0xed) || byte == 0xef) return true;
        if (byte >= 0xc2 && ++others == enough) return true;
    }
    return false;
}

}  // namespace hongyan::message
