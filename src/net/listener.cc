#include "net/listener.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace hongyan::net {

namespace {

constexpr int backlog = 1024;  // connections that may wait; the kernel caps it at net.core.somaxconn
constexpr std::size_t accept_batch = 64;  // then others on this loop get their turn
constexpr std::chrono::milliseconds pause_after_trouble{100};

template <typename Number>
std::optional<Number> number_in_environment(const char* name) {
    const char* text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    const std::string_view digits(text);
    Number number{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::string take_name(std::string_view& names) {
    const auto end = std::min(names.find(':'), names.size());
    std::string name(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
    return name.empty() ? "unknown" : name;
}

void set_option(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
}

std::unexpected<Error> cannot_listen(int number, const Endpoint& endpoint) {
    auto error = from_errno(number, fmt::format("cannot listen on {}", endpoint.to_string()));
    if (number == EADDRINUSE) error.kind = Error::Kind::conflict;
    return std::unexpected(std::move(error));
}

// A unix socket whose server has died leaves its file, and bind() would fail for ever.
void remove_dead_socket(const Endpoint& endpoint) {
    struct stat about{};
    const auto path = endpoint.unix_path();
    if (::lstat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return;
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.number(), endpoint.data(), endpoint.size()) != 0 && errno == ECONNREFUSED)
        ::unlink(path.c_str());
}

bool is_trouble_of_one_connection(int number) {
    return number == ECONNABORTED || number == EINTR || number == EPROTO || number == EPERM;
}

}  // namespace

std::vector<InheritedSocket> inherited_sockets() {
    std::vector<InheritedSocket> sockets;
    const auto process = number_in_environment<pid_t>("LISTEN_PID");
    const auto count = number_in_environment<int>("LISTEN_FDS");
    const char* const names = std::getenv("LISTEN_FDNAMES");
    std::string_view rest = names != nullptr ? names : "";
    constexpr int first = 3;  // SD_LISTEN_FDS_START
    if (process == ::getpid())
        for (int i = 0; i < count.value_or(0); ++i) {
            ::fcntl(first + i, F_SETFD, FD_CLOEXEC);  // NOLINT(*-vararg)
            sockets.push_back({take_name(rest), Descriptor(first + i)});
        }
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    return sockets;
}

Result<BoundSocket> BoundSocket::bind(const Endpoint& endpoint) {
    Descriptor socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return cannot_listen(errno, endpoint);
    if (endpoint.is_unix()) {
        remove_dead_socket(endpoint);
    } else {
        set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR,
                   1);  // old connections in TIME_WAIT do not count
        if (endpoint.family() == AF_INET6)
            set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, endpoint.is_dual() ? 0 : 1);
    }
    if (::bind(socket.number(), endpoint.data(), endpoint.size()) != 0) return cannot_listen(errno, endpoint);
    if (::listen(socket.number(), backlog) != 0) return cannot_listen(errno, endpoint);
    auto actual = Endpoint::local_of(socket.number());
    return BoundSocket(std::move(socket), std::move(actual));
}

Result<BoundSocket> BoundSocket::adopt(Descriptor descriptor) {
    int listens = 0;
    socklen_t size = sizeof listens;
    const int number = descriptor.number();
    if (::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
        return fail(Error::Kind::invalid, "the inherited descriptor {} is no socket that listens", number);
    auto actual = Endpoint::local_of(number);
    return BoundSocket(std::move(descriptor), std::move(actual));
}

Listener::Listener(Loop& loop, BoundSocket socket, Take take, Complain complain)
    : loop_(loop), take_(std::move(take)), complain_(std::move(complain)) {
    waiter_.emplace(loop.executor(), std::move(socket).release());
}

std::shared_ptr<Listener> Listener::start(Loop& loop, BoundSocket socket, Take take, Complain complain) {
    const std::shared_ptr<Listener> listener(
        new Listener(loop, std::move(socket), std::move(take), std::move(complain)));
    net::start(loop, listener->run());
    return listener;
}

void Listener::stop() {
    loop_.post([self = shared_from_this()] {
        self->stopped_ = true;
        if (self->waiter_) self->waiter_->interrupt();
    });
}

Task<> Listener::run() {
    const auto self = shared_from_this();
    while (!stopped_) {
        co_await waiter_->wait(Direction::read, never);
        if (stopped_) break;
        if (const auto accepted = accept_waiting(); !accepted) {
            complain_(accepted.error());
            co_await sleep_until(after(pause_after_trouble));
        }
    }
    waiter_.reset();
    take_ = nullptr;
}

// Takes what is there, at most a batch. The number of connections, or what keeps us from taking more.
Result<std::size_t> Listener::accept_waiting() {
    for (std::size_t taken = 0; taken < accept_batch; ++taken) {
        sockaddr_storage storage{};
        socklen_t size = sizeof storage;
        Descriptor socket(::accept4(waiter_->descriptor(), reinterpret_cast<sockaddr*>(&storage), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket) {
            if (errno == EAGAIN || errno == EWOULDBLOCK) return taken;
            if (is_trouble_of_one_connection(errno)) continue;
            return std::unexpected(from_errno(errno, "cannot accept a connection"));
        }
        if (storage.ss_family != AF_UNIX) set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
        take_({std::move(socket), Endpoint::from(storage, size)});
    }
    return accept_batch;
}

}  // namespace hongyan::net
