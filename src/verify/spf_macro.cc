#include "verify/spf_macro.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::verify {

namespace {

constexpr std::string_view domain_letters = "slodiphv";
constexpr std::string_view explanation_letters = "slodiphvcrt";
constexpr std::string_view delimiters = ".-+,/_=";
constexpr unsigned most_labels = 128;  // RFC 7208 §7.1: at least 127 can be wanted; a name has no more

// macro-literal = %x21-24 / %x26-7E   RFC 7208 §7.1
bool is_literal(char c) { return c > ' ' && c < '\x7f' && c != '%'; }
bool is_delimiter(char c) { return delimiters.contains(c); }

// macro-expand = ( "%{" macro-letter transformers *delimiter "}" )   after "%{"
// transformers = *DIGIT [ "r" ]
std::optional<MacroPart> macro_expand(Scanner& in, MacroUse use) {
    MacroPart part;
    const char letter = in.peek();
    part.letter = ascii::lower(letter);
    const auto allowed = use == MacroUse::domain ? domain_letters : explanation_letters;
    if (letter == '\0' || !allowed.contains(part.letter)) return std::nullopt;
    part.url_escape = letter != part.letter;
    in.take(1);
    const auto digits = in.take_while(ascii::is_digit);
    for (const char digit : digits)
        part.keep = std::min(part.keep * 10 + static_cast<unsigned>(digit - '0'), most_labels);
    if (!digits.empty() && part.keep == 0) return std::nullopt;
    part.reverse = in.present("r");
    if (const auto given = in.take_while(is_delimiter); !given.empty()) part.delimiters = given;
    in.expect("}");
    return in.failed() ? std::nullopt : std::optional(part);
}

void add_literal(MacroString& out, std::string_view text) {
    if (out.empty() || out.back().letter != '\0') out.emplace_back();
    out.back().literal += text;
}

// "%%" / "%_" / "%-" / macro-expand, after "%"
bool percent(Scanner& in, MacroUse use, MacroString& out) {
    if (in.present("%")) return add_literal(out, "%"), true;
    if (in.present("_")) return add_literal(out, " "), true;
    if (in.present("-")) return add_literal(out, "%20"), true;
    if (!in.present("{")) return false;
    auto part = macro_expand(in, use);
    if (part) out.push_back(*std::move(part));
    return part.has_value();
}

// toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
bool is_top_label(std::string_view label) {
    const auto belongs = [](char c) { return ascii::is_alnum(c) || c == '-'; };
    return !label.empty() && std::ranges::all_of(label, belongs) && ascii::is_alnum(label.front()) &&
           ascii::is_alnum(label.back()) && !std::ranges::all_of(label, ascii::is_digit);
}

// domain-end = ( "." toplabel [ "." ] ) / macro-expand, where "%%" and its like are macro-expands too.
bool has_domain_end(std::string_view text, const MacroString& parsed) {
    if (!parsed.empty() && parsed.back().letter != '\0') return true;
    if (text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-")) return true;
    if (text.ends_with('.')) text.remove_suffix(1);
    const auto dot = text.rfind('.');
    return dot != std::string_view::npos && is_top_label(text.substr(dot + 1));
}

// unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"   RFC 3986 §2.3
bool is_unreserved(char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

std::string url_escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (is_unreserved(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

}  // namespace

std::optional<MacroString> parse_macro_string(std::string_view text, MacroUse use) {
    MacroString out;
    Scanner in(text);
    while (!in.at_end()) {
        const auto literal = in.take_while(
            [&](char c) { return is_literal(c) || (c == ' ' && use == MacroUse::explanation); });
        if (!literal.empty()) add_literal(out, literal);
        if (in.at_end()) break;
        if (!in.present("%") || !percent(in, use, out)) return std::nullopt;
    }
    return out;
}

std::optional<MacroString> parse_domain_spec(std::string_view text) {
    auto parsed = parse_macro_string(text, MacroUse::domain);
    if (!parsed || !has_domain_end(text, *parsed)) return std::nullopt;
    return parsed;
}

bool uses_macro(const MacroString& macros, char letter) {
    return std::ranges::any_of(macros, [=](const MacroPart& part) { return part.letter == letter; });
}

std::string transformed(const MacroPart& part, std::string_view value) {
    std::vector<std::string_view> labels;
    for (std::size_t begin = 0; begin <= value.size();) {
        const auto end = std::min(value.find_first_of(part.delimiters, begin), value.size());
        labels.push_back(value.substr(begin, end - begin));
        begin = end + 1;
    }
    if (part.reverse) std::ranges::reverse(labels);
    if (part.keep != 0 && labels.size() > part.keep)
        labels.erase(labels.begin(), labels.end() - static_cast<std::ptrdiff_t>(part.keep));
    auto out = fmt::to_string(fmt::join(labels, "."));
    return part.url_escape ? url_escaped(out) : out;
}

}  // namespace hongyan::verify
