// Reads the arguments of a command. One function per production of RFC 9051 §9; the first failure sticks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/scanner.h"

namespace hongyan::imap::wire {

// Reads a command that a CommandReader has gathered, which must stay.
class Parser {
public:
    explicit Parser(std::string_view command) : in_(command) {}

    std::string_view tag();
    std::string_view atom();
    std::string astring();
    std::string string();
    std::optional<std::string> nstring();  // nothing: NIL
    void space() { in_.expect(" "); }

    bool present(std::string_view token) { return in_.present(token); }
    void expect(std::string_view token) { in_.expect(token); }
    bool failed() const { return in_.failed(); }
    bool at_end() const { return in_.at_end(); }
    // Well formed and read to the end.
    bool complete() const { return in_.complete(); }

private:
    std::string quoted();
    std::string literal();

    Scanner in_;
};

// A quoted string if the text allows, else a literal: our own words and names in answers.
std::string to_string_token(std::string_view text);

}  // namespace hongyan::imap::wire
