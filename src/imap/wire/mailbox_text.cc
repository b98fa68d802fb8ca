#include "imap/wire/mailbox_text.h"

#include <cstdint>

#include "message/utf8.h"

namespace hongyan::imap::wire {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr char32_t replacement = 0xfffd;

constexpr bool is_direct(char32_t c) { return c >= 0x20 && c <= 0x7e; }
constexpr bool is_high_surrogate(char32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(char32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// Takes one character from the front; a byte that begins none is taken for the replacement character.
char32_t take_character(std::string_view& in) {
    const auto size = message::utf8_character_size(in);
    const auto c = size == 0 ? replacement : message::utf8_code_point(in);
    in.remove_prefix(size == 0 ? 1 : size);
    return c;
}

// Sixteen bits in, six bits out, without padding (RFC 3501 §5.1.3: "," in place of "/").
class ShiftWriter {
public:
    explicit ShiftWriter(std::string& out) : out_(out) {}

    void put(char32_t c) {
        if (c >= 0x10000) {
            put_unit(0xd800U + ((c - 0x10000) >> 10U));
            put_unit(0xdc00U + ((c - 0x10000) & 0x3ffU));
        } else {
            put_unit(c);
        }
    }
    void finish() {
        if (count_ > 0) put_sextet(bits_ << (6 - count_));
    }

private:
    void put_unit(char32_t unit) {
        bits_ = (bits_ << 16U) | unit;
        count_ += 16;
        while (count_ >= 6) {
            count_ -= 6;
            put_sextet(bits_ >> count_);
        }
        bits_ &= (1U << count_) - 1;
    }
    void put_sextet(std::uint32_t sextet) { out_.push_back(alphabet[sextet & 0x3fU]); }

    std::string& out_;
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
};

// The UTF-16 units of a shifted run; nothing if it is not one: bad letters, or bits left over that are not 0.
std::optional<std::u16string> unshift(std::string_view run) {
    std::u16string units;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const auto c : run) {
        const auto sextet = alphabet.find(c);
        if (sextet == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(sextet);
        count += 6;
        if (count >= 16) {
            count -= 16;
            units.push_back(static_cast<char16_t>(bits >> count));
            bits &= (1U << count) - 1;
        }
    }
    if (count >= 6 || bits != 0 || units.empty()) return std::nullopt;
    return units;
}

bool append_units(std::string& out, const std::u16string& units) {
    for (std::size_t i = 0; i < units.size(); ++i) {
        char32_t c = units[i];
        if (is_high_surrogate(c) && i + 1 < units.size() && is_low_surrogate(units[i + 1]))
            c = 0x10000 + ((c - 0xd800) << 10U) + (char32_t{units[++i]} - 0xdc00);
        else if (is_high_surrogate(c) || is_low_surrogate(c))
            return false;
        if (is_direct(c)) return false;
        message::append_utf8(out, c);
    }
    return true;
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        auto rest = utf8;
        const auto c = take_character(rest);
        if (is_direct(c)) {
            out.push_back(static_cast<char>(c));
            if (c == U'&') out.push_back('-');
            utf8 = rest;
            continue;
        }
        out.push_back('&');
        ShiftWriter shifted(out);
        while (!utf8.empty()) {
            rest = utf8;
            const auto next = take_character(rest);
            if (is_direct(next)) break;
            shifted.put(next);
            utf8 = rest;
        }
        shifted.finish();
        out.push_back('-');
    }
    return out;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
    std::string out;
    bool after_shift = false;
    while (!text.empty()) {
        const auto c = text.front();
        text.remove_prefix(1);
        if (c != '&') {
            if (!is_direct(static_cast<unsigned char>(c))) return std::nullopt;
            out.push_back(c);
            after_shift = false;
            continue;
        }
        const auto end = text.find('-');
        if (end == std::string_view::npos) return std::nullopt;
        const auto run = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (run.empty()) {
            out.push_back('&');
            after_shift = false;
            continue;
        }
        const auto units = unshift(run);
        if (after_shift || !units || !append_units(out, *units)) return std::nullopt;
        after_shift = true;
    }
    return out;
}

}  // namespace hongyan::imap::wire
