// The grammar of RFC 8601 §2.2, read once more and strictly; for tests and fuzz targets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::verify {

// Reads a field's value to its end, or fails. Sticks to the productions; shares nothing with the reader.
class ResultsGrammar {
public:
    explicit ResultsGrammar(std::string_view value) : rest_(value) {}

    // authres-header-field = "Authentication-Results:" authres-payload
    // authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS] CRLF
    bool is_payload() {
        cfws();
        if (!value()) return false;
        if (cfws() && ascii::is_digit(peek())) digits();
        cfws();
        if (is_no_result()) return true;
        std::size_t count = 0;
        while (resinfo()) ++count;
        cfws();
        return count > 0 && rest_.empty() && !failed_;
    }

    // After is_payload(): what it says, "spf=pass", one after the other.
    const std::vector<std::string>& results() const { return results_; }

private:
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool take(char c) {
        if (peek() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool digits() {
        const auto before = rest_.size();
        while (ascii::is_digit(peek())) rest_.remove_prefix(1);
        return rest_.size() < before;
    }

    // RFC 5322 §3.2.2, folding as it stands in a field
    bool cfws() {
        const auto before = rest_.size();
        for (;;) {
            if (rest_.starts_with("\r\n ") || rest_.starts_with("\r\n\t"))
                rest_.remove_prefix(2);
            else if (!take(' ') && !take('\t') && !comment())
                break;
        }
        return rest_.size() < before;
    }
    bool comment() {
        if (!take('(')) return false;
        while (!rest_.empty() && peek() != ')') {
            if (peek() == '(') {
                comment();
                continue;
            }
            if (take('\\') && rest_.empty()) break;
            rest_.remove_prefix(1);
        }
        if (!take(')')) failed_ = true;
        return true;
    }
    bool quoted() {
        if (!take('"')) return false;
        while (!rest_.empty() && peek() != '"') {
            if (take('\\') && rest_.empty()) break;
            rest_.remove_prefix(1);
        }
        if (!take('"')) failed_ = true;
        return true;
    }

    // token of RFC 2045 §5.1, and letters beyond ASCII in what strangers have said (RFC 8601 §4)
    static bool is_token(char c) {
        if (ascii::is_8bit(c)) return true;
        return c > ' ' && c != '\x7f' && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
    }
    bool token() {
        const auto before = rest_.size();
        while (is_token(peek())) rest_.remove_prefix(1);
        return rest_.size() < before;
    }
    bool value() { return peek() == '"' ? quoted() : token(); }
    // Keyword of RFC 5321 §4.1.2: Ldh-str
    bool keyword() {
        const auto before = rest_;
        while (ascii::is_alnum(peek()) || peek() == '-') rest_.remove_prefix(1);
        const auto word = before.substr(0, before.size() - rest_.size());
        return !word.empty() && !word.ends_with('-');
    }

    // no-result = [CFWS] ";" [CFWS] "none"
    bool is_no_result() {
        const auto before = rest_;
        if (take(';')) {
            cfws();
            if (keyword() &&
                ascii::iequals(ascii::trim(before.substr(1, before.size() - rest_.size() - 1)), "none")) {
                cfws();
                if (rest_.empty()) return true;
            }
        }
        rest_ = before;
        return false;
    }

    // resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
    bool resinfo() {
        cfws();
        if (!take(';')) return false;
        if (!methodspec()) return !(failed_ = true);
        cfws();
        if (reasonspec()) cfws();
        while (!rest_.empty() && peek() != ';' && !failed_)
            if (!propspec()) failed_ = true;
        return !failed_;
    }
    // methodspec = [CFWS] method [CFWS] "=" [CFWS] result; method = Keyword [ [CFWS] "/" [CFWS]
    // method-version ]
    bool methodspec() {
        cfws();
        const auto method = rest_;
        if (!keyword()) return false;
        results_.push_back(std::string(method.substr(0, method.size() - rest_.size())) + "=");
        cfws();
        if (take('/')) {
            cfws();
            if (!digits()) return false;
            cfws();
        }
        if (!take('=')) return false;
        cfws();
        const auto result = rest_;
        if (!keyword()) return false;
        results_.back() += result.substr(0, result.size() - rest_.size());
        return true;
    }
    // reasonspec = "reason" [CFWS] "=" [CFWS] value
    bool reasonspec() {
        if (!rest_.starts_with("reason")) return false;
        rest_.remove_prefix(std::string_view("reason").size());
        cfws();
        if (!take('=')) return !(failed_ = true);
        cfws();
        return value();
    }
    // propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
    bool propspec() {
        if (!keyword()) return false;
        cfws();
        if (!take('.')) return false;
        cfws();
        if (!keyword()) return false;
        cfws();
        return take('=') && pvalue();
    }
    // pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
    bool pvalue() {
        cfws();
        const bool has_local = value();
        const bool has_domain = take('@') && token();
        cfws();
        return has_local || has_domain;
    }

    std::string_view rest_;
    std::vector<std::string> results_;
    bool failed_ = false;
};

// Whether a value is one field's text to whoever reads it, whoever has written what is in it: UTF-8 without
// control characters but in folds, without what some take for the end of a line (U+0080 to U+009F, U+2028,
// U+2029), and no line longer than RFC 5322 §2.1.1 allows.
inline bool is_text_of_a_field(std::string_view value) {
    constexpr std::size_t longest = 998, name = 24;  // octets; "Authentication-Results: "
    if (!message::valid_utf8(value)) return false;
    std::size_t width = name;
    while (!value.empty()) {
        const bool is_fold = value.starts_with("\r\n\t") || value.starts_with("\r\n ");
        const auto size = is_fold ? 3 : message::utf8_character_size(value);
        const auto character = message::utf8_code_point(value);
        const bool is_control = character < U' ' || (character >= U'\x7f' && character < U'\u00a0');
        if (!is_fold && (is_control || character == U'\u2028' || character == U'\u2029')) return false;
        width = is_fold ? 1 : width + size;
        if (width > longest) return false;
        value.remove_prefix(size);
    }
    return true;
}

}  // namespace hongyan::verify
