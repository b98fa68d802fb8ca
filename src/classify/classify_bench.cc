// What it costs to judge and to learn a message: real mail, if HONGYAN_CORPUS names a folder with it.
#include <cstdlib>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "classify/features.h"
#include "classify/verdict.h"
#include "message/mailbox_file.h"

namespace hongyan::classify {
namespace {

std::vector<std::string> corpus(benchmark::State& state) {
    std::vector<std::string> messages;
    const char* const folder = std::getenv("HONGYAN_CORPUS");
    if (folder == nullptr) {
        state.SkipWithError("HONGYAN_CORPUS is not set");
        return messages;
    }
    const auto count = message::read_mailbox(folder, [&](const message::FoundMessage& found) -> Result<void> {
        messages.emplace_back(found.raw);
        return {};
    });
    if (!count) state.SkipWithError(count.error().message.c_str());
    return messages;
}

Model taught(const std::vector<std::string>& messages) {
    Model model(shared_bits);
    for (std::size_t i = 0; i < messages.size(); i += 10) {
        const auto seen = look_at(messages[i], std::nullopt);
        model.learn(model.lesson(seen.features, i % 20 == 0 ? Label::junk : Label::good, 0));
    }
    return model;
}

// Time per message, as the judge of incoming mail spends it.
void judge_a_message(benchmark::State& state) {
    const auto messages = corpus(state);
    const auto model = taught(messages);
    for (auto _ : state)
        for (const auto& raw : messages)
            benchmark::DoNotOptimize(judge(look_at(raw, std::nullopt, {}, &model), {.shared = &model}));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages.size()));
}
BENCHMARK(judge_a_message)->Unit(benchmark::kMillisecond);

// As bench/inbound.py makes them, of so many bytes of text.
std::string letter(std::size_t size) {
    std::string text;
    for (std::uint32_t number = 1; text.size() < size;) {
        for (int i = 0; i < 11; ++i, number = number * 1'103'515'245U + 12'345U)
            text += fmt::format("{}word{}", i == 0 ? "" : " ", (number >> 16U) % 5'000);
        text += "\r\n";
    }
    return "From: Ann <ann@from1.test>\r\nTo: u0001@bench.test\r\nSubject: letter 7 about word4711\r\n"
           "Date: Sun, 22 Nov 2026 01:00:00 +0000\r\nMessage-ID: <7@from1.test>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
           text + "see https://www.example7.com/a for more\r\n";
}

void judge_a_letter(benchmark::State& state) {
    const auto raw = letter(static_cast<std::size_t>(state.range(0)));
    Model model(shared_bits);
    for (const auto label : {Label::junk, Label::good})
        for (int i = 0; i < 20; ++i) model.learn(model.lesson(look_at(raw, std::nullopt).features, label, 0));
    for (auto _ : state)
        benchmark::DoNotOptimize(judge(look_at(raw, std::nullopt, {}, &model), {.shared = &model}));
}
BENCHMARK(judge_a_letter)->Arg(1'500)->Arg(6'000)->Arg(12'000)->Unit(benchmark::kMicrosecond);

void learn_a_message(benchmark::State& state) {
    const auto messages = corpus(state);
    auto model = taught(messages);
    for (auto _ : state)
        for (const auto& raw : messages) {
            const auto seen = look_at(raw, std::nullopt);
            model.learn(model.lesson(seen.features, Label::good, model.weigh(seen.features)));
        }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages.size()));
}
BENCHMARK(learn_a_message)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hongyan::classify
