#include "server/frame.h"

#include <cerrno>

#include <sys/socket.h>

#include "base/bytes.h"
#include "base/check.h"

namespace hongyan::server {

namespace {

constexpr std::size_t header_size = 5;

Result<void> send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(from_errno(errno, "cannot write to the control socket"));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<std::string> receive_exactly(int socket, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t have = 0; have < size;) {
        const auto count = ::recv(socket, bytes.data() + have, size - have, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(from_errno(errno, "cannot read from the control socket"));
        if (count == 0) return fail(Error::Kind::io, "the other end of the control socket has gone");
        have += static_cast<std::size_t>(count);
    }
    return bytes;
}

}  // namespace

Result<void> send_frame(int socket, FrameKind kind, std::string_view payload) {
    check(payload.size() <= max_frame, "a frame is cut to its size before it is sent");
    std::string bytes(1, static_cast<char>(kind));
    bytes::put_big_endian(bytes, static_cast<std::uint32_t>(payload.size()));
    bytes += payload;
    return send_all(socket, bytes);
}

Result<Frame> receive_frame(int socket) {
    TRY(const auto header, receive_exactly(socket, header_size));
    auto rest = std::string_view(header).substr(1);
    const auto size = bytes::take_big_endian<std::uint32_t>(rest);
    if (*size > max_frame)
        return fail(Error::Kind::invalid, "a frame of {} bytes came over the control socket", *size);
    TRY(auto payload, receive_exactly(socket, *size));
    return Frame{static_cast<FrameKind>(header[0]), std::move(payload)};
}

}  // namespace hongyan::server
