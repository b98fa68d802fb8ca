// What the peer says, as replies (RFC 5321 §4.2), however long or broken it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/wire/reply.h"
#include "smtp_client/settings.h"

namespace hongyan::smtp_client {

// Gathers bytes and gives them back reply by reply. A line ends with LF, with or without a CR before it: it
// is not for a client to be strict with line ends that nobody can hide anything behind. Holds what has been
// given and was not read yet, one incomplete line of at most `limits.line`, and one incomplete reply.
class ReplyReader {
public:
    explicit ReplyReader(const Limits& limits) : limits_(limits) {}

    void append(std::string_view bytes);

    // The next reply, if it is complete. Its text is printable UTF-8, its enhanced code taken out. Nothing
    // more comes after a broken one.
    std::optional<smtp::Reply> next();

    // Why no more can come: what was said is no reply, or more than anybody has to listen to. Empty: it is
    // not so.
    const std::string& complaint() const { return complaint_; }

    // Nothing has come that was not read.
    bool empty() const { return input_.size() == start_ && reply_.lines.empty(); }
    // Forgets what has come, as before TLS (RFC 3207 §4.2).
    void clear();

private:
    std::optional<std::string_view> next_line();
    bool take_line(std::string_view line);

    const Limits& limits_;
    std::string input_;
    std::size_t start_ = 0;     // what is before it has been read
    std::size_t searched_ = 0;  // from start_ on, no line ends before it
    smtp::Reply reply_{0, "", std::vector<std::string>{}};
    std::size_t reply_size_ = 0;
    std::string complaint_;
};

// Bytes of a peer as one line of UTF-8 for logs, histories and notifications: what is no UTF-8 becomes
// U+FFFD, controls a question mark.
std::string printable(std::string_view bytes);

}  // namespace hongyan::smtp_client
