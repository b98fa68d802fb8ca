// A Stream over a connected socket, plain at first, TLS from secure() on.
#pragma once

#include "net/endpoint.h"
#include "net/stream.h"
#include "net/tls.h"
#include "net/tls_client.h"
#include "net/waiter.h"

namespace hongyan::net {

// OpenSSL works on the descriptor itself, so an idle connection holds no buffers of ours and hardly any of
// its.
class SocketStream final : public Stream {
public:
    explicit SocketStream(Waiter waiter) : waiter_(std::move(waiter)) {}
    SocketStream(const Executor& executor, Descriptor socket) : waiter_(executor, std::move(socket)) {}

    Task<Incoming> read(Deadline deadline) override;
    // The header that a trusted proxy sends before all else, and nothing of what follows it: whose connection
    // it is, or nothing where the proxy speaks for itself. Before the first read() and secure().
    Task<Result<std::optional<Endpoint>>> take_proxy_header(Deadline deadline);

    Task<Result<void>> write(std::string_view bytes, Deadline deadline) override;
    void acknowledge() override;
    Task<Result<void>> secure(const TlsContext& context, ClientCertificate certificate,
                              Deadline deadline) override;
    Task<std::expected<OutwardTls, TlsFailure>> secure_outward(const TlsClientContext& context,
                                                               TlsDemand demand, Deadline deadline) override;
    Task<> close(Deadline deadline) override;
    void interrupt() override;
    void abort() override;
    bool is_gone() override;
    TlsFacts tls_facts() const override;
    // The stream's own; for last words where no conversation has begun.
    int descriptor() const { return waiter_.descriptor(); }

private:
    // What one attempt on the socket or the TLS session came to.
    enum class Attempt { done, wants_read, wants_write, closed, failed };
    Attempt attempt_read(std::size_t& count);
    Attempt attempt_write(std::string_view bytes, std::size_t& count);
    Attempt judge(int result) const;

    Task<Result<void>> shake_hands(Deadline deadline);
    Task<Readiness> wait_for(Attempt attempt, Deadline deadline);

    Waiter waiter_;
    SslPointer ssl_;
    bool reading_ = false;
    bool more_may_wait_ = false;  // the last read filled the buffer
};

}  // namespace hongyan::net
