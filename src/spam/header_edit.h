// The header of a message while filters change it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/encoded_word.h"
#include "message/field.h"

namespace hongyan::spam {

// How a filter writes values.
enum class LeadingSpace {
    added,  // we put a blank after the colon
    given,  // what stands after the colon is said, blank or not
};

// Makes changes long enough to keep others from going on, in a message of so many bytes?
constexpr bool is_long_edit(std::size_t message, std::size_t changes) {
    constexpr std::size_t some_bytes = std::size_t{64} << 10U;  // some 0.1 ms
    constexpr std::size_t some_changes = 50;                    // each looks at all names
    return message > some_bytes || changes > some_changes;
}

// Fields by number, as Sendmail counts them: what was removed still counts, so that several can be removed by
// the numbers they had. Lines that are no fields stay where they are and count for nothing. A value's lines
// are divided by LF or CRLF; one that does not begin with a blank is given one, so that nobody puts in what
// is no field. Lines longer than RFC 5322 §2.1.1 allows are folded, and what is beyond ASCII becomes encoded
// words (RFC 2047), or UTF-8 at least where that is allowed.
class HeaderEdit {
public:
    // Of a message; those behind them are kept, but nobody hears of them.
    static constexpr std::size_t most_fields = 5'000;

    // `before` are fields that stand before the message. Both stay as long as this does. `headers`: what may
    // stand in the message (SMTPUTF8, RFC 6531).
    HeaderEdit(std::string_view before, std::string_view message,
               message::Headers headers = message::Headers::ascii);

    // From top to bottom, without those that were removed. Valid until the next change.
    std::vector<message::Field> fields() const;
    std::string_view body() const { return body_; }
    // How many of that name there have been.
    std::size_t count(std::string_view name) const;
    // The value of the first one that is there, unfolded; empty if there is none.
    std::string value_of(std::string_view name) const;

    void add(std::string_view name, std::string_view value, LeadingSpace space);
    // So that it is the `index`-th field, counted from 1; 0 is the same as 1, and more than there are is the
    // end.
    void insert(std::size_t index, std::string_view name, std::string_view value, LeadingSpace space);
    // The `index`-th of that name, counted from 1; a new one if there are not so many. An empty value removes
    // it.
    void change(std::string_view name, std::size_t index, std::string_view value, LeadingSpace space);
    void remove(std::string_view name, std::size_t index);
    void remove_all(std::string_view name);

    struct Edited {
        std::string before;                  // what stands before the message now
        std::optional<std::string> message;  // the whole one, if it is another
    };
    // With another body, if there is one; that has CRLF at the end of its lines.
    Edited finish(const std::optional<std::string>& body) const;

private:
    struct Entry {
        std::string_view original = {};  // as it came; empty: see own
        std::string own = {};            // as it was put here
        std::size_t name_size = 0;       // 0: no field, or many of which nobody hears
        bool is_removed = false;

        std::string_view text() const { return own.empty() ? original : std::string_view(own); }
        bool is_field() const { return name_size > 0; }
        bool is(std::string_view name) const {
            return is_field() && ascii::iequals(text().substr(0, name_size), name);
        }
    };

    static Entry entry_of(const message::Field& field);
    Entry entry_of(std::string_view name, std::string_view value, LeadingSpace space) const;
    Entry* find(std::string_view name, std::size_t index);
    void remove(Entry& entry);
    std::string joined(std::size_t from, std::size_t to) const;

    const message::Headers headers_;
    std::vector<Entry> entries_;
    std::size_t ours_ = 0;     // of them stand before the message
    bool is_changed_ = false;  // what is behind those
    bool has_end_ = false;     // the empty line is there
    std::string_view body_;    // behind it
};

}  // namespace hongyan::spam
