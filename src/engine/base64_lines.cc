#include "engine/base64_lines.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/bytes.h"

namespace hongyan::engine {

namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t shortest_line = 16;   // characters; below, a run gains little
constexpr std::uint32_t longest_line = 1000;  // RFC 5322 §2.1.1 permits 998 without the CRLF
constexpr std::size_t worth_folding = 1024;   // characters of a run
constexpr std::uint8_t no_digit = 0xff;

// What vectors may write beyond the end of what they are asked for.
constexpr std::size_t slack = 32;  // bytes

constexpr auto digits = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return out;
}();

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

// ---- four characters and three bytes at a time ----

bool decode_by_four(std::string_view text, char* out) {
    for (; !text.empty(); text.remove_prefix(4), out += 3) {
        std::uint32_t bits = 0;
        std::uint8_t wrong = 0;
        for (const char c : text.substr(0, 4)) {
            wrong |= digits[octet(c)];
            bits = (bits << 6U) | (digits[octet(c)] & 63U);
        }
        if (wrong > 63) return false;
        out[0] = static_cast<char>(bits >> 16U);
        out[1] = static_cast<char>(bits >> 8U);
        out[2] = static_cast<char>(bits);
    }
    return true;
}

void encode_by_three(std::string_view bytes, char* out) {
    for (; !bytes.empty(); bytes.remove_prefix(3), out += 4) {
        const auto bits = (std::uint32_t{octet(bytes[0])} << 16U) | (std::uint32_t{octet(bytes[1])} << 8U) |
                          octet(bytes[2]);
        for (unsigned i = 0; i < 4; ++i) out[i] = alphabet[(bits >> (18 - 6 * i)) & 63U];
    }
}

#if defined(__x86_64__)
// ---- 32 characters and 24 bytes at a time: the method of Wojciech Muła and Daniel Lemire, "Faster Base64
// Encoding and Decoding Using AVX2 Instructions" (2018) ----

constexpr std::size_t wide_text = 32;
constexpr std::size_t wide_bytes = 24;

// Stores 32 bytes, of which 24 count.
__attribute__((target("avx2"))) bool decode_wide(const char* text, char* out) {
    const auto low_class = _mm256_setr_epi8(
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,  //
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const auto high_class = _mm256_setr_epi8(
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,  //
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const auto distance = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                           0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const auto slash = _mm256_set1_epi8(0x2f);
    const auto in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
    const auto high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
    const auto low = _mm256_and_si256(in, slash);
    const auto wrong =
        _mm256_and_si256(_mm256_shuffle_epi8(low_class, low), _mm256_shuffle_epi8(high_class, high));
    if (_mm256_testz_si256(wrong, wrong) == 0) return false;
    const auto row = _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high);
    const auto six = _mm256_add_epi8(in, _mm256_shuffle_epi8(distance, row));
    const auto twelve = _mm256_maddubs_epi16(six, _mm256_set1_epi32(0x01400140));
    const auto bits = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000));
    const auto bytes =
        _mm256_shuffle_epi8(bits, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                                                   2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    const auto packed = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
    return true;
}

// Loads 28 bytes, of which 24 count.
__attribute__((target("avx2"))) void encode_wide(const char* bytes, char* out) {
    const auto lower = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    const auto upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 12));
    const auto in =
        _mm256_shuffle_epi8(_mm256_set_m128i(upper, lower),
                            _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                             1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const auto first = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)),
                                          _mm256_set1_epi32(0x04000040));
    const auto second = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)),
                                           _mm256_set1_epi32(0x01000010));
    const auto six = _mm256_or_si256(first, second);
    const auto distance =
        _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,  //
                         'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    const auto is_capital =
        _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), six), _mm256_set1_epi8(13));
    const auto row = _mm256_or_si256(_mm256_subs_epu8(six, _mm256_set1_epi8(51)), is_capital);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_add_epi8(_mm256_shuffle_epi8(distance, row), six));
}

// A line of at least 32 characters. What is left of it is done by going back a little.
__attribute__((target("avx2"))) bool decode_line_wide(std::string_view line, char* out) {
    std::size_t at = 0;
    for (; at + wide_text <= line.size(); at += wide_text)
        if (!decode_wide(line.data() + at, out + at / 4 * 3)) return false;
    const auto last = line.size() - wide_text;
    return at == line.size() || decode_wide(line.data() + last, out + last / 4 * 3);
}

__attribute__((target("avx2"))) void encode_line_wide(const char* bytes, std::size_t count, char* out) {
    std::size_t at = 0;
    for (; at + wide_bytes <= count; at += wide_bytes) encode_wide(bytes + at, out + at / 3 * 4);
    const auto last = count - wide_bytes;
    if (at < count) encode_wide(bytes + last, out + last / 3 * 4);
}

const bool has_vectors = __builtin_cpu_supports("avx2") != 0;
#endif

// A multiple of four characters without padding. `out` has room for `slack` bytes more.
bool decode_line(std::string_view line, char* out) {
#if defined(__x86_64__)
    if (has_vectors && line.size() >= wide_text) return decode_line_wide(line, out);
#endif
    return decode_by_four(line, out);
}

// A multiple of three bytes. `slack` more may be read behind them.
void encode_line(const char* bytes, std::size_t count, char* out) {
#if defined(__x86_64__)
    if (has_vectors && count >= wide_bytes) return encode_line_wide(bytes, count, out);
#endif
    encode_by_three({bytes, count}, out);
}

// Four characters of which the last one or two are padding; the bits that do not count must be 0, as encoding
// makes them. Says how many bytes they are: nothing where they are something else.
std::optional<std::size_t> decode_end(std::string_view four, char* out) {
    const std::size_t padding = four.ends_with("==") ? 2 : four.ends_with('=') ? 1 : 0;
    std::array<char, 4> whole{};
    std::ranges::copy(four, whole.begin());
    std::fill_n(whole.end() - static_cast<std::ptrdiff_t>(padding), padding, 'A');
    std::array<char, 3> bytes{};
    if (!decode_by_four({whole.data(), whole.size()}, bytes.data())) return std::nullopt;
    const auto count = 3 - padding;
    if (std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(count), bytes.end(),
                    [](char c) { return c != 0; }))
        return std::nullopt;
    std::copy_n(bytes.begin(), count, out);
    return count;
}

// The last line of a run: shorter than the others, or padded. Says how many bytes it is.
std::optional<std::size_t> decode_last(std::string_view line, char* out) {
    if (line.empty() || line.size() % 4 != 0) return std::nullopt;
    const auto body = line.substr(0, line.size() - 4);
    const auto bytes = body.size() / 4 * 3;
    if (!decode_line(body, out)) return std::nullopt;
    const auto end = decode_end(line.substr(body.size()), out + bytes);
    if (!end) return std::nullopt;
    return bytes + *end;
}

// The line that begins there without its CRLF; nothing where none ends.
std::optional<std::string_view> line_at(std::string_view text, std::size_t at) {
    const auto end = text.find('\n', at);
    if (end == text.npos || end == at || text[end - 1] != '\r') return std::nullopt;
    return text.substr(at, end - 1 - at);
}

// Characters that so many bytes become, without line ends.
std::uint64_t characters_of(std::uint64_t bytes) { return (bytes + 2) / 3 * 4; }

std::uint64_t text_size(const Base64Run& run) {
    const auto characters = characters_of(run.bytes);
    return characters + (characters + run.width - 1) / run.width * crlf.size();
}

// Folds one text.
class Folding {
public:
    explicit Folding(std::string_view text) : text_(text) {
        folded_.bytes.resize_and_overwrite(text.size() + slack, [&](char* start, std::size_t) {
            for (std::size_t at = 0; at < text_.size();) at = step(at, start);
            copy_up_to(text_.size(), start);
            return size_;
        });
    }

    Folded result() && { return std::move(folded_); }

private:
    // Takes the run that begins there, or passes over what cannot be one. Says where to go on.
    std::size_t step(std::size_t at, char* start) {
        const auto end = text_.find('\n', at);
        if (end == text_.npos) return text_.size();
        const auto width = end - at - 1;  // of a line that ends in CRLF
        const bool may_begin = end > at && text_[end - 1] == '\r' && width >= shortest_line &&
                               width <= longest_line && width % 4 == 0;
        return std::max(may_begin ? take_run(at, static_cast<std::uint32_t>(width), start) : 0, end + 1);
    }

    // Says up to where it has looked: a run that is too short is not worth looking at again from its middle.
    std::size_t take_run(std::size_t at, std::uint32_t width, char* start) {
        const auto begin = at;
        const auto before = at - copied_;
        char* const out = start + size_ + before;
        std::uint64_t bytes = 0;
        while (at + width + crlf.size() <= text_.size() && text_.substr(at + width, crlf.size()) == crlf &&
               decode_line(text_.substr(at, width), out + bytes)) {
            at += width + crlf.size();
            bytes += width / 4 * 3;
        }
        const auto last = line_at(text_.substr(0, at + width + crlf.size()), at);
        if (const auto end = last ? decode_last(*last, out + bytes) : std::nullopt) {
            at += last->size() + crlf.size();
            bytes += *end;
        }
        if (at - begin < worth_folding) return at;
        std::ranges::copy(text_.substr(copied_, before), start + size_);
        folded_.runs.push_back({before, width, bytes});
        size_ += before + bytes;
        copied_ = at;
        return at;
    }

    void copy_up_to(std::size_t end, char* start) {
        std::ranges::copy(text_.substr(copied_, end - copied_), start + size_);
        size_ += end - copied_;
        copied_ = end;
    }

    std::string_view text_;
    Folded folded_;
    std::size_t size_ = 0;    // of the bytes so far
    std::size_t copied_ = 0;  // of the text: what is before it is in them
};

}  // namespace

std::optional<Folded> fold_base64(std::string_view text) {
    if (text.size() < worth_folding) return std::nullopt;
    auto folded = Folding(text).result();
    if (folded.runs.empty()) return std::nullopt;
    return folded;
}

std::optional<std::uint64_t> unfolded_size(std::span<const Base64Run> runs, std::uint64_t folded) {
    std::uint64_t size = folded;
    for (const auto& run : runs) {
        if (run.before > folded || run.bytes > folded - run.before) return std::nullopt;
        folded -= run.before + run.bytes;
        size += text_size(run) - run.bytes;
    }
    return size;
}

void unfold_base64(std::span<const Base64Run> runs, std::string_view folded, char* out) {
    const auto copy = [&](std::uint64_t count) {
        out = std::ranges::copy(folded.substr(0, count), out).out;
        folded.remove_prefix(count);
    };
    const auto put_line = [&](std::uint64_t count) {
        // Vectors read a little further than they are asked to.
        const auto whole = folded.size() >= count + slack ? count / 3 * 3 : 0;
        encode_line(folded.data(), whole, out);
        out += whole / 3 * 4;
        auto rest = folded.substr(whole, count - whole);
        encode_by_three(rest.substr(0, rest.size() / 3 * 3), out);
        out += rest.size() / 3 * 4;
        if (rest = rest.substr(rest.size() / 3 * 3); !rest.empty()) {
            std::array<char, 3> three{};
            std::ranges::copy(rest, three.begin());
            encode_by_three({three.data(), three.size()}, out);
            std::fill(out + rest.size() + 1, out + 4, '=');
            out += 4;
        }
        folded.remove_prefix(count);
        out = std::ranges::copy(crlf, out).out;
    };
    for (const auto& run : runs) {
        copy(run.before);
        const std::uint64_t line = run.width / 4 * 3;
        for (auto left = run.bytes; left > 0; left -= std::min(left, line)) put_line(std::min(left, line));
    }
    copy(folded.size());
}

std::string encode_runs(std::span<const Base64Run> runs) {
    std::string out;
    for (const auto& run : runs) {
        bytes::put_varint(out, run.before);
        bytes::put_varint(out, run.width / 4);
        bytes::put_varint(out, run.bytes);
    }
    return out;
}

Result<std::vector<Base64Run>> decode_runs(std::string_view in) {
    std::vector<Base64Run> runs;
    while (!in.empty()) {
        const auto before = bytes::take_varint(in);
        const auto quads = bytes::take_varint(in);
        const auto count = bytes::take_varint(in);
        if (!before || !quads || !count || *quads < shortest_line / 4 || *quads > longest_line / 4)
            return fail(Error::Kind::corrupt, "the runs of base64 in a frame are damaged");
        runs.push_back({*before, static_cast<std::uint32_t>(*quads * 4), *count});
    }
    return runs;
}

}  // namespace hongyan::engine
