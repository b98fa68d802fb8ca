// Header fields as they lie in a message (RFC 5322 §2.2, §3.6, §4.5), looked at without copying. Whatever the
// bytes, every one of them belongs to exactly one field, so that the fields of a header, joined, are the
// header again.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace hongyan::message {

// One field, or one line that is none. The views look at the header.
struct Field {
    std::string_view name;   // as written, without blanks and colon; empty if the line is no field
    std::string_view value;  // after the colon: blanks and folding kept, the last line break not
    std::string_view whole;  // name, colon, value and the last line break

    bool is_malformed() const { return name.empty(); }
    bool is(std::string_view other_name) const { return ascii::iequals(name, other_name); }
};

// The fields of a header from top to bottom: for (const Field& field : Fields(header)). An empty line ends
// the header; without one it goes on to the end of the text. A line that is no field is handed out as
// malformed.
class Fields {
public:
    explicit Fields(std::string_view header) : header_(header) {}

    class Iterator {
    public:
        using value_type = Field;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(std::string_view rest) : rest_(rest) { read(); }
        const Field& operator*() const { return field_; }
        const Field* operator->() const { return &field_; }
        Iterator& operator++() {
            rest_.remove_prefix(field_.whole.size());
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& at, std::default_sentinel_t) {
            return at.field_.whole.empty();
        }

    private:
        void read();
        std::string_view rest_;
        Field field_;
    };

    Iterator begin() const { return Iterator(header_); }
    std::default_sentinel_t end() const { return {}; }

    // The first field of that name.
    std::optional<Field> find(std::string_view name) const;

private:
    std::string_view header_;
};

// The value on one line (RFC 5322 §2.2.3): line breaks taken out, the blanks after them kept, blanks at both
// ends and NULs removed.
std::string unfold(std::string_view value);

// The first field's value, unfolded; empty if there is none.
std::string unfolded(std::string_view header, std::string_view name);

// Where the line that begins at `position` ends: behind its LF, or at the end of the text.
std::size_t line_end(std::string_view text, std::size_t position);

// Takes away one line break (CRLF or LF) at the end.
std::string_view without_line_break(std::string_view line);

std::string_view without_trailing_blanks(std::string_view text);

// The line "", up to its line break: what ends a header.
bool is_empty_line(std::string_view line);

// Does the line begin with a field name and a colon? Blanks before the colon are tolerated (RFC 5322 §4.5).
bool begins_field(std::string_view line);

}  // namespace hongyan::message
