// Filters for tests: a thread that serves connections of a loopback port as a function says.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "net/memory_resolver.h"
#include "net/run_for_test.h"
#include "net/task.h"
#include "spam/reach.h"

namespace hongyan::spam {

// The filter's end of a connection. Blocks, but not for long.
class Line {
public:
    explicit Line(int socket) : socket_(socket) {
        constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    // Empty at the end.
    std::string some() const {
        std::string out(65'536, '\0');
        const auto count = ::recv(socket_.number(), out.data(), out.size(), 0);
        out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return out;
    }
    void say(std::string_view bytes) const {
        static_cast<void>(::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
    // Reads till `end` is there, or no more comes.
    std::string until(std::string_view end) {
        auto at = kept_.find(end);
        for (; at == kept_.npos; at = kept_.find(end)) {
            const auto more = some();
            if (more.empty()) return std::exchange(kept_, {});
            kept_ += more;
        }
        auto out = kept_.substr(0, at + end.size());
        kept_.erase(0, out.size());
        return out;
    }
    std::string exactly(std::size_t count) {
        while (kept_.size() < count) {
            const auto more = some();
            if (more.empty()) return std::exchange(kept_, {});
            kept_ += more;
        }
        auto out = kept_.substr(0, count);
        kept_.erase(0, count);
        return out;
    }

private:
    Descriptor socket_;
    std::string kept_;
};

inline config::FilterAddress address_of(const Descriptor& socket) {
    return {.host = "127.0.0.1", .port = net::Endpoint::local_of(socket.number()).port()};
}

// Serves one connection after the other.
class Filter {
public:
    explicit Filter(std::function<void(Line&)> serve) {
        check(::listen(listener_.number(), 10) == 0, "a port can be listened at");
        thread_ = std::thread([this, serve = std::move(serve)] {
            for (int socket = accept(); socket >= 0; socket = accept()) {
                Line line(socket);
                serve(line);
            }
        });
    }
    ~Filter() {
        ::shutdown(listener_.number(), SHUT_RDWR);
        thread_.join();
    }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    std::uint16_t port() const { return address().port; }
    config::FilterAddress address() const { return address_of(listener_); }

private:
    int accept() const { return ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC); }

    Descriptor listener_ = net::bound_socket();
    std::thread thread_;
};

// Where nobody listens, however long the test lasts.
inline config::FilterAddress nobody() {
    static const Descriptor taken = net::bound_socket();
    return address_of(taken);
}

// What judges need, and sessions that ask them.
class Bench {
public:
    Bench() { static_cast<void>(output_.apply({.level = log::Level::error, .file = "/dev/null"})); }

    Means means() {
        return {.resolver = resolver_, .random = random_, .workers = workers_, .hostname = "mx.test"};
    }
    net::Workers& workers() { return workers_; }
    net::MemoryResolver& resolver() { return resolver_; }
    log::Log log() { return log::Log(output_).for_session("s1"); }

    // On one loop, so that connections live from one task to the next.
    template <typename Value>
    Value run(net::Task<Value> task) {
        std::optional<Value> value;
        run_whole([](net::Task<Value> inner, std::optional<Value>& out) -> net::Task<> {
            out = co_await std::move(inner);
        }(std::move(task), value));
        return *std::move(value);
    }
    void run(net::Task<> task) { run_whole(std::move(task)); }

private:
    // Timers of connections that stay open would keep the loop running.
    void run_whole(net::Task<> task) {
        context_.restart();
        net::asio::co_spawn(context_, std::move(task), [this](const std::exception_ptr& broken) {
            context_.stop();
            if (broken) std::rethrow_exception(broken);
        });
        context_.run();
    }

    net::asio::io_context context_{1};
    ManualClock clock_;
    log::Output output_{clock_};
    net::MemoryResolver resolver_;
    SeededRandom random_{1};
    net::Workers workers_{1, 0};
};

inline smtp::Path path(std::string_view text) { return *message::parse_path(text); }

inline smtp::Deliver some_mail(std::string text = "Subject: hello\r\nTo: bob@there.test\r\n\r\nHello\r\n") {
    smtp::Deliver mail;
    mail.client = {.address = "192.0.2.1", .said_name = "client.test", .security = "TLSv1.3 TLS_AES_256_GCM"};
    mail.envelope = {.sender = path("<ann@here.test>"), .recipients = {{.path = path("<bob@there.test>")}}};
    mail.message = std::make_shared<const std::string>(std::move(text));
    return mail;
}

}  // namespace hongyan::spam
