// The header of a message while filters change it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/field.h"

namespace hongyan::spam {

// How a filter writes values.
enum class LeadingSpace {
    added,  // we put a blank after the colon
    given,  // what stands after the colon is said, blank or not
};

// Fields by number, as Sendmail counts them: what was removed still counts, so that several can be removed by
// the numbers they had. Lines that are no fields stay where they are and count for nothing. A value's lines
// are divided by LF or CRLF; one that does not begin with a blank is given one, so that nobody puts in what
// is no field.
class HeaderEdit {
public:
    // Of a message; those behind them are kept, but nobody hears of them.
    static constexpr std::size_t most_fields = 5'000;

    // `before` are fields that stand before the message. Both stay as long as this does.
    HeaderEdit(std::string_view before, std::string_view message);

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
        bool is_removed = false;
        bool is_hidden = false;  // many fields, of which nobody hears

        std::string_view text() const { return own.empty() ? original : std::string_view(own); }
        message::Field field() const {
            return is_hidden ? message::Field{} : *message::Fields(text()).begin();
        }
    };

    Entry* find(std::string_view name, std::size_t index);
    std::string joined(std::size_t from, std::size_t to) const;

    std::vector<Entry> entries_;
    std::size_t ours_ = 0;     // of them stand before the message
    bool is_changed_ = false;  // what is behind those
    bool has_end_ = false;     // the empty line is there
    std::string_view body_;    // behind it
};

}  // namespace hongyan::spam
