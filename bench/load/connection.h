// A client's side of a connection, plain at first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/endpoint.h"
#include "net/tls.h"
#include "net/waiter.h"

using SSL_SESSION = struct ssl_session_st;

namespace hongyan::load {

// The client's side of TLS. Certificates are not verified: only loopback is spoken to. Belongs to one thread.
class TlsClient {
public:
    // With `resume`, a session that a server gave us a ticket for is offered when we come again (RFC 8446
    // §2.2).
    explicit TlsClient(bool resume);

    net::SslPointer connect_on(int descriptor) const;

private:
    struct Free {
        void operator()(SSL_CTX* context) const;
        void operator()(SSL_SESSION* session) const;
    };
    static int keep(SSL* ssl, SSL_SESSION* session);

    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL_SESSION, Free> session_;
};

// Ends when it is destroyed. Whatever goes wrong, the deadline included, is a Failure. Belongs to one thread.
class Connection {
public:
    static net::Task<Connection> open(const net::Endpoint& server, net::Deadline deadline);

    net::Task<> secure(const TlsClient& tls);
    net::Task<> write(std::string_view bytes);

    // The next line without its CRLF; valid until the next call.
    net::Task<std::string_view> line();
    // The same if all of it has come already.
    std::optional<std::string_view> line_at_hand();
    // Reads over everything up to and with `end`; how many bytes that was.
    net::Task<std::size_t> through(std::string_view end);
    net::Task<> skip(std::size_t count);
    // What has come and was not read yet; valid until the next call.
    std::string_view at_hand() const { return std::string_view(buffer_).substr(begin_); }
    // Waits for more bytes.
    net::Task<> more();

private:
    Connection(net::Waiter waiter, net::Deadline deadline)
        : waiter_(std::move(waiter)), deadline_(deadline) {}

    enum class Attempt { done, wants_read, wants_write };
    Attempt judge(int result, std::string_view doing) const;
    Attempt attempt_read(std::size_t& count);
    Attempt attempt_write(std::string_view bytes, std::size_t& count);
    net::Task<> wait_for(Attempt attempt);
    void consume(std::size_t count);

    net::Waiter waiter_;
    net::Deadline deadline_;
    net::SslPointer ssl_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of what has not been read yet
};

}  // namespace hongyan::load
