#include "message/parameters.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/hex.h"

namespace hongyan::message {
namespace {

// What ends a token here: more than in RFC 2045 §5.1 is let through, because more is sent.
bool is_token_byte(char c) {
    return !ascii::is_space(c) && c != '\0' && !std::string_view("();=\"").contains(c);
}
bool is_type_byte(char c) { return is_token_byte(c) && c != '/' && c != ','; }
bool is_folding(char c) { return c == '\r' || c == '\n' || c == '\0'; }

std::string without_folding(std::string_view text) {
    std::string out(text);
    std::erase_if(out, is_folding);
    return out;
}

// Reads a value from left to right; what fits no rule is passed over.
class ValueReader {
public:
    explicit ValueReader(std::string_view value) : rest_(value) {}

    template <typename Belongs>
    std::string_view take_while(Belongs belongs) {
        const auto end = std::ranges::find_if_not(rest_, belongs);
        return take(static_cast<std::size_t>(end - rest_.begin()));
    }
    bool present(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_blanks_and_comments();
    Parameters parameters();

private:
    std::string_view take(std::size_t size) {
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    void skip_comment();
    std::optional<Parameter> parameter();
    std::string value();
    std::string quoted_string();
    bool at_value_end() const;

    std::string_view rest_;
};

// CFWS   RFC 5322 §3.2.2
void ValueReader::skip_blanks_and_comments() {
    for (;;) {
        take_while([](char c) { return ascii::is_space(c) || c == '\0'; });
        if (!rest_.starts_with('(')) return;
        skip_comment();
    }
}

// A comment without its end goes on to the end of the value.
void ValueReader::skip_comment() {
    std::size_t depth = 0;
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
        if (rest_[i] == '\\')
            ++i;
        else if (rest_[i] == '(')
            ++depth;
        else if (rest_[i] == ')' && --depth == 0)
            break;
    }
    take(i + 1);
}

// *(";" parameter)   RFC 2045 §5.1
Parameters ValueReader::parameters() {
    Parameters found;
    while (!rest_.empty() && found.size() < max_parameters) {
        skip_blanks_and_comments();
        if (auto next = parameter()) found.push_back(*std::move(next));
    }
    return found;
}

// parameter = attribute "=" value; nothing, and something passed over, if there is none here
std::optional<Parameter> ValueReader::parameter() {
    const auto name = take_while(is_token_byte);
    skip_blanks_and_comments();
    if (!present('=')) {
        if (name.empty()) take(1);
        return std::nullopt;
    }
    skip_blanks_and_comments();
    auto content = value();
    if (name.empty()) return std::nullopt;
    return Parameter{ascii::to_lower(name), std::move(content)};
}

// value = token / quoted-string. An unquoted value may hold blanks, as in `name=My file (1).doc; …`.
std::string ValueReader::value() {
    if (rest_.starts_with('"')) return quoted_string();
    const auto whole = rest_;
    const auto token = take_while([](char c) { return !ascii::is_space(c) && c != ';'; });
    skip_blanks_and_comments();
    if (at_value_end()) return without_folding(token);
    take(std::min(rest_.find(';'), rest_.size()));
    return without_folding(ascii::trim(whole.substr(0, whole.size() - rest_.size())));
}

// Does nothing follow, the next parameter, or one whose ";" is missing?
bool ValueReader::at_value_end() const {
    if (rest_.empty() || rest_.starts_with(';')) return true;
    auto next = *this;
    return !next.take_while(is_token_byte).empty() && next.present('=');
}

// RFC 5322 §3.2.4. A backslash goes only where it had to be: senders write C:\path unquoted.
std::string ValueReader::quoted_string() {
    std::string text;
    present('"');
    while (!rest_.empty() && !present('"')) {
        if (rest_.starts_with("\\\"") || rest_.starts_with("\\\\")) take(1);
        text += take(1);
    }
    std::erase_if(text, is_folding);
    return text;
}

// ext-octet = "%" 2(DIGIT / "A" / … / "F")   RFC 2231 §7; a broken one stays.
std::string undo_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' ? hex_byte(text.substr(i + 1)) : std::nullopt;
        out += byte.value_or(text[i]);
        if (byte) i += 2;
    }
    return out;
}

// Bytes of a value and what is known of their charset.
struct Extended {
    std::string bytes;
    std::string charset;
};

// extended-initial-value = [charset] "'" [language] "'" extended-other-values   RFC 2231 §7
Extended extended_value(std::string_view value) {
    const auto first = value.find('\'');
    const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
    if (second == std::string_view::npos) return {undo_percent(value), {}};
    return {undo_percent(value.substr(second + 1)), std::string(value.substr(0, first))};
}

// Pieces that give no charset may be encoded words that were cut up: senders mix what they know.
std::string to_text(const Extended& value) {
    return value.charset.empty() ? decode_header_text(value.bytes) : to_utf8(value.bytes, value.charset);
}

// `name*2*=` is piece number 2, extended.
struct Piece {
    unsigned number = 0;
    bool is_extended = false;
    std::string_view value;
};

std::optional<Piece> piece_of(const Parameter& parameter, std::string_view name) {
    std::string_view mark = parameter.name;
    if (!mark.starts_with(name) || !mark.substr(name.size()).starts_with('*')) return std::nullopt;
    mark.remove_prefix(name.size() + 1);
    Piece piece{.value = parameter.value};
    const auto [end, error] = std::from_chars(mark.data(), mark.data() + mark.size(), piece.number);
    mark.remove_prefix(static_cast<std::size_t>(end - mark.data()));
    piece.is_extended = mark == "*";
    if (error != std::errc{} || !(mark.empty() || piece.is_extended)) return std::nullopt;
    return piece;
}

// The pieces up to the first that is missing, joined (RFC 2231 §3). Their order in the field does not matter.
std::optional<Extended> joined_pieces(const Parameters& parameters, std::string_view name) {
    std::vector<Piece> pieces;
    for (const auto& parameter : parameters)
        if (const auto piece = piece_of(parameter, name)) pieces.push_back(*piece);
    std::ranges::sort(pieces, {}, &Piece::number);
    if (pieces.empty() || pieces.front().number != 0) return std::nullopt;

    Extended whole;
    unsigned expected = 0;
    for (const auto& piece : pieces) {
        if (piece.number + 1 == expected) continue;  // the same number again
        if (piece.number != expected) break;
        auto content = !piece.is_extended ? Extended{std::string(piece.value), {}}
                       : expected == 0    ? extended_value(piece.value)
                                          : Extended{undo_percent(piece.value), {}};
        if (expected++ == 0) whole.charset = std::move(content.charset);
        whole.bytes += content.bytes;
    }
    return whole;
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view value) {
    ValueReader in(value);
    in.skip_blanks_and_comments();
    const auto type = in.take_while(is_type_byte);
    in.skip_blanks_and_comments();
    if (type.empty() || !in.present('/')) return std::nullopt;
    in.skip_blanks_and_comments();
    const auto subtype = in.take_while(is_type_byte);
    if (subtype.empty()) return std::nullopt;
    return MediaType{ascii::to_lower(type), ascii::to_lower(subtype), in.parameters()};
}

std::optional<Disposition> parse_disposition(std::string_view value) {
    ValueReader in(value);
    in.skip_blanks_and_comments();
    const auto type = in.take_while(is_type_byte);
    if (type.empty()) return std::nullopt;
    return Disposition{ascii::to_lower(type), in.parameters()};
}

const std::string* find(const Parameters& parameters, std::string_view name) {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &found->value;
}

std::optional<std::string> decoded(const Parameters& parameters, std::string_view name) {
    if (const auto* value = find(parameters, std::string(name) + "*")) return to_text(extended_value(*value));
    if (const auto joined = joined_pieces(parameters, name)) return to_text(*joined);
    if (const auto* value = find(parameters, name)) return decode_header_text(*value);
    return std::nullopt;
}

}  // namespace hongyan::message
