#include "server/service_manager.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"

namespace hongyan::server {

namespace {

constexpr const char* variable = "NOTIFY_SOCKET";

// CLOCK_MONOTONIC in microseconds, as systemd compares it.
std::uint64_t monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
    const char* const socket = std::getenv(variable);
    ServiceManager manager(socket != nullptr ? socket : "");
    ::unsetenv(variable);
    return manager;
}

Result<void> ServiceManager::ready(std::string_view status) const {
    return tell(fmt::format("READY=1\nSTATUS={}", status));
}

Result<void> ServiceManager::reloading() const {
    return tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

Result<void> ServiceManager::stopping() const { return tell("STOPPING=1"); }

Result<void> ServiceManager::tell(std::string_view state) const {
    if (socket_.empty()) return {};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const bool is_known = socket_.starts_with('/') || socket_.starts_with('@');
    if (!is_known || socket_.size() >= sizeof address.sun_path)
        return fail(Error::Kind::invalid, "{}=\"{}\" is no socket that can be told anything", variable,
                    socket_);
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.starts_with('@')) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto sent = ::sendto(socket.number(), state.data(), state.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address), size);
    if (sent < 0)
        return std::unexpected(from_errno(errno, fmt::format("cannot tell {} about this server", socket_)));
    return {};
}

}  // namespace hongyan::server
