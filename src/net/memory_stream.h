// A Stream without a network, for tests: the peer's side is two strings.
#pragma once

#include <deque>
#include <optional>

#include "net/stream.h"
#include "net/tls_client.h"

namespace hongyan::net {

// Reads what was given in pieces, then what `at_end` says; keeps what was written.
class MemoryStream final : public Stream {
public:
    explicit MemoryStream(std::deque<std::string> incoming, Incoming::Kind at_end = Incoming::Kind::closed)
        : incoming_(std::move(incoming)), at_end_(at_end) {}

    Task<Incoming> read(Deadline) override {
        if (aborted_) co_return Incoming{Incoming::Kind::failed, {}};
        if (incoming_.empty()) co_return Incoming{at_end_, {}};
        current_ = std::move(incoming_.front());
        incoming_.pop_front();
        co_return Incoming{Incoming::Kind::bytes, current_};
    }
    Task<Result<void>> write(std::string_view bytes, Deadline) override {
        if (aborted_) co_return fail(Error::Kind::io, "the peer has gone");
        written_ += bytes;
        ++writes_;
        co_return Result<void>{};
    }
    void acknowledge() override { ++acknowledgments_; }
    Task<Result<void>> secure(const TlsContext&, ClientCertificate, Deadline) override {
        secured_ = true;
        co_return Result<void>{};
    }
    Task<std::expected<OutwardTls, TlsFailure>> secure_outward(const TlsClientContext&, TlsDemand demand,
                                                               Deadline) override {
        secured_ = true;
        demand_ = std::move(demand);
        if (outward_failure_) co_return std::unexpected(*outward_failure_);
        co_return OutwardTls{.version = "memory",
                             .cipher = "none",
                             .policy = demand_->verify,
                             .verified = demand_->verify != Verify::none,
                             .problem = {},
                             .explanation = {}};
    }
    Task<> close(Deadline) override {
        closed_ = true;
        co_return;
    }
    void interrupt() override {}
    void abort() override { aborted_ = true; }
    bool is_gone() override { return aborted_ || (incoming_.empty() && at_end_ == Incoming::Kind::closed); }
    TlsFacts tls_facts() const override { return {.description = secured_ ? "memory" : ""}; }

    // The next secure_outward() fails so.
    void fail_outward(TlsFailure failure) { outward_failure_ = std::move(failure); }
    const std::optional<TlsDemand>& demand() const { return demand_; }

    const std::string& written() const { return written_; }
    int writes() const { return writes_; }
    int acknowledgments() const { return acknowledgments_; }
    bool is_closed() const { return closed_; }

private:
    std::deque<std::string> incoming_;
    Incoming::Kind at_end_;
    std::string current_;
    std::string written_;
    std::optional<TlsDemand> demand_;
    std::optional<TlsFailure> outward_failure_;
    int writes_ = 0;
    int acknowledgments_ = 0;
    bool secured_ = false;
    bool closed_ = false;
    bool aborted_ = false;
};

}  // namespace hongyan::net
