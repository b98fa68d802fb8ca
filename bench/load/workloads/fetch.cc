// fetch: all messages of a large mailbox, seen as clients look at them.
#include "bench/load/failure.h"
#include "bench/load/workloads/large_mailbox.h"

namespace hongyan::load {

namespace {

struct Look {
    const char* phase;
    const char* items;
};
constexpr Look looks[] = {
    {"fetch flags", "(UID FLAGS)"},
    {"fetch envelope", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"},
    {"fetch structure", "(UID BODYSTRUCTURE)"},
    {"fetch fields", "(UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE LIST-ID)])"},
    {"fetch body", "(UID BODY.PEEK[])"},
};

net::Task<> take(Bench& bench, const Options& options, const Look& look, Measurement& measured) {
    auto client = co_await open_large_mailbox(bench, options);
    const auto command = fmt::format("FETCH 1:* {}", look.items);
    for (std::uint64_t i = 0; i < options.repeat; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto answer = co_await client.command(command);
        if (answer.fetched != options.messages)
            give_up("{}: {} messages came instead of {}", look.phase, answer.fetched, options.messages);
        measured.done(begun, answer.fetched, answer.bytes);
    }
}

}  // namespace

std::vector<Report> run_fetch(Bench& bench, const Options& options) {
    fill_large_mailbox(bench, options);
    std::vector<Report> reports;
    for (const auto& look : looks) {
        Measurement measured(bench, look.phase);
        bench.together(1, [&](std::size_t) { return take(bench, options, look, measured); });
        reports.push_back(measured.report());
    }
    return reports;
}

}  // namespace hongyan::load
