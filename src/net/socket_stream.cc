#include "net/socket_stream.h"

#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "net/proxy_protocol.h"

namespace hongyan::net {

namespace {

constexpr std::size_t scratch_size = std::size_t{64} * 1024;  // four TLS records

std::array<char, scratch_size>& scratch() {
    thread_local std::array<char, scratch_size> buffer;
    return buffer;
}

bool would_block(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

Result<void> not_in_time(Readiness readiness) {
    if (readiness == Readiness::interrupted) return fail(Error::Kind::unavailable, "interrupted");
    return fail(Error::Kind::unavailable, "the peer was too slow");
}

}  // namespace

SocketStream::Attempt SocketStream::judge(int result) const {
    const int number = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE:
            return Attempt::done;
        case SSL_ERROR_WANT_READ:
            return Attempt::wants_read;
        case SSL_ERROR_WANT_WRITE:
            return Attempt::wants_write;
        case SSL_ERROR_ZERO_RETURN:
            return Attempt::closed;
        case SSL_ERROR_SYSCALL:
            return would_block(number) ? Attempt::wants_read : Attempt::failed;
        default:
            return Attempt::failed;
    }
}

SocketStream::Attempt SocketStream::attempt_read(std::size_t& count) {
    auto& buffer = scratch();
    if (ssl_) {
        ERR_clear_error();
        return judge(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count));
    }
    const auto got = ::recv(waiter_.descriptor(), buffer.data(), buffer.size(), 0);
    if (got < 0) return would_block(errno) ? Attempt::wants_read : Attempt::failed;
    count = static_cast<std::size_t>(got);
    return got == 0 ? Attempt::closed : Attempt::done;
}

SocketStream::Attempt SocketStream::attempt_write(std::string_view bytes, std::size_t& count) {
    if (ssl_) {
        ERR_clear_error();
        return judge(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
    }
    const auto put = ::send(waiter_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) return would_block(errno) ? Attempt::wants_write : Attempt::failed;
    count = static_cast<std::size_t>(put);
    return Attempt::done;
}

// No coroutine of its own: each idle connection would keep one more frame.
Task<Readiness> SocketStream::wait_for(Attempt attempt, Deadline deadline) {
    const auto direction = attempt == Attempt::wants_write ? Direction::write : Direction::read;
    return waiter_.wait(direction, deadline);
}

// Waits first: a peer that has just been answered needs time, and an attempt in vain costs a system call.
Task<Incoming> SocketStream::read(Deadline deadline) {
    auto attempt = Attempt::wants_read;
    bool wait_first = !more_may_wait_ && (!ssl_ || SSL_has_pending(ssl_.get()) == 0);
    for (;;) {
        if (wait_first) {
            reading_ = true;
            const auto readiness = co_await wait_for(attempt, deadline);
            reading_ = false;
            if (readiness == Readiness::timed_out) co_return Incoming{Incoming::Kind::timed_out, {}};
            if (readiness == Readiness::interrupted) co_return Incoming{Incoming::Kind::interrupted, {}};
        }
        wait_first = true;
        std::size_t count = 0;
        attempt = attempt_read(count);
        more_may_wait_ = attempt == Attempt::done && count == scratch_size;
        if (attempt == Attempt::done) co_return Incoming{Incoming::Kind::bytes, {scratch().data(), count}};
        if (attempt == Attempt::closed) co_return Incoming{Incoming::Kind::closed, {}};
        if (attempt == Attempt::failed) co_return Incoming{Incoming::Kind::failed, {}};
    }
}

// Looks before it takes: a byte too many would be missing in the handshake that may follow.
Task<Result<std::optional<Endpoint>>> SocketStream::take_proxy_header(Deadline deadline) {
    std::string header;
    for (;;) {
        const auto readiness = co_await wait_for(Attempt::wants_read, deadline);
        if (readiness != Readiness::ready) co_return std::unexpected(not_in_time(readiness).error());
        auto& buffer = scratch();
        const auto seen = ::recv(waiter_.descriptor(), buffer.data(), max_proxy_header, MSG_PEEK);
        if (seen < 0 && would_block(errno)) continue;
        if (seen <= 0) co_return fail(Error::Kind::io, "the proxy has gone");
        const auto before = header.size();
        header.append(buffer.data(), static_cast<std::size_t>(seen));
        const auto parsed = parse_proxy_header(header);
        if (!parsed) co_return std::unexpected(parsed.error());
        if (*parsed) header.resize((*parsed)->size);
        ::recv(waiter_.descriptor(), buffer.data(), header.size() - before, 0);
        if (*parsed) co_return (*parsed)->client;
    }
}

Task<Result<void>> SocketStream::write(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        std::size_t count = 0;
        const auto attempt = attempt_write(bytes, count);
        if (attempt == Attempt::done) {
            bytes.remove_prefix(count);
            continue;
        }
        if (attempt == Attempt::closed || attempt == Attempt::failed)
            co_return fail(Error::Kind::io, "the peer has gone");
        const auto readiness = co_await wait_for(attempt, deadline);
        if (readiness != Readiness::ready) co_return not_in_time(readiness);
    }
    co_return Result<void>{};
}

void SocketStream::acknowledge() {
    constexpr int at_once = 1;  // fails on a unix socket, which has nothing to acknowledge
    ::setsockopt(waiter_.descriptor(), IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof at_once);
}

Task<Result<void>> SocketStream::secure(const TlsContext& context, ClientCertificate certificate,
                                        Deadline deadline) {
    auto fresh = context.accept_on(waiter_.descriptor(), certificate);
    if (!fresh) co_return std::unexpected(std::move(fresh).error());
    ssl_ = *std::move(fresh);
    more_may_wait_ = false;
    co_return co_await shake_hands(deadline);
}

// Either side's. A failure of kind `unavailable` is the network's, another the handshake's.
Task<Result<void>> SocketStream::shake_hands(Deadline deadline) {
    for (;;) {
        ERR_clear_error();
        const auto attempt = judge(SSL_do_handshake(ssl_.get()));
        if (attempt == Attempt::done) co_return Result<void>{};
        if (attempt == Attempt::closed || attempt == Attempt::failed)
            co_return std::unexpected(tls_error("TLS handshake"));
        const auto readiness = co_await wait_for(attempt, deadline);
        if (readiness != Readiness::ready) co_return not_in_time(readiness);
    }
}

Task<std::expected<OutwardTls, TlsFailure>> SocketStream::secure_outward(const TlsClientContext& context,
                                                                         TlsDemand demand,
                                                                         Deadline deadline) {
    using enum TlsFailure::Kind;
    auto fresh = context.connect_on(waiter_.descriptor(), demand);
    if (!fresh) co_return std::unexpected(TlsFailure{handshake, {}, std::move(fresh).error().message});
    ssl_ = *std::move(fresh);
    more_may_wait_ = false;
    auto done = co_await shake_hands(deadline);
    if (!done) {
        const auto kind = done.error().kind == Error::Kind::unavailable ? network : handshake;
        co_return std::unexpected(TlsFailure{kind, {}, std::move(done).error().message});
    }
    co_return judge_server(ssl_.get(), demand);
}

Task<> SocketStream::close(Deadline deadline) {
    ERR_clear_error();
    if (ssl_ && SSL_is_init_finished(ssl_.get()) != 0) SSL_shutdown(ssl_.get());  // says close_notify
    ssl_.reset();
    more_may_wait_ = false;
    ::shutdown(waiter_.descriptor(), SHUT_WR);
    constexpr std::size_t enough = 16 * scratch_size;  // who sends on after our goodbye does not listen
    for (std::size_t heard = 0; heard < enough;) {
        const auto incoming = co_await read(deadline);
        if (incoming.kind != Incoming::Kind::bytes) co_return;
        heard += incoming.bytes.size();
    }
}

void SocketStream::interrupt() {
    if (reading_) waiter_.interrupt();
}

void SocketStream::abort() {
    ::shutdown(waiter_.descriptor(), SHUT_RDWR);
    waiter_.interrupt();
}

bool SocketStream::is_gone() {
    char first = 0;
    if (ssl_) {
        std::size_t count = 0;
        ERR_clear_error();
        const auto seen = judge(SSL_peek_ex(ssl_.get(), &first, 1, &count));
        return seen == Attempt::closed || seen == Attempt::failed;
    }
    const auto seen = ::recv(waiter_.descriptor(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen == 0 || (seen < 0 && !would_block(errno));
}

TlsFacts SocketStream::tls_facts() const { return ssl_ ? facts_of(ssl_.get()) : TlsFacts{}; }

}  // namespace hongyan::net
