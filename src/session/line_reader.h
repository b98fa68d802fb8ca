// Lines as the mail protocols send them: text and CRLF, and nothing else is a line end.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::session {

struct Line {
    enum class Kind {
        whole,
        too_long,  // beyond the limit; its text is dropped
        stray,     // holds a CR or LF of its own, or NUL: what another program may take for a line end
                   // (smuggling)
    };
    Kind kind = Kind::whole;
    std::string_view text;  // without CRLF; valid until the reader is used again
};

// Gathers bytes and gives them back line by line, or in counted runs where a protocol has them. Holds at most
// what is incomplete: up to the limit of a line, or what the caller leaves.
class LineReader {
public:
    // `limit` counts the CRLF, as the RFCs do (RFC 5321 §4.5.3.1.4).
    explicit LineReader(std::size_t limit) : limit_(limit) {}

    void append(std::string_view bytes);

    // The next line, if it is complete.
    std::optional<Line> next();

    // The next bytes that are there, at most `count`, whatever they are; valid until the reader is used
    // again.
    std::string_view take(std::size_t count);
    // All that is there, unread: for a reader that finds out by itself how much it wants to take.
    std::string_view peek() const { return pending(); }

    // Forgets what has come, as before TLS (RFC 3207 §4.2).
    void clear();

    // Nothing has come that was not read.
    bool empty() const { return buffer_.size() == start_ && !skipping_; }

private:
    std::string_view pending() const { return std::string_view(buffer_).substr(start_); }
    void release_read();

    std::size_t limit_;
    std::string buffer_;
    std::size_t start_ = 0;     // what is before it has been read
    std::size_t searched_ = 0;  // from start_ on, no line ends before it
    bool skipping_ = false;     // inside a line that is too long
};

}  // namespace hongyan::session
