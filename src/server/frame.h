// The messages of the control socket: a letter, the size of the payload as four bytes, the payload.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::server {

inline constexpr std::size_t max_frame = 64 * 1024;  // bytes of payload

enum class FrameKind : char {
    call = 'C',   // client: folder and arguments, each with its length before it; must come first
    want = 'W',   // server: send the next piece of the input
    input = 'I',  // client: that piece; empty at the end
    out = 'O',    // server: for standard output
    err = 'E',    // server: for standard error
    exit = 'X',   // server: four bytes of exit code; the last frame
};

struct Frame {
    FrameKind kind{};
    std::string payload;
    friend bool operator==(const Frame&, const Frame&) = default;
};

// Both block, as long as the socket's own time-outs allow. A payload larger than max_frame is an error, not a
// read.
Result<void> send_frame(int socket, FrameKind kind, std::string_view payload);
Result<Frame> receive_frame(int socket);

}  // namespace hongyan::server
