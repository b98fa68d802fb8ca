// How fast deliveries become durable, and what they cost. HONGYAN_BENCH_FOLDER says on which disk.
#include <cstdlib>
#include <fstream>
#include <semaphore>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "base/testing/scratch_folder.h"
#include "engine/open_engine.h"
#include "engine/testing/deliveries.h"

namespace hongyan::engine {
namespace {

constexpr std::ptrdiff_t in_flight = 64;
constexpr std::uint64_t producers = 2;
constexpr std::uint32_t accounts = 1000;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double bytes_written_to_disk() {
    std::ifstream io("/proc/self/io");
    for (std::string name; io >> name;) {
        double number = 0;
        io >> number;
        if (name == "write_bytes:") return number;
    }
    return 0;
}

// What a message passes through on its way; nothing below measures the harness alone.
using Deliver = std::function<void(AccountId, std::string_view, std::function<void()> done)>;

void run_producers(std::uint64_t messages, std::size_t size, std::uint64_t seed, const Deliver& deliver) {
    std::vector<std::jthread> threads;
    for (std::uint64_t producer = 0; producer < producers; ++producer)
        threads.emplace_back([&, producer] {
            MessageSource source(size, seed * producers + producer);
            std::counting_semaphore<in_flight> free(in_flight / producers);
            for (std::uint64_t i = 0; i < messages / producers; ++i) {
                free.acquire();
                deliver(AccountId(static_cast<std::uint32_t>((i * 7919 + producer) % accounts)),
                        source.next(), [&free] { free.release(); });
            }
            for (std::uint64_t i = 0; i < in_flight / producers; ++i) free.acquire();
        });
}

double cost_of_harness(std::uint64_t messages, std::size_t size) {
    const auto before = cpu_seconds();
    run_producers(messages, size, 0, [](AccountId, std::string_view, const auto& done) { done(); });
    return cpu_seconds() - before;
}

void durable_deliveries(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto messages = static_cast<std::uint64_t>(state.range(1));
    const auto* chosen = std::getenv("HONGYAN_BENCH_FOLDER");
    if (chosen != nullptr) ::setenv("TMPDIR", chosen, 1);
    const ScratchFolder folder;
    const auto engine = open_engine(folder.path()).value();
    const auto harness = cost_of_harness(messages, size);
    double cpu = 0;
    double written = 0;
    std::uint64_t total = 0;
    for (auto _ : state) {
        const auto cpu_before = cpu_seconds();
        const auto written_before = bytes_written_to_disk();
        run_producers(messages, size, ++total, [&](AccountId account, std::string_view message, auto done) {
            engine->submit({delivery(account, prepare_blob(message))}, Together::each_by_itself,
                           [done = std::move(done)](const auto& outcomes) {
                               if (!outcomes.front()) std::abort();
                               done();
                           });
        });
        cpu += cpu_seconds() - cpu_before - harness;
        written += bytes_written_to_disk() - written_before;
    }
    const auto all = static_cast<double>(total * messages);
    state.counters["messages/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
    state.counters["cpu_us/message"] = cpu * 1e6 / all;
    state.counters["written/raw"] = written / (all * static_cast<double>(size));
    state.counters["messages/batch"] = all / static_cast<double>(engine->statistics().batches);
}
BENCHMARK(durable_deliveries)
    ->Args({8192, 100'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3)
    ->UseRealTime();

void prepare(benchmark::State& state) {
    MessageSource source(8192, 1);
    std::size_t frame = 0;
    for (auto _ : state) frame = prepare_blob(source.next())->frame.size();
    state.counters["frame/raw"] = static_cast<double>(frame) / 8192;
}
BENCHMARK(prepare);

}  // namespace
}  // namespace hongyan::engine
