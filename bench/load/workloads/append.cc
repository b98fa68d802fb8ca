// append: messages are put into a mailbox of each connection's own user.
#include "bench/load/imap_client.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

constexpr std::string_view mailbox = "load-append";

net::Task<> prepare(Bench& bench, std::vector<std::optional<ImapClient>>& clients, std::size_t index) {
    const auto user = bench.target().user(index);
    clients[index].emplace(co_await ImapClient::open(bench.target(), user, bench.tls(), bench.deadline()));
    co_await clients[index]->prepare(mailbox);
}

net::Task<> put(ImapClient& client, const Deck& deck, Counter& letters, Measurement& measured) {
    while (const auto letter = letters.next()) {
        const auto text = deck.letter(*letter);
        const auto begun = std::chrono::steady_clock::now();
        co_await client.append(mailbox, text);
        measured.done(begun, text.size());
    }
}

}  // namespace

std::vector<Report> run_append(Bench& bench, const Options& options) {
    const auto deck = make_deck(options);
    std::vector<std::optional<ImapClient>> clients(options.connections);
    bench.together(clients.size(), [&](std::size_t index) { return prepare(bench, clients, index); });

    Measurement measured(bench, "append");
    Counter letters(options.messages);
    bench.together(clients.size(), [&](std::size_t i) { return put(*clients[i], deck, letters, measured); });
    return {measured.report()};
}

}  // namespace hongyan::load
