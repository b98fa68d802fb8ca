#include "message/text_search.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include "base/ascii.h"
#include "base/check.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

const icu::Normalizer2& compatibility() {
    UErrorCode error = U_ZERO_ERROR;
    static const auto* instance = icu::Normalizer2::getNFKDInstance(error);
    check(instance != nullptr, "ICU knows NFKD");
    return *instance;
}

// Steps (2)(a) and (2)(b) of RFC 5051 §2 for one character, and (a) again for what it was taken apart into.
std::string folded(char32_t character) {
    const auto title = u_totitle(static_cast<UChar32>(character));
    icu::UnicodeString parts;
    if (!compatibility().getDecomposition(title, parts)) parts = icu::UnicodeString(title);
    std::string out;
    for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1))
        append_utf8(out, static_cast<char32_t>(u_totitle(parts.char32At(i))));
    return out;
}

// Characters that fold to themselves and are most of the text: ideographs and kana as they are usually
// written.
bool is_unchanged(char32_t character) {
    return (character >= 0x4e00 && character <= 0x9fff) || (character >= 0x3041 && character <= 0x304b);
}

// Alphabets folded once: everything up to the end of Cyrillic.
constexpr char32_t table_size = 0x530;
const std::array<std::string, table_size>& table() {
    static const auto made = [] {
        std::array<std::string, table_size> out;
        for (char32_t i = 0; i < table_size; ++i) out[i] = folded(i);
        return out;
    }();
    return made;
}

// Folds the character at the front, which is not ASCII, and gives its size.
std::size_t append_folded(std::string& out, std::string_view utf8) {
    const auto size = utf8_character_size(utf8);
    if (size == 0) {
        out += replacement_character;
        return 1;
    }
    const auto character = utf8_code_point(utf8);
    if (is_unchanged(character))
        out += utf8.substr(0, size);
    else
        out += character < table_size ? table()[character] : folded(character);
    return size;
}

}  // namespace

std::string fold_for_search(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 8);
    while (!utf8.empty()) {
        const auto plain = ascii_prefix_size(utf8);
        const auto before = out.size();
        out.append(utf8.substr(0, plain));
        std::transform(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                       out.begin() + static_cast<std::ptrdiff_t>(before), ascii::upper);
        utf8.remove_prefix(plain);
        while (!utf8.empty() && ascii::is_8bit(utf8.front())) utf8.remove_prefix(append_folded(out, utf8));
    }
    return out;
}

// std::string_view::find compares again and again where a text is full of beginnings of the needle.
bool is_in_folded(std::string_view folded, std::string_view needle) {
    return needle.empty() || ::memmem(folded.data(), folded.size(), needle.data(), needle.size()) != nullptr;
}

bool Needle::is_in(std::string_view utf8) const { return is_in_folded(fold_for_search(utf8)); }

}  // namespace hongyan::message
