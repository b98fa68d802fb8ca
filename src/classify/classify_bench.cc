// What it costs to judge and to learn a message: real mail, if HONGYAN_CORPUS names a folder with it.
#include <cstdlib>

#include <benchmark/benchmark.h>

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
