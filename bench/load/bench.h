// What every workload is given: the server, the messages, the scale; and the measuring itself.
#pragma once

#include <exception>

#include <boost/asio/co_spawn.hpp>

#include "bench/load/connection.h"
#include "bench/load/deck.h"
#include "bench/load/report.h"
#include "bench/load/target.h"
#include "bench/load/weigh.h"

namespace hongyan::load {

// Clients are tasks on one thread: that of the Bench.
class Bench {
public:
    Bench(Target target, Scale scale, net::Deadline deadline, bool resume)
        : target_(std::move(target)), scale_(std::move(scale)), deadline_(deadline), tls_(resume) {}

    const Target& target() const { return target_; }
    const Scale& scale() const { return scale_; }
    net::Deadline deadline() const { return deadline_; }
    const TlsClient& tls() const { return tls_; }
    // The same server and users behind another port, in plain text.
    Target behind(std::uint16_t port) const;

    // Runs make(0) ... make(count - 1) at once, each a Task<>, until all have ended. The first Failure ends
    // all of them and is thrown.
    template <typename Make>
    void together(std::size_t count, Make make) {
        std::exception_ptr first;
        auto running = count;
        context_.restart();
        for (std::size_t i = 0; i < count; ++i)
            net::asio::co_spawn(context_.get_executor(), make(i), [&](const std::exception_ptr& failure) {
                if (failure && !first) first = failure;
                // Time-outs of connections that are still open would keep run() from ending.
                if (--running == 0 || failure) context_.stop();
            });
        context_.run();
        if (first) std::rethrow_exception(first);
    }

private:
    Target target_;
    Scale scale_;
    net::Deadline deadline_;
    TlsClient tls_;
    net::asio::io_context context_{1};
};

// Hands out 0, 1, 2 ... to the clients of a phase.
class Counter {
public:
    explicit Counter(std::uint64_t count, std::uint64_t first = 0) : next_(first), end_(first + count) {}
    std::optional<std::uint64_t> next() { return next_ < end_ ? std::optional(next_++) : std::nullopt; }

private:
    std::uint64_t next_;
    std::uint64_t end_;
};

// From its making to report(): what was done in that time, and what the server used for it.
class Measurement {
public:
    Measurement(Bench& bench, std::string phase);

    // One unit of work is done: a message, or a command. `begun` is when a client began with it.
    void done(std::chrono::steady_clock::time_point begun, std::size_t bytes);
    // For units that come many at a time.
    void done(std::chrono::steady_clock::time_point begun, std::uint64_t units, std::size_t bytes);
    // The work is done, and the clock stops; the server may still be busy with it.
    void stop();
    double seconds() const { return std::chrono::duration<double>(end_ - begin_).count(); }
    double units() const { return static_cast<double>(units_); }

    // Waits until the server is quiet, and weighs.
    Report report();

private:
    void add_rates(Report& report);
    void add_server(Report& report);

    Bench& bench_;
    std::string phase_;
    Usage before_;
    Peak peak_;
    double own_before_ = own_cpu();
    double own_ = 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point end_ = {};
    std::uint64_t units_ = 0;
    std::uint64_t bytes_ = 0;
    Latencies latencies_;
};

}  // namespace hongyan::load
