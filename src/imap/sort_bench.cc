// SORT and THREAD of a mailbox of 50,000 messages, as a session answers them; over a store in memory.
#include <benchmark/benchmark.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

constexpr int messages = 50'000;

std::string letter(int number) {
    return fmt::format(
        "From: \"Somebody Number {0}\" <somebody.{0}@example.org>\r\nTo: Ann <ann@here.test>\r\n"
        "Subject: {2}[list] About the matter of number {1}\r\nDate: {3} Nov 2026 10:00:{4:02} +0000\r\n"
        "Message-ID: <{0}.20261102@example.org>\r\nReferences: <{1}.20261102@example.org>\r\n\r\nShort.\r\n",
        number, number / 3, number % 3 == 0 ? "" : "Re: ", number * 7 % 28 + 1, number % 60);
}

struct Office {
    Office() {
        std::vector<store::NewMessage> some;
        for (int i = 1; i <= messages; ++i) {
            some.push_back(
                {.content = store::prepare(letter(i)), .prefix = {}, .flags = {}, .received = {}, .key = {}});
            if (some.size() < 250) continue;
            check(world.account().append(store::inbox, std::exchange(some, {})).has_value(), "they arrive");
        }
        settings.keys = std::make_shared<KeyCache>();
        session.emplace(world, settings, session::Security{});
        session->after("a LOGIN ann secret\r\nb SELECT INBOX\r\n");
    }

    imap_world::World world;
    Settings settings = imap_world::open_settings();
    std::optional<imap_world::Session> session;
};

Office& office() {
    static Office one;
    return one;
}

constexpr std::array commands{"SORT (REVERSE DATE) UTF-8 ALL", "SORT (SUBJECT) UTF-8 ALL",
                              "SORT (FROM) UTF-8 ALL", "THREAD REFERENCES UTF-8 ALL",
                              "THREAD ORDEREDSUBJECT UTF-8 ALL"};

// The first time keys are read from the summaries; afterwards they are in memory.
void answer(benchmark::State& state, bool is_first_time) {
    auto& here = office();
    const auto line = fmt::format("c {}\r\n", commands[static_cast<std::size_t>(state.range(0))]);
    state.SetLabel(line.substr(2, line.size() - 4));
    for (auto _ : state) {
        if (is_first_time) {
            state.PauseTiming();
            here.session.reset();
            here.settings.keys = std::make_shared<KeyCache>();
            here.session.emplace(here.world, here.settings, session::Security{});
            here.session->after("a LOGIN ann secret\r\nb SELECT INBOX\r\n");
            state.ResumeTiming();
        }
        benchmark::DoNotOptimize(here.session->after(line));
    }
}
void first_time(benchmark::State& state) { answer(state, true); }
void again(benchmark::State& state) { answer(state, false); }

BENCHMARK(first_time)->DenseRange(0, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(again)->DenseRange(0, 4)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hongyan::imap
