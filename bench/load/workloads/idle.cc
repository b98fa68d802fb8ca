// idle: what a connection costs that does nothing but wait for mail.
#include <sys/resource.h>

#include "bench/load/failure.h"
#include "bench/load/imap_client.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

using Clients = std::vector<std::optional<ImapClient>>;

// As many descriptors as we may have: each connection takes one.
void allow_descriptors(std::uint64_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    constexpr std::uint64_t others = 64;
    if (limit.rlim_cur < wanted + others)
        give_up("only {} descriptors may be open (ulimit -n)", limit.rlim_cur);
}

net::Task<> come_and_wait(Bench& bench, Clients& clients, Counter& next, Measurement& measured) {
    while (const auto index = next.next()) {
        const auto begun = std::chrono::steady_clock::now();
        const auto user = bench.target().user(*index);
        auto& client = clients[*index];
        client.emplace(co_await ImapClient::open(bench.target(), user, bench.tls(), bench.deadline()));
        co_await client->command("SELECT INBOX");
        co_await client->idle();
        measured.done(begun, 0);
    }
}

double kilobytes_each(std::uint64_t before, std::uint64_t after, std::uint64_t connections) {
    return (static_cast<double>(after) - static_cast<double>(before)) / 1024 /
           static_cast<double>(connections);
}

}  // namespace

// Weighed twice, so that what the first log-ins cost once and for all can be told from what each connection
// costs.
std::vector<Report> run_idle(Bench& bench, const Options& options) {
    if (!bench.scale().in_use()) give_up("memory can only be weighed with --server-pid");
    if (options.connections < 10) give_up("fewer than 10 connections weigh nothing");
    allow_descriptors(options.connections);
    const auto tenth = options.connections / 10;
    const auto hold = [&](std::size_t) -> net::Task<> {
        co_await bench.scale().settle(net::after(std::chrono::seconds(20)));
        co_await net::sleep_until(net::after(std::chrono::seconds(options.hold)));
    };

    Clients clients(options.connections);
    Measurement measured(bench, "idle");
    const auto before = bench.scale().memory();
    Counter first(tenth);
    const auto come = [&](Counter& which) {
        bench.together(options.parallel,
                       [&](std::size_t) { return come_and_wait(bench, clients, which, measured); });
    };
    come(first);
    bench.together(1, hold);
    const auto some = bench.scale().memory();
    Counter others(options.connections - tenth, tenth);
    come(others);
    measured.stop();
    bench.together(1, hold);
    const auto all = bench.scale().memory();

    auto report = measured.report();
    report.add("memory_before_mb", static_cast<double>(before) / 1e6);
    report.add("kb_per_connection", kilobytes_each(before, all, options.connections));
    report.add("kb_per_further_connection", kilobytes_each(some, all, options.connections - tenth));
    report.add("server_processes", static_cast<double>(bench.scale().processes()));
    return {std::move(report)};
}

}  // namespace hongyan::load
