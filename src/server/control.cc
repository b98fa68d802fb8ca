#include "server/control.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "net/listener.h"
#include "server/frame.h"

namespace hongyan::server {

namespace {

constexpr std::size_t most_calls = 16;                         // at once; each has a thread
constexpr std::chrono::seconds patience_for_the_call{10};      // a client says at once what it wants
constexpr std::chrono::milliseconds pause_after_trouble{100};  // no descriptors left, say

// For one direction: SO_RCVTIMEO or SO_SNDTIMEO.
void set_patience(int socket, int direction, std::chrono::milliseconds patience) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
    const timeval limit{.tv_sec = seconds.count(),
                        .tv_usec = std::chrono::microseconds(patience - seconds).count()};
    ::setsockopt(socket, SOL_SOCKET, direction, &limit, sizeof limit);
}

void set_blocking(int socket) {
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);  // NOLINT(*-vararg)
}

bool is_trusted(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

std::string encode(const Request& request) {
    std::string bytes;
    bytes::put_text(bytes, request.folder.string());
    for (const auto& argument : request.arguments) bytes::put_text(bytes, argument);
    return bytes;
}

std::optional<Request> decode(std::string_view bytes) {
    const auto folder = bytes::take_text(bytes);
    if (!folder) return std::nullopt;
    Request request{.arguments = {}, .folder = std::string(*folder)};
    while (!bytes.empty()) {
        const auto argument = bytes::take_text(bytes);
        if (!argument) return std::nullopt;
        request.arguments.emplace_back(*argument);
    }
    return request;
}

// Half a frame is the end: whoever hears nothing for so long has gone.
void send_pieces(int socket, FrameKind kind, std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), max_frame)))
        if (!send_frame(socket, kind, bytes.substr(0, max_frame))) {
            ::shutdown(socket, SHUT_RDWR);
            return;
        }
}

bool is_gone(int socket) {
    pollfd end{.fd = socket, .events = POLLRDHUP, .revents = 0};
    return ::poll(&end, 1, 0) > 0;
}

Result<std::string> fetch_input(int socket) {
    TRY(send_frame(socket, FrameKind::want, {}));
    TRY(auto frame, receive_frame(socket));
    if (frame.kind != FrameKind::input)
        return fail(Error::Kind::invalid, "no input came over the control socket");
    return std::move(frame.payload);
}

Streams streams_over(int socket) {
    return {.in = [socket] { return fetch_input(socket); },
            .out = [socket](std::string_view bytes) { send_pieces(socket, FrameKind::out, bytes); },
            .err = [socket](std::string_view bytes) { send_pieces(socket, FrameKind::err, bytes); },
            .is_gone = [socket] { return is_gone(socket); }};
}

}  // namespace

Result<ControlSocket> ControlSocket::bind(const std::filesystem::path& path, unsigned mode) {
    TRY(const auto endpoint, net::Endpoint::parse("unix:" + path.string()));
    const auto old_mask = ::umask(0177);  // nobody gets in before the mode is set
    auto bound = net::BoundSocket::bind(endpoint);
    ::umask(old_mask);
    if (!bound) return std::unexpected(std::move(bound).error());
    set_blocking(bound->descriptor());
    if (::chmod(path.c_str(), mode) != 0)
        return std::unexpected(from_errno(errno, fmt::format("cannot set the mode of {}", path.string())));
    return ControlSocket(path, std::move(*bound).release());
}

void ControlSocket::remove_file() {
    if (!listener_ || path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(std::exchange(path_, {}), ignored);
}

void ControlServer::on_a_thread(std::function<void()> work) { std::thread(std::move(work)).detach(); }

ControlServer::ControlServer(ControlSocket socket, Command command, log::Log log, Launch launch,
                             std::chrono::milliseconds patience)
    : socket_(std::move(socket)),
      command_(std::move(command)),
      log_(std::move(log)),
      launch_(launch),
      patience_(patience),
      accepting_([this] { accept_calls(); }) {}

ControlServer::~ControlServer() {
    ::shutdown(socket_.descriptor(), SHUT_RDWR);  // wakes accept()
    accepting_.join();
    socket_.remove_file();
    std::unique_lock lock(mutex_);
    for (const int socket : running_) ::shutdown(socket, SHUT_RDWR);
    changed_.wait(lock, [this] { return running_.empty(); });
}

void ControlServer::accept_calls() {
    for (;;) {
        Descriptor socket(::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket)
            take_call(std::move(socket));
        else if (errno == EINVAL)
            return;
        else if (errno != EINTR && errno != ECONNABORTED)
            std::this_thread::sleep_for(pause_after_trouble);
    }
}

void ControlServer::take_call(Descriptor socket) {
    const int number = socket.number();
    if (!is_trusted(number)) return log_.warning("somebody else's call on the control socket refused");
    {
        const std::lock_guard lock(mutex_);
        if (running_.size() >= most_calls) return;
        running_.insert(number);
    }
    // The destructor waits until running_ is empty, so the thread may be left to itself.
    const auto owned = std::make_shared<Descriptor>(std::move(socket));
    try {
        launch_([this, owned] {
            serve(owned->number());
            forget(*owned);
        });
    } catch (const std::system_error& none) {
        log_.error("no thread for a call on the control socket", {{"why", none.what()}});
        forget(*owned);
    }
}

void ControlServer::forget(Descriptor& socket) {
    const std::lock_guard lock(mutex_);
    running_.erase(socket.number());
    socket.close();
    changed_.notify_all();
}

void ControlServer::serve(int socket) {
    set_patience(socket, SO_SNDTIMEO, patience_);
    set_patience(socket, SO_RCVTIMEO, patience_for_the_call);
    const auto frame = receive_frame(socket);
    if (!frame || frame->kind != FrameKind::call) return;
    const auto request = decode(frame->payload);
    if (!request) return;
    set_patience(socket, SO_RCVTIMEO, std::chrono::milliseconds(0));  // a person at a terminal may think
    std::uint32_t code = 70;                                          // EX_SOFTWARE
    try {
        code = static_cast<std::uint32_t>(command_(*request, streams_over(socket)));
    } catch (const std::exception& broken) {
        log_.error("a command has failed", {{"why", broken.what()}});
        send_pieces(socket, FrameKind::err, fmt::format("{}\n", broken.what()));
    }
    std::string payload;
    bytes::put_big_endian(payload, code);
    (void)send_frame(socket, FrameKind::exit, payload);
}

namespace {

Result<Descriptor> connect_to(const std::filesystem::path& path) {
    TRY(const auto endpoint, net::Endpoint::parse("unix:" + path.string()));
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.number(), endpoint.data(), endpoint.size()) == 0) return socket;
    if (errno == ENOENT || errno == ECONNREFUSED)
        return fail(Error::Kind::not_found, "no server listens on {}", path.string());
    return std::unexpected(from_errno(errno, fmt::format("cannot connect to {}", path.string())));
}

Result<void> send_input(int socket, std::string& unsent, const Source& source) {
    if (unsent.empty()) {
        TRY(unsent, source());
    }
    const auto piece = unsent.substr(0, max_frame);
    unsent.erase(0, piece.size());
    return send_frame(socket, FrameKind::input, piece);
}

Result<int> exit_code_of(std::string_view payload) {
    const auto code = bytes::take_big_endian<std::uint32_t>(payload);
    if (!code) return fail(Error::Kind::invalid, "the server's answer on the control socket is broken");
    return static_cast<int>(*code);
}

}  // namespace

Result<int> run_remotely(const std::filesystem::path& path, const Request& request, const Streams& streams) {
    const auto call = encode(request);
    if (call.size() > max_frame)
        return fail(Error::Kind::too_large, "arguments of more than {} bytes", max_frame);
    TRY(const auto socket, connect_to(path));
    TRY(send_frame(socket.number(), FrameKind::call, call));
    std::string unsent;
    for (;;) {
        TRY(const auto frame, receive_frame(socket.number()));
        if (frame.kind == FrameKind::out) streams.out(frame.payload);
        if (frame.kind == FrameKind::err) streams.err(frame.payload);
        if (frame.kind == FrameKind::want) TRY(send_input(socket.number(), unsent, streams.in));
        if (frame.kind == FrameKind::exit) return exit_code_of(frame.payload);
    }
}

}  // namespace hongyan::server
