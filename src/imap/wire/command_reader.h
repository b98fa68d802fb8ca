// Gathers one command with its literals (RFC 9051 §2.2.1, §4.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "session/line_reader.h"

namespace hongyan::imap::wire {

// What the input has come to.
enum class Gathered {
    nothing,       // more must come
    command,       // command() is whole
    continuation,  // the client waits for a "+" before it sends its literal
    too_large,     // the literal it waits to send would be too large; command() is what came before it
    stray,         // a line with a CR, LF or NUL of its own; command() is what came
    hopeless,      // too long, and what follows cannot be told from commands: only closing helps
};

class CommandReader {
public:
    // `limit` is in bytes, of lines and literals together.
    explicit CommandReader(std::size_t limit) : limit_(limit) {}

    // Takes from the input what belongs to the current command. After anything but `nothing` and
    // `continuation` the next call begins a new one.
    Gathered advance(session::LineReader& input);

    // The command as it came, literals where they stood: "a LOGIN {3}\r\nann secret"; no CRLF at its end.
    std::string_view command() const { return command_; }

private:
    Gathered on_line(const session::Line& line);
    Gathered finish(Gathered as);

    std::size_t limit_;
    std::string command_;
    std::size_t literal_left_ = 0;  // bytes
    bool complete_ = true;
};

// The number of bytes that the end of a line announces.
struct LiteralMark {
    std::uint64_t size = 0;
    bool synchronizing = true;  // RFC 7888: "{3+}" does not wait for a continuation
    friend bool operator==(const LiteralMark&, const LiteralMark&) = default;
};
// literal = "{" number64 ["+"] "}" at the end of the line, if there is one.
std::optional<LiteralMark> literal_mark(std::string_view line);

}  // namespace hongyan::imap::wire
