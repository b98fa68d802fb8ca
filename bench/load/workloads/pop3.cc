// pop3: whole maildrops are fetched, one by one or pipelined.
#include "bench/load/failure.h"
#include "bench/load/pop3_client.h"
#include "bench/load/smtp_client.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

using Clock = std::chrono::steady_clock;

// Sends what each user's maildrop lacks.
class Filling {
public:
    Filling(Bench& bench, const Options& options, const Deck& deck)
        : bench_(bench),
          options_(options),
          deck_(deck),
          lmtp_(bench.behind(static_cast<std::uint16_t>(options.lmtp_port))) {}

    net::Task<> fill(Counter& users) {
        while (const auto index = users.next()) {
            const auto name = bench_.target().user(*index);
            const auto there = co_await count(name);
            if (there < options_.messages) co_await send(*index, options_.messages - there);
        }
    }

private:
    net::Task<std::uint64_t> count(const std::string& name) {
        auto client = co_await Pop3Client::open(bench_.target(), name, bench_.tls(), bench_.deadline());
        const auto there = co_await client.count();
        co_await client.quit();
        co_return there;
    }

    net::Task<> send(std::uint64_t user, std::uint64_t messages) {
        const std::vector recipients{lmtp_.user(user)};
        auto client = co_await SmtpClient::open(lmtp_, Delivery::lmtp, bench_.tls(), bench_.deadline());
        for (std::uint64_t i = 0; i < messages; ++i) {
            const auto data = deck_.data(user * options_.messages + i);
            co_await client.send("goose@load.test", recipients, data);
        }
        co_await client.quit();
    }

    Bench& bench_;
    const Options& options_;
    const Deck& deck_;
    Target lmtp_;
};

net::Task<> fetch_all(Pop3Client& client, const Options& options, Measurement& measured) {
    std::deque<Clock::time_point> asked;
    for (std::uint64_t next = 1; next <= options.messages || !asked.empty();) {
        while (next <= options.messages && asked.size() < options.window) {
            asked.push_back(Clock::now());
            co_await client.ask_for(next++);
        }
        const auto bytes = co_await client.message();
        measured.done(asked.front(), bytes);
        asked.pop_front();
    }
}

// Two sessions never share a maildrop (RFC 1939 §3), so each connection has users of its own: every n-th.
net::Task<> visit(Bench& bench, const Options& options, Measurement& measured, Counter& sessions,
                  std::uint64_t connection) {
    const auto turns = bench.target().user_count / options.connections;
    for (std::uint64_t turn = 0; sessions.next(); turn = (turn + 1) % turns) {
        const auto user = bench.target().user(connection + turn * options.connections);
        auto client = co_await Pop3Client::open(bench.target(), user, bench.tls(), bench.deadline());
        const auto there = co_await client.count();
        if (there < options.messages)
            give_up("the maildrop of {} has {} messages instead of {} (--lmtp-port fills it)", user, there,
                    options.messages);
        co_await client.listing("LIST");
        co_await client.listing("UIDL");
        co_await fetch_all(client, options, measured);
        co_await client.quit();
    }
}

}  // namespace

std::vector<Report> run_pop3(Bench& bench, const Options& options) {
    if (options.connections > bench.target().user_count) give_up("more connections than users");
    if (options.lmtp_port > 0) {
        const auto deck = make_deck(options);
        Filling filling(bench, options, deck);
        Counter users(bench.target().user_count);
        bench.together(options.connections, [&](std::size_t) { return filling.fill(users); });
    }
    Measurement measured(bench, "pop3");
    Counter sessions(options.sessions);
    bench.together(options.connections,
                   [&](std::size_t i) { return visit(bench, options, measured, sessions, i); });
    return {measured.report()};
}

}  // namespace hongyan::load
