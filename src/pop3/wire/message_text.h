// A message on its way to the client: byte-stuffed, piece by piece, and ended (RFC 1939 §3).
#pragma once

#include <string>
#include <string_view>

namespace hongyan::pop3 {

// The header, the empty line and `lines` of the body (TOP of RFC 1939 §7): how many octets that is.
std::size_t size_of_top(std::string_view message, std::uint32_t lines);

// Owns the message while it is sent. The octets between the reply and the "." that ends it are those of the
// message, but for stuffed dots and the CRLF that the "." needs before it where the message ends in none.
//
// A bare LF is sent as it is, since octets announced must be octets sent, but a dot after it is stuffed too:
// many clients take it for a line end, and such a message must not end the reply for them.
class MessageText {
public:
    explicit MessageText(std::string text) : text_(std::move(text)) {}

    bool done() const { return done_; }
    // Appends the next octets to `out`, some 32 KiB.
    void append_piece(std::string& out);

private:
    std::string text_;
    std::size_t sent_ = 0;
    bool done_ = false;
};

}  // namespace hongyan::pop3
