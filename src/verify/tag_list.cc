#include "verify/tag_list.h"

#include <algorithm>
#include <limits>
#include <ranges>

#include "base/ascii.h"
#include "base/encoding.h"
#include "verify/quoting.h"

namespace hongyan::verify {

namespace {

// tag-name = ALPHA *ALNUMPUNC
bool is_tag_name(std::string_view name) {
    return !name.empty() && ascii::is_alpha(name.front()) &&
           std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

// VALCHAR = %x21-3A / %x3C-7E, and white space between. To the end in any case, for the compiler to make
// vectors of it.
bool is_value(std::string_view value) {
    unsigned char wrong = 0;
    for (const char c : value) {
        const auto is_control = static_cast<unsigned char>(ascii::is_control(c));
        const auto is_space = static_cast<unsigned char>((c == '\t') | (c == '\r') | (c == '\n'));
        wrong = static_cast<unsigned char>(wrong | (is_control & (is_space ^ 1U)));
    }
    return wrong == 0;
}

// FWS = [*WSP CRLF] 1*WSP   RFC 6376 §2.8. That a blank follows is what makes it one field. To the end in any
// case, too.
bool has_only_folds(std::string_view text) {
    auto wrong = static_cast<unsigned char>(text.starts_with('\n') || text.ends_with('\r'));
    const char* const at = text.data();
    for (std::size_t i = 1; i < text.size(); ++i) {
        const auto is_cr = static_cast<unsigned char>(at[i - 1] == '\r');
        const auto is_lf = static_cast<unsigned char>(at[i] == '\n');
        wrong = static_cast<unsigned char>(wrong | (is_cr ^ is_lf));
    }
    return wrong == 0;
}

// tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
std::optional<Tag> read_tag(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const Tag tag{ascii::trim(text.substr(0, equals)), ascii::trim(text.substr(equals + 1))};
    return is_tag_name(tag.name) && is_value(tag.value) ? std::optional(tag) : std::nullopt;
}

}  // namespace

// tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
std::optional<TagList> TagList::parse(std::string_view text) {
    TagList list;
    for (;;) {
        const auto semicolon = text.find(';');
        const auto tag = read_tag(text.substr(0, semicolon));
        if (!tag || list.tags_.size() == most_tags || list.find(tag->name)) return std::nullopt;
        list.tags_.push_back(*tag);
        if (semicolon == std::string_view::npos) return list;
        text.remove_prefix(semicolon + 1);
        if (ascii::trim(text).empty()) return list;
    }
}

std::optional<TagList> TagList::of_field(std::string_view value) {
    return has_only_folds(value) ? parse(value) : std::nullopt;
}

std::optional<std::string_view> TagList::find(std::string_view name) const {
    const auto is_it = [&](const Tag& tag) {  // most names are one letter
        return tag.name.size() == name.size() && tag.name.front() == name.front() && tag.name == name;
    };
    const auto found = std::ranges::find_if(tags_, is_it);
    return found == tags_.end() ? std::nullopt : std::optional(found->value);
}

std::string without_white_space(std::string_view text) {
    std::string out(text);
    std::erase_if(out, ascii::is_space);
    return out;
}

std::string from_quoted_printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";  // of either case they are not: RFC 2045 §6.7
    auto out = without_white_space(text);
    std::size_t end = 0;
    for (std::size_t i = 0; i < out.size(); ++i, ++end) {
        const bool is_octet =
            out[i] == '=' && i + 2 < out.size() && digits.contains(out[i + 1]) && digits.contains(out[i + 2]);
        out[end] =
            is_octet ? static_cast<char>(digits.find(out[i + 1]) * 16 + digits.find(out[i + 2])) : out[i];
        if (is_octet) i += 2;
    }
    out.resize(end);
    return out;
}

std::string to_quoted_printable(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto begins_octet = [&](std::string_view rest) {
        return rest.size() > 2 && digits.contains(rest[1]) && digits.contains(rest[2]);
    };
    std::string out;
    while (!text.empty()) {
        const auto size = shown_size(text);
        const char c = text.front();
        const bool is_safe = size > 0 && c != ' ' && c != ';' && (c != '=' || !begins_octet(text));
        if (is_safe)
            out += text.substr(0, size);
        else
            out += {'=', digits[static_cast<unsigned char>(c) / 16U],
                    digits[static_cast<unsigned char>(c) % 16U]};
        text.remove_prefix(is_safe ? size : 1);
    }
    return out;
}

std::optional<std::string> read_base64(std::string_view text) {
    auto octets = from_folded_base64(text);
    return octets && !octets->empty() ? std::move(octets) : std::nullopt;
}

std::vector<std::string_view> split_at_colons(std::string_view text) {
    std::vector<std::string_view> items;
    items.reserve(static_cast<std::size_t>(std::ranges::count(text, ':')) + 1);
    for (;;) {
        const auto colon = text.find(':');
        items.push_back(ascii::trim(text.substr(0, colon)));
        if (colon == std::string_view::npos) return items;
        text.remove_prefix(colon + 1);
    }
}

bool lists(std::string_view text, std::string_view item) {
    return std::ranges::any_of(std::views::split(text, ':'), [item](const auto& piece) {
        return ascii::trim(std::string_view(piece)) == item;
    });
}

std::optional<std::uint64_t> read_digits(std::string_view text, std::size_t most) {
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    if (text.empty() || text.size() > most || !std::ranges::all_of(text, ascii::is_digit))
        return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (number > (largest - digit) / 10) return largest;
        number = number * 10 + digit;
    }
    return number;
}

}  // namespace hongyan::verify
