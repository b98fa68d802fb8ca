#include "message/field.h"

#include "base/ascii.h"

namespace hongyan::message {
namespace {

// ftext = %d33-57 / %d59-126   RFC 5322 §3.6.8
bool is_name_byte(char c) { return c > ' ' && c < '\x7f' && c != ':'; }

bool is_break_or_nul(char c) { return c == '\r' || c == '\n' || c == '\0'; }

// Behind the field that begins the text: its first line, and all lines after it that begin with a blank.
std::size_t field_end(std::string_view text) {
    auto end = line_end(text, 0);
    while (end < text.size() && ascii::is_blank(text[end])) end = line_end(text, end);
    return end;
}

}  // namespace

void Fields::Iterator::read() {
    field_ = {};
    if (rest_.empty() || is_empty_line(rest_)) return;
    field_.whole = rest_.substr(0, field_end(rest_));
    field_.value = without_line_break(field_.whole);
    if (!begins_field(field_.whole)) return;
    const auto colon = field_.whole.find(':');
    field_.name = ascii::trim(field_.whole.substr(0, colon));
    field_.value.remove_prefix(colon + 1);
}

std::optional<Field> Fields::find(std::string_view name) const {
    for (const auto& field : *this)
        if (field.is(name)) return field;
    return std::nullopt;
}

std::string unfold(std::string_view value) {
    std::string line(ascii::trim(value));
    std::erase_if(line, is_break_or_nul);
    return line;
}

std::string unfolded(std::string_view header, std::string_view name) {
    const auto field = Fields(header).find(name);
    return field ? unfold(field->value) : std::string();
}

std::size_t line_end(std::string_view text, std::size_t position) {
    const auto line_feed = text.find('\n', position);
    return line_feed == std::string_view::npos ? text.size() : line_feed + 1;
}

std::string_view without_line_break(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    return line;
}

std::string_view without_trailing_blanks(std::string_view text) {
    while (!text.empty() && ascii::is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_empty_line(std::string_view line) { return line.starts_with('\n') || line.starts_with("\r\n"); }

bool begins_field(std::string_view line) {
    std::size_t i = 0;
    while (i < line.size() && is_name_byte(line[i])) ++i;
    if (i == 0) return false;
    while (i < line.size() && ascii::is_blank(line[i])) ++i;
    return i < line.size() && line[i] == ':';
}

}  // namespace hongyan::message
