#include "message/header_writer.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "message/atoms.h"
#include "message/composer.h"
#include "message/encoded_word.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

// Characters of a parameter in one piece; fits a line with its name.
constexpr std::size_t longest_plain_value = 60;

// attribute-char of RFC 2231 §7: what needs no percent sign.
bool is_attribute_char(char c) {
    return c > ' ' && c < '\x7f' && !std::string_view("*'%()<>@,;:\\\"/[]?=").contains(c);
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_attribute_char(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
    return out;
}

// The longest front part in whole characters that takes at most `space` characters when encoded.
std::string_view front_piece(std::string_view text, std::size_t space) {
    std::size_t size = 0;
    while (size < text.size()) {
        const auto character = std::max<std::size_t>(utf8_character_size(text.substr(size)), 1);
        const auto needed = percent_encoded(text.substr(size, character)).size();
        if (needed > space) break;
        space -= needed;
        size += character;
    }
    return text.substr(0, size);
}

}  // namespace

void put_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ':';
    std::size_t column = name.size() + 1;
    for (;;) {
        // A word with the blanks before it; the line may be folded at the last of them.
        const auto start = value.find_first_not_of(' ');
        if (start == std::string_view::npos) break;
        const auto blanks = std::max<std::size_t>(start, 1);
        if (column + blanks + value.size() - start <= folded_line && value.back() != ' ') {
            out.append(blanks, ' ').append(value.substr(start));
            break;
        }
        const auto word = value.substr(start, std::min(value.find(' ', start) - start, longest_line - 1));
        const bool fits = column + blanks + word.size() <= folded_line;
        out.append(fits ? blanks - 1 : std::min(blanks - 1, longest_line - column), ' ');
        out += fits ? " " : "\r\n ";
        out += word;
        column = (fits ? column + blanks : 1) + word.size();
        value.remove_prefix(start + word.size());
    }
    out += "\r\n";
}

std::string parameter(std::string_view name, std::string_view utf8) {
    const bool is_plain = is_ascii(utf8) && utf8.size() <= longest_plain_value && !looks_encoded(utf8);
    if (is_plain) return fmt::format("; {}={}", name, is_token(utf8) ? std::string(utf8) : quote(utf8));
    constexpr std::string_view charset = "UTF-8''";
    auto piece = front_piece(utf8, longest_plain_value - charset.size());
    if (piece.size() == utf8.size()) return fmt::format("; {}*={}{}", name, charset, percent_encoded(utf8));
    auto out = fmt::format("; {}*0*={}{}", name, charset, percent_encoded(piece));
    for (int i = 1; piece.size() < utf8.size(); ++i) {
        utf8.remove_prefix(piece.size());
        piece = front_piece(utf8, longest_plain_value);
        out += fmt::format("; {}*{}*={}", name, i, percent_encoded(piece));
    }
    return out;
}

std::string parameter_for_old_readers(std::string_view name, std::string_view utf8) {
    if (is_ascii(utf8)) return parameter(name, utf8);
    const auto room = max_encoded_word - name.size() - 4;  // name, equals sign, quotes
    return fmt::format("; {}=\"{}\"", name, encode_header_text(utf8, Context::phrase, room));
}

}  // namespace hongyan::message
