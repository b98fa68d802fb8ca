#include "bench/load/workloads/large_mailbox.h"

#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

constexpr std::size_t filling_connections = 8;

// Mailboxes of different sizes have different names.
std::string name_of(const Options& options) { return fmt::format("load-{}", options.messages); }

net::Task<> count(Bench& bench, const std::string& mailbox, std::uint64_t& there) {
    const auto user = bench.target().user(0);
    auto client = co_await ImapClient::open(bench.target(), user, bench.tls(), bench.deadline());
    there = co_await client.prepare(mailbox);
}

net::Task<> add(Bench& bench, const std::string& mailbox, const Deck& deck, Counter& letters) {
    const auto user = bench.target().user(0);
    auto client = co_await ImapClient::open(bench.target(), user, bench.tls(), bench.deadline());
    while (const auto letter = letters.next()) {
        const auto text = deck.letter(*letter);
        co_await client.append(mailbox, text);
    }
}

}  // namespace

void fill_large_mailbox(Bench& bench, const Options& options) {
    const auto mailbox = name_of(options);
    std::uint64_t there = 0;
    bench.together(1, [&](std::size_t) { return count(bench, mailbox, there); });
    if (there >= options.messages) return;
    const auto deck = make_deck(options);
    Counter letters(options.messages - there, there);
    bench.together(filling_connections, [&](std::size_t) { return add(bench, mailbox, deck, letters); });
}

net::Task<ImapClient> open_large_mailbox(Bench& bench, const Options& options) {
    const auto user = bench.target().user(0);
    auto client = co_await ImapClient::open(bench.target(), user, bench.tls(), bench.deadline());
    const auto select = fmt::format("SELECT {}", name_of(options));
    const auto answer = co_await client.command(select);
    if (answer.exists != options.messages)
        give_up("{} holds {} messages instead of {}", name_of(options), answer.exists, options.messages);
    co_return client;
}

}  // namespace hongyan::load
