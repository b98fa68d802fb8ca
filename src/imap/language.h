// What the server's words for people are in (RFC 5255 §3).
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hongyan::imap {

enum class Language { i_default, english, chinese };

// As LANGUAGE writes it: "i-default", "en", "zh-CN".
std::string_view to_string(Language language);
// All, in the order in which they are listed.
std::span<const Language> languages();

// What fits one of a client's wishes best, the first wish first; "default" is i-default. Each is looked for
// with less and less of its end, as RFC 4647 §3.4 has it. Nothing where none fits.
std::optional<Language> find_language(std::span<const std::string_view> wishes);

// The text in that language; as it is where there is no translation of it. `text` is one that the server
// says, in English. A view of a constant, or of `text`.
std::string_view in_language(Language language, std::string_view text);

// The English texts that have a translation, for tests.
struct Translation {
    std::string_view english, chinese;
};
std::span<const Translation> translations();

}  // namespace hongyan::imap
