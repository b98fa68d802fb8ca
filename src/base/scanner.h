// Reads a text from left to right. The first failure sticks: what follows reads nothing, and one question at
// the end tells whether the whole was well formed.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/ascii.h"

namespace hongyan {

// Looks at text that the caller keeps; cheap to copy, so a copy is a place to come back to.
class Scanner {
public:
    constexpr explicit Scanner(std::string_view text) : text_(text) {}

    constexpr bool failed() const { return failed_; }
    constexpr bool at_end() const { return position_ == text_.size(); }
    // Well formed and read to the end.
    constexpr bool complete() const { return !failed_ && at_end(); }
    constexpr std::size_t position() const { return position_; }
    constexpr std::string_view rest() const { return text_.substr(position_); }
    constexpr void fail() { failed_ = true; }

    // The next byte, or NUL at the end or after a failure.
    constexpr char peek() const { return failed_ || at_end() ? '\0' : text_[position_]; }

    // Reads `token` if it comes next. Letters compare without regard to case, as in ABNF (RFC 5234 §2.3).
    constexpr bool present(std::string_view token) {
        if (failed_ || !ascii::istarts_with(rest(), token)) return false;
        position_ += token.size();
        return true;
    }
    constexpr void expect(std::string_view token) {
        if (!present(token)) failed_ = true;
    }

    // The longest run of bytes for which `belongs` holds; may be empty.
    template <std::predicate<char> Belongs>
    constexpr std::string_view take_while(Belongs belongs) {
        if (failed_) return {};
        const auto start = position_;
        while (position_ < text_.size() && belongs(text_[position_])) ++position_;
        return text_.substr(start, position_ - start);
    }
    // The same, but an empty run is a failure.
    template <std::predicate<char> Belongs>
    constexpr std::string_view take_some(Belongs belongs) {
        const auto run = take_while(belongs);
        if (run.empty()) failed_ = true;
        return run;
    }
    // Exactly `count` bytes.
    constexpr std::string_view take(std::size_t count) {
        if (failed_ || rest().size() < count) {
            failed_ = true;
            return {};
        }
        const auto run = text_.substr(position_, count);
        position_ += count;
        return run;
    }
    // All up to `stop`, which is read too; a failure if it never comes.
    constexpr std::string_view take_until(std::string_view stop) {
        const auto end = failed_ ? std::string_view::npos : text_.find(stop, position_);
        if (end == std::string_view::npos) {
            failed_ = true;
            return {};
        }
        const auto run = text_.substr(position_, end - position_);
        position_ = end + stop.size();
        return run;
    }
    constexpr void skip_blanks() { take_while(ascii::is_blank); }

    // 1*DIGIT within [0, max]; more is a failure, not a wrapped number.
    template <std::unsigned_integral Number = std::uint32_t>
    constexpr Number number(Number max = std::numeric_limits<Number>::max()) {
        const auto digits = take_some(ascii::is_digit);
        Number value{};
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || value > max) failed_ = true;
        return failed_ ? Number{} : value;
    }

private:
    std::string_view text_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

}  // namespace hongyan
