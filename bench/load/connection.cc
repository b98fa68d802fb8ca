#include "bench/load/connection.h"

#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

constexpr std::size_t scratch_size = std::size_t{64} * 1024;
constexpr std::size_t longest_wait = std::size_t{16}
                                     << 20U;  // bytes of one line; SEARCH answers are the longest

std::array<char, scratch_size>& scratch() {
    thread_local std::array<char, scratch_size> buffer;
    return buffer;
}

bool would_block(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

[[noreturn]] void give_up_after(int number, std::string_view doing) {
    give_up("{}", from_errno(number, doing).message);
}

int connect_error(int socket) {
    int number = 0;
    socklen_t size = sizeof number;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size);
    return number;
}

}  // namespace

void TlsClient::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void TlsClient::Free::operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }

TlsClient::TlsClient(bool resume) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    if (!resume) return;
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), &TlsClient::keep);
}

int TlsClient::keep(SSL* ssl, SSL_SESSION* session) {
    static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->session_.reset(session);
    return 1;  // the session is ours now
}

net::SslPointer TlsClient::connect_on(int descriptor) const {
    net::SslPointer ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1)
        give_up("{}", net::tls_error("preparing TLS").message);
    if (session_) SSL_set_session(ssl.get(), session_.get());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

net::Task<Connection> Connection::open(const net::Endpoint& server, net::Deadline deadline) {
    Descriptor socket(::socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) give_up_after(errno, "making a socket");
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool at_once = ::connect(socket.number(), server.data(), server.size()) == 0;
    if (!at_once && errno != EINPROGRESS)
        give_up_after(errno, fmt::format("connecting to {}", server.to_string()));
    Connection connection(net::Waiter(co_await net::asio::this_coro::executor, std::move(socket)), deadline);
    if (!at_once) co_await connection.wait_for(Attempt::wants_write);
    if (const auto number = connect_error(connection.waiter_.descriptor()); number != 0)
        give_up_after(number, fmt::format("connecting to {}", server.to_string()));
    co_return connection;
}

net::Task<> Connection::secure(const TlsClient& tls) {
    if (!at_hand().empty()) give_up("the server talks before TLS begins: {}", at_hand());
    ssl_ = tls.connect_on(waiter_.descriptor());
    while (true) {
        ERR_clear_error();
        const auto attempt = judge(SSL_do_handshake(ssl_.get()), "TLS handshake");
        if (attempt == Attempt::done) co_return;
        co_await wait_for(attempt);
    }
}

net::Task<> Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t count = 0;
        const auto attempt = attempt_write(bytes, count);
        if (attempt == Attempt::done)
            bytes.remove_prefix(count);
        else
            co_await wait_for(attempt);
    }
}

std::optional<std::string_view> Connection::line_at_hand() {
    const auto end = buffer_.find("\r\n", begin_);
    if (end == std::string::npos) return std::nullopt;
    const auto line = std::string_view(buffer_).substr(begin_, end - begin_);
    consume(line.size() + 2);
    return line;
}

net::Task<std::string_view> Connection::line() {
    while (true) {
        if (const auto line = line_at_hand()) co_return *line;
        if (at_hand().size() > longest_wait) give_up("the server sends a line without end");
        co_await more();
    }
}

net::Task<std::size_t> Connection::through(std::string_view end) {
    std::size_t passed = 0;
    while (true) {
        const auto waiting = at_hand();
        if (const auto at = waiting.find(end); at != std::string_view::npos) {
            consume(at + end.size());
            co_return passed + at + end.size();
        }
        const auto sure = waiting.size() - std::min(waiting.size(), end.size() - 1);
        consume(sure);
        passed += sure;
        co_await more();
    }
}

net::Task<> Connection::skip(std::size_t count) {
    while (at_hand().size() < count) {
        count -= at_hand().size();
        consume(at_hand().size());
        co_await more();
    }
    consume(count);
}

// What was consumed stays where it is, since a line that was given out may still be looked at; it goes when
// more comes.
void Connection::consume(std::size_t count) { begin_ += count; }

net::Task<> Connection::more() {
    buffer_.erase(0, std::exchange(begin_, 0));
    std::size_t count = 0;
    for (auto attempt = attempt_read(count); attempt != Attempt::done; attempt = attempt_read(count))
        co_await wait_for(attempt);
    if (buffer_.empty() && buffer_.capacity() > scratch_size) buffer_ = std::string();
    buffer_.append(scratch().data(), count);
}

Connection::Attempt Connection::judge(int result, std::string_view doing) const {
    const int number = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE:
            return Attempt::done;
        case SSL_ERROR_WANT_READ:
            return Attempt::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Attempt::wants_write;
        case SSL_ERROR_ZERO_RETURN:
            give_up("{}: the server has closed the connection", doing);
        case SSL_ERROR_SYSCALL:
            if (would_block(number)) return Attempt::wants_read;
            give_up("{}: the server has gone", doing);
        default:
            give_up("{}", net::tls_error(doing).message);
    }
}

Connection::Attempt Connection::attempt_read(std::size_t& count) {
    auto& buffer = scratch();
    if (ssl_) {
        ERR_clear_error();
        return judge(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count), "reading");
    }
    const auto got = ::recv(waiter_.descriptor(), buffer.data(), buffer.size(), 0);
    if (got < 0 && would_block(errno)) return Attempt::wants_read;
    if (got < 0) give_up_after(errno, "reading");
    if (got == 0) give_up("the server has closed the connection");
    count = static_cast<std::size_t>(got);
    return Attempt::done;
}

Connection::Attempt Connection::attempt_write(std::string_view bytes, std::size_t& count) {
    if (ssl_) {
        ERR_clear_error();
        return judge(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count), "writing");
    }
    const auto put = ::send(waiter_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && would_block(errno)) return Attempt::wants_write;
    if (put < 0) give_up_after(errno, "writing");
    count = static_cast<std::size_t>(put);
    return Attempt::done;
}

net::Task<> Connection::wait_for(Attempt attempt) {
    const auto direction = attempt == Attempt::wants_write ? net::Direction::write : net::Direction::read;
    if (co_await waiter_.wait(direction, deadline_) != net::Readiness::ready)
        give_up("the server is silent, and the time for the run is over (--time-limit)");
}

}  // namespace hongyan::load
