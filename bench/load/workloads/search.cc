// search: a large mailbox, by what the server keeps in hand and by what it has to read.
#include "bench/load/failure.h"
#include "bench/load/workloads/large_mailbox.h"

namespace hongyan::load {

namespace {

struct Query {
    const char* phase;
    std::string keys;
    std::uint64_t expected;  // messages that must be found
};

std::vector<Query> queries(std::uint64_t messages) {
    const auto last = messages - 1;
    const auto with_last_goose = last / deck_size + 1;  // of 0 ... last, those with the number of the last
    return {
        {"search flags", "UNDELETED", messages},
        {"search size", "LARGER 1", messages},
        {"search subject", "SUBJECT " + Deck::goose(last), with_last_goose},
        {"search text", "TEXT " + Deck::goose(last), with_last_goose},
        {"search rare word", "BODY " + Deck::word_of(last), 1},
    };
}

net::Task<> ask(Bench& bench, const Options& options, const Query& query, Measurement& measured) {
    auto client = co_await open_large_mailbox(bench, options);
    const auto command = "SEARCH " + query.keys;
    for (std::uint64_t i = 0; i < options.repeat; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto answer = co_await client.command(command);
        if (answer.found != query.expected)
            give_up("{}: {} messages were found instead of {}", query.phase, answer.found, query.expected);
        measured.done(begun, options.messages, 0);
    }
}

}  // namespace

std::vector<Report> run_search(Bench& bench, const Options& options) {
    fill_large_mailbox(bench, options);
    std::vector<Report> reports;
    for (const auto& query : queries(options.messages)) {
        Measurement measured(bench, query.phase);
        bench.together(1, [&](std::size_t) { return ask(bench, options, query, measured); });
        reports.push_back(measured.report());
    }
    return reports;
}

}  // namespace hongyan::load
