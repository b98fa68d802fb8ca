// Texts with macros in SPF records and explanations (RFC 7208 §7).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::verify {

// A literal run, or one macro-expand with its transformers.
struct MacroPart {
    std::string literal = {};  // if letter is NUL
    char letter = '\0';        // in lower case
    bool url_escape = false;   // it was written in upper case (RFC 7208 §7.3)
    unsigned keep = 0;         // so many labels from the right; 0: all
    bool reverse = false;
    std::string delimiters = ".";
    friend bool operator==(const MacroPart&, const MacroPart&) = default;
};

using MacroString = std::vector<MacroPart>;

enum class MacroUse {
    domain,       // of a term: no %{c}, %{r}, %{t}
    explanation,  // of an explanation: those too, and blanks
};

// Nothing if it breaks the grammar.
std::optional<MacroString> parse_macro_string(std::string_view text, MacroUse use);

// The same, and the end is as that of a name must be: a macro, or a dot and a top label (RFC 7208 §7.1,
// domain-end).
std::optional<MacroString> parse_domain_spec(std::string_view text);

// Whether the macro occurs in it.
bool uses_macro(const MacroString& macros, char letter);

// The value with the part's transformers done to it.
std::string transformed(const MacroPart& part, std::string_view value);

}  // namespace hongyan::verify
