// What a message costs on its way through the queue, and what a long queue costs who begins to work on it.
// HONGYAN_BENCH_FOLDER says on which disk; HONGYAN_BENCH_MILLION=1 adds the queue of a million messages.
#include <cstdlib>
#include <fstream>
#include <semaphore>

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "engine/open_engine.h"
#include "queue/queue.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const SystemClock system_clock;
constexpr std::size_t at_once = 64;  // commits that wait together

std::unique_ptr<ScratchFolder> scratch() {
    if (const auto* chosen = std::getenv("HONGYAN_BENCH_FOLDER")) ::setenv("TMPDIR", chosen, 1);
    return std::make_unique<ScratchFolder>();
}

// A message of a thousand senders to one of ten thousand destinations.
Entry entry_of(Queue& queue, std::uint64_t number, const engine::SharedBlob& content) {
    Entry entry;
    entry.id = queue.next_id();
    entry.sender = fmt::format("sender{}@here.test", number % 1000);
    entry.account = fmt::format("account{}@here.test", number % 1000);
    entry.prefix = std::string(200, 'R');
    entry.blob = content->id;
    entry.blob_size = content->size;
    entry.arrival = system_clock.now();
    entry.message_id = fmt::format("<{}.20261102@here.test>", number);
    entry.recipients.resize(1);
    entry.recipients[0].address = fmt::format("recipient{}@d{}.there.test", number, number * 7919 % 10'000);
    return entry;
}

// Commits, as many at once as sessions of a busy server would, in waves.
class Committing {
public:
    explicit Committing(engine::Engine& engine) : engine_(engine) {}
    void add(engine::Part part) {
        free_.acquire();
        std::vector<engine::Part> parts;
        parts.push_back(std::move(part));
        engine_.submit(std::move(parts), engine::Together::all_or_none, [this](const auto& outcomes) {
            if (!outcomes.front()) std::abort();
            free_.release();
        });
    }
    void finish() {
        for (std::size_t i = 0; i < at_once; ++i) free_.acquire();
        free_.release(at_once);
    }

private:
    engine::Engine& engine_;
    std::counting_semaphore<at_once> free_{at_once};
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

Outcome delivered(const Due& due, std::uint64_t token) {
    return {.who = {due.id, due.index},
            .token = token,
            .state = RecipientState::relayed,
            .attempt = {.time = system_clock.now(),
                        .host = "mx.there.test",
                        .address = "192.0.2.1",
                        .tls = "TLSv1.3",
                        .policy = "opportunistic",
                        .status = "2.0.0",
                        .reply = "250 2.0.0 Ok: queued as 4FbX2c1Zq7z9sK",
                        .duration = 40ms}};
}

// Accepted with a lease, and settled: the whole life of a message that is delivered at once.
void accept_and_settle(benchmark::State& state) {
    const auto folder = scratch();
    const auto engine = engine::open_engine(folder->path()).value();
    Queue queue(*engine, system_clock);
    if (!queue.begin()) std::abort();
    const auto content = engine::prepare_blob(std::string(4000, 'x'));
    // Somebody else keeps the content, so that what is measured is the queue.
    (void)engine->transact(engine::Scope::account(engine::AccountId(1)),
                           [&](engine::Transaction& transaction) {
                               transaction.keep(content);
                               return Result<void>{};
                           });
    Committing committing(*engine);
    std::uint64_t number = 0;
    double accepting = 0, settling = 0, wall_settling = 0;
    for (auto _ : state) {
        std::vector<Taken> taken;
        auto before = cpu_seconds();
        for (int i = 0; i < 10'000; ++i) {
            auto accepted = queue.accept(entry_of(queue, number++, content), content, 1h);
            taken.push_back(std::move(accepted.taken));
            committing.add(std::move(accepted.part));
        }
        committing.finish();
        accepting += cpu_seconds() - before;
        before = cpu_seconds();
        const auto start = Clock::now();
        for (const auto& each : taken)
            committing.add(queue.settle({delivered(each.dues.front(), each.lease.token)}));
        committing.finish();
        wall_settling += std::chrono::duration<double>(Clock::now() - start).count();
        settling += cpu_seconds() - before;
    }
    const auto count = static_cast<double>(number);
    state.counters["us_cpu_accept"] = accepting * 1e6 / count;
    state.counters["us_cpu_settle"] = settling * 1e6 / count;
    state.counters["settled_per_s"] = count / wall_settling;
}
BENCHMARK(accept_and_settle)->Iterations(5)->Unit(benchmark::kMillisecond);

// As a message that was put into a mailbox is told of.
Record placing(EntryId id, std::uint64_t number, Instant time) {
    Record record;
    record.id = id;
    record.what = Happened::placed;
    record.sender = fmt::format("sender{}@there.test", number % 1000);
    record.recipient = fmt::format("recipient{}@here.test", number % 10'000);
    record.message_id = fmt::format("<{}.20261102@there.test>", number);
    record.size = 4000;
    record.attempt = {.time = time, .host = "mx.there.test", .address = "192.0.2.1"};
    record.placed_with = 7;
    return record;
}

// What the history costs a message that is put into a mailbox, besides its delivery: the second part of its
// commit. `records` 0: a commit that does the same without it.
void tell_of_placings(benchmark::State& state) {
    const auto folder = scratch();
    const auto engine = engine::open_engine(folder->path()).value();
    Queue queue(*engine, system_clock, {.history = state.range(0) == 0 ? 0ms : 1h});
    Committing committing(*engine);
    std::uint64_t number = 0;
    const auto before = cpu_seconds();
    for (auto _ : state) {
        for (int i = 0; i < 10'000; ++i, ++number) {
            const auto record = placing(queue.next_id(), number, system_clock.now());
            committing.add(queue.telling({&record, 1}).front());
        }
        committing.finish();
    }
    state.counters["us_cpu"] = (cpu_seconds() - before) * 1e6 / static_cast<double>(number);
}
BENCHMARK(tell_of_placings)->Arg(0)->Arg(1)->Iterations(3)->Unit(benchmark::kMillisecond);

// What it costs to forget a hundred thousand messages, to find that there is nothing to forget of as many
// that have come since, and to walk over those that were told of while the clock was ahead. 1: and their ids
// are still ahead of the time.
void forget_old(benchmark::State& state) {
    const auto folder = scratch();
    const auto engine = engine::open_engine(folder->path()).value();
    ManualClock clock;
    Queue queue(*engine, clock);
    Committing committing(*engine);
    const auto tell = [&](std::uint64_t messages) {
        for (std::uint64_t number = 0; number < messages; ++number) {
            const auto record = placing(queue.next_id(), number, clock.now());
            committing.add(queue.telling({&record, 1}).front());
            clock.advance(1ms);
        }
        committing.finish();
    };
    constexpr auto error = 730 * 24h;
    const auto ms_forgetting = [&] {
        const auto start = Clock::now();
        if (!queue.forget_old()) std::abort();
        return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    };
    for (auto _ : state) {
        if (state.range(0) != 0) {
            clock.advance(error);
            tell(100'000);
            clock.advance(-error);
        }
        state.counters["ms_told_ahead"] = ms_forgetting();
        tell(100'000);
        state.counters["ms_none_old"] = ms_forgetting();
        clock.advance(31 * 24h);
        state.counters["ms_all_old"] = ms_forgetting();
        state.counters["ms_again"] = ms_forgetting();
    }
}
BENCHMARK(forget_old)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

double resident_megabytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t whole = 0, resident = 0;
    file >> whole >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

void fill(const std::filesystem::path& folder, std::uint64_t messages) {
    const auto engine = engine::open_engine(folder).value();
    Queue queue(*engine, system_clock);
    if (!queue.begin()) std::abort();
    const auto content = engine::prepare_blob(std::string(4000, 'x'));
    Committing committing(*engine);
    for (std::uint64_t number = 0; number < messages; ++number) {
        auto entry = entry_of(queue, number, content);
        // Half are ready, half come later.
        if (number % 2 == 0) entry.recipients[0].next_attempt = system_clock.now() + 1h;
        committing.add(queue.part_of(std::move(entry), content));
    }
    committing.finish();
}

double seconds_of(const std::function<void()>& work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// In a process of its own, so that memory is that of who opens the queue, not of who filled it.
void begin_on_a_million(benchmark::State& state) {
    if (std::getenv("HONGYAN_BENCH_MILLION") == nullptr)
        return state.SkipWithError("HONGYAN_BENCH_MILLION is not set");
    const auto folder = scratch();
    if (const auto child = ::fork(); child == 0) {
        fill(folder->path(), 1'000'000);
        ::_exit(0);
    } else {
        int status = 0;
        ::waitpid(child, &status, 0);
    }
    for (auto _ : state) {
        std::unique_ptr<engine::Engine> engine;
        state.counters["s_open"] = seconds_of([&] { engine = engine::open_engine(folder->path()).value(); });
        Queue queue(*engine, system_clock);
        state.counters["s_begin"] = seconds_of([&] { (void)queue.begin(); });
        std::vector<std::string> destinations;
        state.counters["ms_1000_destinations"] =
            1e3 * seconds_of([&] { destinations = queue.ready_destinations({}, 1000).value(); });
        std::vector<Due> dues;
        state.counters["ms_ready_of_100"] =
            1e3 * seconds_of([&] {
                for (std::size_t i = 0; i < 100; ++i)
                    std::ranges::move(queue.ready(destinations.at(i), {}).value().dues,
                                      std::back_inserter(dues));
            });
        state.counters["dues"] = static_cast<double>(dues.size());
        auto taking = queue.take(dues, 1h);
        state.counters["ms_take"] = 1e3 * seconds_of([&] {
                                        if (!engine->transact(taking.part.scope, taking.part.work))
                                            std::abort();
                                    });
        std::size_t known = 0;
        state.counters["s_all_destinations"] = seconds_of([&] {
            for (std::string after;;) {
                const auto page = queue.ready_destinations(after, 1000).value();
                if (page.empty()) break;
                known += page.size();
                after = page.back();
            }
        });
        state.counters["destinations"] = static_cast<double>(known);
        state.counters["MB_resident"] = resident_megabytes();
        state.counters["s_statistics"] = seconds_of([&] { (void)queue.statistics(20).value(); });
        state.counters["MB_resident_after"] = resident_megabytes();
    }
}
BENCHMARK(begin_on_a_million)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hongyan::queue
