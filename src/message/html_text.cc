#include "message/html_text.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/hex.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

// Elements whose content nobody reads.
constexpr std::string_view hidden_elements[] = {"head", "script", "style", "title"};
// Elements within a line; all others leave a blank, so that words of two cells do not become one.
constexpr std::string_view inline_elements[] = {"a",      "abbr",   "b",   "big",  "code", "del",   "em",
                                                "font",   "i",      "ins", "mark", "s",    "small", "span",
                                                "strike", "strong", "sub", "sup",  "tt",   "u"};

struct Reference {
    std::string_view name;
    char32_t character;
};
// The character references that mail is written with; others stay as they stand.
constexpr Reference references[] = {
    {"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},      {"apos", '\''},
    {"nbsp", 0xa0},     {"copy", 0xa9},    {"reg", 0xae},     {"trade", 0x2122},  {"euro", 0x20ac},
    {"pound", 0xa3},    {"yen", 0xa5},     {"sect", 0xa7},    {"deg", 0xb0},      {"middot", 0xb7},
    {"laquo", 0xab},    {"raquo", 0xbb},   {"shy", 0xad},     {"hellip", 0x2026}, {"ndash", 0x2013},
    {"mdash", 0x2014},  {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c},  {"rdquo", 0x201d},
    {"bull", 0x2022},   {"zwnj", 0x200c},  {"zwj", 0x200d},   {"ensp", 0x2002},   {"emsp", 0x2003},
    {"thinsp", 0x2009}, {"auml", 0xe4},    {"ouml", 0xf6},    {"uuml", 0xfc},     {"Auml", 0xc4},
    {"Ouml", 0xd6},     {"Uuml", 0xdc},    {"szlig", 0xdf},   {"agrave", 0xe0},   {"aacute", 0xe1},
    {"egrave", 0xe8},   {"eacute", 0xe9},  {"ecirc", 0xea},   {"ccedil", 0xe7},   {"ntilde", 0xf1},
    {"colon", ':'},     {"period", '.'},   {"sol", '/'},      {"bsol", '\\'},     {"commat", '@'},
    {"num", '#'},       {"quest", '?'},    {"percnt", '%'},   {"Tab", '\t'},      {"NewLine", '\n'},
    {"oacute", 0xf3},   {"iacute", 0xed},  {"uacute", 0xfa},  {"times", 0xd7},    {"rarr", 0x2192},
};
constexpr std::size_t longest_reference = 12;

bool is_any_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::any_of(names, [&](auto each) { return ascii::iequals(each, name); });
}

// Digits behind "&#" or "&#x"; however many, they are one number.
std::optional<char32_t> take_number(Scanner& in) {
    const bool is_hex = in.present("x");
    const auto digits =
        in.take_while([is_hex](char c) { return ascii::is_digit(c) || (is_hex && hex_value(c) >= 0); });
    if (digits.empty()) return std::nullopt;
    constexpr std::uint32_t beyond = 0x110000;
    std::uint32_t number = 0;
    for (const char c : digits)
        number = std::min(number * (is_hex ? 16 : 10) + static_cast<std::uint32_t>(hex_value(c)), beyond);
    return number;
}

// Takes the reference that the text begins with, if it is one that is known. A number may lack its semicolon.
std::optional<char32_t> take_reference(std::string_view& text) {
    Scanner in(text.substr(1));
    std::optional<char32_t> character;
    if (in.present("#")) {
        character = take_number(in);
        in.present(";");
    } else {
        const auto name = Scanner(text.substr(1, longest_reference)).take_while(ascii::is_alnum);
        const auto* const found = std::ranges::find(references, name, &Reference::name);
        in = Scanner(text.substr(1 + name.size()));
        if (found != std::end(references) && in.present(";")) character = found->character;
    }
    if (character) text = in.rest();
    return character;
}

class HtmlReader {
public:
    HtmlReader(std::string_view html, std::size_t max_size) : rest_(html), max_size_(max_size) {}

    std::string run() {
        while (!rest_.empty() && out_.size() < max_size_) {
            take_text();
            if (rest_.starts_with('<'))
                markup();
            else if (rest_.starts_with('&'))
                reference();
        }
        return std::move(out_);
    }

private:
    std::string_view take(std::size_t size) {
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    void skip_behind(std::string_view end) {
        const auto found = rest_.find(end);
        take(found == std::string_view::npos ? rest_.size() : found + end.size());
    }
    void take_text() { out_ += take(rest_.find_first_of("<&")); }
    void markup();
    void reference();
    void skip_to_end_tag(std::string_view element);

    std::string_view rest_;
    std::size_t max_size_;
    std::string out_;
};

// A tag, a comment, or a "<" that is only meant as such.
void HtmlReader::markup() {
    if (rest_.starts_with("<!--")) return skip_behind("-->");
    const bool is_end = rest_.starts_with("</");
    const auto behind = rest_.substr(is_end ? 2 : 1);
    if (behind.empty() || !(ascii::is_alpha(behind[0]) || behind[0] == '!' || behind[0] == '?')) {
        out_ += take(1);
        return;
    }
    const auto name = Scanner(behind).take_while(ascii::is_alnum);
    skip_behind(">");
    if (!is_any_of(name, inline_elements)) out_ += ' ';
    if (!is_end && is_any_of(name, hidden_elements)) skip_to_end_tag(name);
}

void HtmlReader::skip_to_end_tag(std::string_view element) {
    while (!rest_.empty()) {
        skip_behind("</");
        if (ascii::istarts_with(rest_, element)) return skip_behind(">");
    }
}

void HtmlReader::reference() {
    if (const auto character = take_reference(rest_))
        append_utf8(out_, *character);
    else
        out_ += take(1);
}

// ---- attributes ----

constexpr std::string_view link_attributes[] = {"href", "src", "action", "formaction", "background"};

// The name before "=", with blanks between them or not; empty if there is none that stands alone.
std::string_view name_before(std::string_view text) {
    while (!text.empty() && ascii::is_space(text.back())) text.remove_suffix(1);
    const auto begin = std::find_if_not(text.rbegin(), text.rend(),
                                        [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
    return text.substr(static_cast<std::size_t>(text.rend() - begin));
}

struct AttributeValue {
    std::string_view text;
    bool is_quoted = false;
};

// What follows "=". In quotes it goes on to the next of them: an attribute in between has such quotes, too,
// or none, so that all that is in quotes is no longer than the text. Nothing: a tag without an end, which
// nobody is shown.
std::optional<AttributeValue> value_at(std::string_view text) {
    const auto blanks = std::ranges::find_if_not(text, ascii::is_space);
    text.remove_prefix(static_cast<std::size_t>(blanks - text.begin()));
    if (!text.starts_with('"') && !text.starts_with('\''))
        return AttributeValue{text.substr(0, text.find_first_of(" \t\r\n\f<>"))};
    const auto end = text.find(text.front(), 1);
    if (end == text.npos) return std::nullopt;
    return AttributeValue{text.substr(1, end - 1), true};
}

// No-break, typographic and ideographic spaces.
bool is_wide_blank(char32_t c) { return c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x3000; }
// Soft hyphen, grapheme joiner, zero width characters and marks of direction, byte order mark.
bool is_without_width(char32_t c) {
    return c == 0xad || c == 0x34f || (c >= 0x200b && c <= 0x200f) || c == 0x2060 || c == 0xfeff;
}

// How many characters of ASCII stand at the front that are seen, or are single blanks between such.
std::size_t visible_run(std::string_view text) {
    const auto is_seen = [](char c) { return c > ' ' && c < 0x7f; };
    std::size_t size = 0;
    for (; size < text.size(); ++size) {
        if (is_seen(text[size])) continue;
        const bool is_between = text[size] == ' ' && size > 0 && size + 1 < text.size() &&
                                is_seen(text[size - 1]) && is_seen(text[size + 1]);
        if (!is_between) break;
    }
    return size;
}

bool is_seen_as_blank(char32_t c) { return c <= ' ' || c == 0x7f || is_wide_blank(c); }

// A whole text whose blanks become one each. No branch depends on what is ASCII.
class Collapser {
public:
    explicit Collapser(std::size_t size) : out_(size, ' ') {}

    void take_ascii(std::string_view run) {
        auto* out = out_.data() + size_;
        bool ends_in_blank = ends_in_blank_;
        for (const char c : run) {
            const bool is_blank = c <= ' ' || c == 0x7f;
            *out = is_blank ? ' ' : c;
            out += is_blank && ends_in_blank ? 0 : 1;
            ends_in_blank = is_blank;
        }
        size_ = static_cast<std::size_t>(out - out_.data());
        ends_in_blank_ = ends_in_blank;
    }
    void take(char32_t character, std::string_view bytes) {
        if (is_without_width(character)) return;
        if (is_seen_as_blank(character)) return take_ascii(" ");
        bytes.copy(out_.data() + size_, bytes.size());
        size_ += bytes.size();
        ends_in_blank_ = false;
    }
    std::string finish() {
        out_.resize(size_ - (size_ > 0 && ends_in_blank_ ? 1 : 0));
        return std::move(out_);
    }

private:
    std::string out_;  // as long as all that may come
    std::size_t size_ = 0;
    bool ends_in_blank_ = true;  // those at the front are left out
};

char32_t character_of_bytes(std::string_view bytes) {
    return bytes.size() == 1 ? static_cast<unsigned char>(bytes[0]) : utf8_code_point(bytes);
}

std::string collapse_all_blanks(std::string_view utf8) {
    Collapser collapser(utf8.size());
    while (!utf8.empty()) {
        const auto run = ascii_prefix_size(utf8);
        collapser.take_ascii(utf8.substr(0, run));
        utf8.remove_prefix(run);
        if (utf8.empty()) break;
        const auto bytes = utf8.substr(0, std::max<std::size_t>(utf8_character_size(utf8), 1));
        collapser.take(character_of_bytes(bytes), bytes);
        utf8.remove_prefix(bytes.size());
    }
    return collapser.finish();
}

}  // namespace

std::string html_text(std::string_view html, std::size_t max_size) {
    return HtmlReader(html, max_size).run();
}

std::string decode_references(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto plain = text.substr(0, text.find('&'));
        out += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        if (const auto character = take_reference(text)) {
            append_utf8(out, *character);
        } else {
            out += '&';
            text.remove_prefix(1);
        }
    }
    return out;
}

std::vector<std::string> link_targets(std::string_view html, std::size_t most) {
    std::vector<std::string> targets;
    std::size_t begin = 0;  // behind what has no quotes
    for (auto at = html.find('='); at != html.npos && targets.size() < most; at = html.find('=', at + 1)) {
        if (at < begin || !is_any_of(name_before(html.substr(begin, at - begin)), link_attributes)) continue;
        const auto value = value_at(html.substr(at + 1));
        if (!value) continue;
        targets.push_back(decode_references(value->text));
        if (!value->is_quoted)
            begin = static_cast<std::size_t>(value->text.data() + value->text.size() - html.data());
    }
    return targets;
}

std::string collapse_blanks(std::string_view utf8, std::size_t max_characters) {
    if (max_characters >= utf8.size()) return collapse_all_blanks(utf8);
    std::string out;
    out.reserve(std::min(utf8.size(), max_characters));
    bool blank_waits = false;
    for (std::size_t count = 0; !utf8.empty() && count < max_characters;) {
        const bool needs_blank = blank_waits && count + 1 < max_characters;
        if (const auto run = visible_run(utf8.substr(0, max_characters - count - (needs_blank ? 1 : 0)));
            run > 0 && blank_waits == needs_blank) {
            if (std::exchange(blank_waits, false)) out += ' ';
            out += utf8.substr(0, run);
            count += run + (needs_blank ? 1 : 0);
            utf8.remove_prefix(run);
            continue;
        }
        const auto size = std::max<std::size_t>(utf8_character_size(utf8), 1);
        const auto bytes = utf8.substr(0, size);
        utf8.remove_prefix(size);
        const auto character = character_of_bytes(bytes);
        if (is_without_width(character)) continue;
        if (is_seen_as_blank(character)) {
            blank_waits = !out.empty();
            continue;
        }
        if (std::exchange(blank_waits, false)) {
            out += ' ';
            if (++count == max_characters) break;
        }
        out += bytes;
        ++count;
    }
    return out;
}

}  // namespace hongyan::message
