#include "imap/wire/pen.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstring>

#include "base/ascii.h"
#include "imap/wire/syntax.h"

namespace hongyan::imap::wire {
namespace {

// Which characters stand for themselves between quotes, as most texts have no others: three ways to ask it of
// a few of them at once. Eight in a number: each condition sets the highest bit of an octet where it holds,
// and behind it perhaps of more.
constexpr std::uint64_t eight_of(char c) { return 0x0101010101010101U * static_cast<std::uint8_t>(c); }
constexpr bool has_special(std::uint64_t eight) {
    const auto has = [eight](char c) {
        const auto zero = eight ^ eight_of(c);
        return (zero - eight_of(1)) & ~zero;
    };
    const auto below_space = eight - eight_of(' ');
    const auto found = eight | below_space | has('"') | has('\\') | has('\x7f');
    return (found & eight_of('\x80')) != 0;
}
// Fewer, with spaces before them.
template <std::unsigned_integral Few>
constexpr bool has_special(Few few) {
    return has_special(few | eight_of(' ') << 8 * sizeof few);
}
// Sixteen and their like, of which compilers make a few instructions.
template <std::size_t count>
constexpr bool has_special(const std::array<std::int8_t, count>& some) {
    bool found = false;
    for (const auto c : some) found |= c < ' ' || c == '\x7f' || c == '"' || c == '\\';  // 8-bit: below 0
    return found;
}
static_assert(!has_special(eight_of('~')) && !has_special(eight_of(' ')) && !has_special(std::uint8_t{'#'}));
static_assert(has_special(eight_of('\x1f')) && has_special(eight_of('\xa0')) &&
              has_special(std::uint8_t{'"'}));

template <typename Some>
bool copy_and_find(char* to, const char* from) {
    Some some;
    std::memcpy(&some, from, sizeof some);
    std::memcpy(to, &some, sizeof some);
    return has_special(some);
}

// The same of a text of that length and more: piece by piece, the last across the one before.
template <typename Some>
bool copy_and_find_in(char* to, std::string_view text) {
    const auto last = text.size() - sizeof(Some);
    bool found = copy_and_find<Some>(to + last, text.data() + last);
    for (std::size_t at = 0; at < last; at += sizeof(Some))
        found |= copy_and_find<Some>(to + at, text.data() + at);
    return found;
}

bool copy_and_find_in(char* to, std::string_view text) {
    if (text.size() >= 16) return copy_and_find_in<std::array<std::int8_t, 16>>(to, text);
    if (text.size() >= 8) return copy_and_find_in<std::uint64_t>(to, text);
    if (text.size() >= 4) return copy_and_find_in<std::uint32_t>(to, text);
    if (text.size() >= 2) return copy_and_find_in<std::uint16_t>(to, text);
    return !text.empty() && copy_and_find_in<std::uint8_t>(to, text);
}

bool fits_quotes(std::string_view text) {
    return text.size() <= longest_quoted && std::ranges::all_of(text, [](char c) {
               return !ascii::is_8bit(c) && c != '\r' && c != '\n' && c != '\0';
           });
}

}  // namespace

void Pen::number(std::uint64_t number) { at_ = std::to_chars(at_, at_ + room_for_number, number).ptr; }

void Pen::string(std::string_view text) {
    if (plain_string(text)) return;
    if (fits_quotes(text)) {
        quoted(text);
    } else {
        put('{');
        number(text.size());
        put("}\r\n");
        put(text);
    }
}

void Pen::quoted(std::string_view text) {
    put('"');
    for (const char c : text) {
        if (is_quoted_special(c)) put('\\');
        put(c);
    }
    put('"');
}

// Copied and looked at in one go; false where something was found, and nothing is put.
bool Pen::plain_string(std::string_view text) {
    if (text.size() > longest_quoted) return false;
    *at_ = '"';
    if (copy_and_find_in(at_ + 1, text)) return false;
    at_[text.size() + 1] = '"';
    at_ += text.size() + 2;
    return true;
}

}  // namespace hongyan::imap::wire
