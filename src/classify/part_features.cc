// What the parts of a message say: their text, their types, their names.
#include <algorithm>
#include <array>
#include <ranges>

#include "base/ascii.h"
#include "classify/extract.h"
#include "classify/words.h"
#include "message/charset.h"
#include "message/html_text.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t max_parts = 100;
constexpr std::size_t max_part = 64 * 1024;    // bytes of one text part
constexpr std::size_t max_texts = 200 * 1024;  // bytes of all
constexpr std::size_t max_words = 3'000;       // of one part
constexpr std::size_t max_fragments = 4'000;   // bytes of text, of all parts
constexpr std::size_t hardly_any_text = 40;    // letters

constexpr std::string_view program_endings[] = {".exe", ".scr", ".pif", ".bat", ".com", ".cmd",
                                                ".vbs", ".vbe", ".js",  ".jse", ".wsf", ".hta",
                                                ".lnk", ".cpl", ".jar", ".msi", ".ps1"};
constexpr std::string_view document_endings[] = {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".txt",
                                                 ".jpg", ".gif", ".png",  ".htm", ".html", ".zip"};

bool ends_in(std::string_view name, std::span<const std::string_view> endings) {
    return std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

// Everything of the texts that the verdict about the whole needs.
struct Tally {
    std::size_t bytes = 0;
    std::size_t fragments = 0;  // bytes of text looked at four by four
    std::size_t plain = 0;      // parts
    std::size_t html = 0;
    std::size_t pictures = 0;
    Letters letters;
};

void add(Letters& sum, const Letters& more) {
    sum.capitals += more.capitals;
    sum.small += more.small;
    sum.digits += more.digits;
    sum.beyond_ascii += more.beyond_ascii;
    sum.ideographs += more.ideographs;
}

std::string charset_of(const message::Part& part) {
    const auto* const charset = message::find(part.type.parameters, "charset");
    return charset == nullptr ? "" : ascii::to_lower(*charset);
}

// "boundary like": ----=_NextPart_000_0001 is written by other programs than "abc".
std::string boundary_shape(std::string_view boundary) {
    std::string shape;
    for (const char c : boundary.substr(0, 60)) {
        const char kind = ascii::is_digit(c) || (c >= 'A' && c <= 'F') ? '0' : c;
        if (shape.empty() || shape.back() != kind) shape += kind;
    }
    return shape.substr(0, 24);
}

void add_structure(Features& features, const message::Part& part) {
    const auto type = part.type.type + "/" + part.type.subtype;
    features.add(Kind::structure, type);
    features.add(Kind::structure,
                 type + " in " + (part.transfer_encoding.empty() ? "nothing" : part.transfer_encoding));
    if (part.is_text()) {
        const auto charset = charset_of(part);
        features.add(Kind::structure, type + " of charset " + (charset.empty() ? "unnamed" : charset));
    }
    if (const auto* boundary = message::find(part.type.parameters, "boundary"))
        features.add(Kind::structure, "boundary like " + boundary_shape(*boundary));
    if (part.disposition) features.add(Kind::structure, type + " as " + part.disposition->type);
}

void look_at_name(Seen& seen, const message::Part& part) {
    const auto name = ascii::to_lower(message::attachment_name(part));
    if (name.empty()) return;
    const bool is_program = ends_in(name, program_endings);
    seen.traits.set(Trait::program_attached, is_program);
    if (is_program) {
        const std::string_view before(name.data(), name.rfind('.'));
        seen.traits.set(Trait::disguised_program, ends_in(before, document_endings));
    }
    if (const auto dot = name.rfind('.'); dot != std::string::npos)
        seen.features.add(Kind::attachment, std::string_view(name).substr(dot));
    seen.features.add_words(Kind::attachment, words_of(name, 20));
}

// The text as far as it is looked at, in UTF-8 with its markup.
std::string beginning_of(const message::Part& part, std::string_view raw, std::size_t most) {
    const auto body = message::body_of(part, raw).substr(0, most);
    return message::to_utf8(message::decode(message::transfer_encoding(part.transfer_encoding), body),
                            charset_of(part));
}

bool has_hidden_characters(std::string_view text) {
    std::size_t count = 0;
    for (const std::string_view hidden : {"\u200b", "\u2060", "\u00ad"})
        for (auto at = text.find(hidden); at != std::string_view::npos && count < 5;
             at = text.find(hidden, at + 1))
            ++count;
    return count >= 5;
}

// Behind the line of underscores or dashes by which lists mark their own words.
std::string_view without_list_footer(std::string_view text) {
    for (const std::string_view line :
         {"\n_______________________", "\n-------------------------------------------------------\n"})
        if (const auto at = text.rfind(line); at != std::string_view::npos) text = text.substr(0, at);
    return text;
}

// Whether all blanks are those that plain_text() knows, and nothing is unseen.
bool is_plain(std::string_view text) {
    const auto is_other = [](char c) {
        return c > '~' || (c < ' ' && c != '\t' && c != '\n' && c != '\r');  // 8-bit ones are below
    };
    bool any = false;
    for (const char c : text) any |= is_other(c);
    return !any;
}

// What there are many of: phrases, and letters in a row.
void look_at_letters(Seen& seen, Tally& tally, std::string_view text) {
    const auto most = max_fragments - std::min(max_fragments, tally.fragments);
    tally.fragments += text.size();
    if (is_plain(text)) {
        const auto plain = plain_text(text);
        look_at_phrases(seen, plain);
        seen.features.add_plain_fragments(Kind::fragment, std::string_view(plain).substr(0, most));
    } else {
        look_at_phrases(seen, ascii::to_lower(message::collapse_blanks(text)));
        seen.features.add_fragments(Kind::fragment, text, most);
    }
}

void look_at_text(Seen& seen, Tally& tally, const message::Part& part, std::string_view text,
                  const Without& without) {
    if (without.list_marks) text = without_list_footer(text);
    const auto letters = letters_of(text);
    add(tally.letters, letters);
    look_at_links_in_text(seen, text);
    seen.traits.set(Trait::hidden_characters, has_hidden_characters(text));
    seen.traits.set(Trait::wrapped_text, part.transfer_encoding == "base64" && letters.beyond_ascii == 0 &&
                                             letters.small + letters.capitals > 200);
    look_at_letters(seen, tally, text);
    add_words(seen.features, words_of(text, max_words), Kind::word, Kind::pair, without);
}

void look_at_text_part(Seen& seen, Tally& tally, const message::Part& part, std::string_view raw,
                       const Without& without) {
    const auto text = beginning_of(part, raw, std::min(max_part, max_texts - tally.bytes));
    tally.bytes += std::min(max_texts - tally.bytes, part.body_size());
    const bool is_html = part.type.is("text", "html");
    (is_html ? tally.html : tally.plain) += 1;
    if (!is_html) return look_at_text(seen, tally, part, text, without);
    look_at_markup(seen, text);
    look_at_text(seen, tally, part, message::html_text(text), without);
}

void look_at_whole(Seen& seen, const Tally& tally) {
    const auto& letters = tally.letters;
    const auto all = letters.capitals + letters.small + letters.ideographs;
    auto& traits = seen.traits;
    traits.set(Trait::only_html, tally.html > 0 && tally.plain == 0);
    traits.set(Trait::no_text, all == 0);
    traits.set(Trait::only_pictures, tally.html > 0 && all < hardly_any_text && tally.pictures > 0);
    traits.set(Trait::shouted_text, letters.capitals > 200 && letters.capitals > 2 * letters.small);
    if (letters.capitals > 50 && letters.small > 0)
        seen.features.add(Kind::structure,
                          "capitals among letters, tenths: " +
                              std::to_string(10 * letters.capitals / (letters.capitals + letters.small)));
}

}  // namespace

void look_at_parts(Seen& seen, const message::Structure& structure, std::string_view raw,
                   const Without& without) {
    Tally tally;
    for (const auto& part : structure.parts | std::views::take(max_parts)) {
        add_structure(seen.features, part);
        look_at_name(seen, part);
        tally.pictures += part.type.type == "image" ? 1 : 0;
        if (part.is_text() && part.disposition.value_or(message::Disposition{}).type != "attachment")
            look_at_text_part(seen, tally, part, raw, without);
    }
    look_at_whole(seen, tally);
}

}  // namespace hongyan::classify
