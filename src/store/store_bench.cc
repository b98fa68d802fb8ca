// How fast a mailbox is listed, and what a delivery costs with all that the store keeps of it.
// HONGYAN_BENCH_FOLDER says on which disk; HONGYAN_BENCH_MILLION=1 adds the store of a million messages.
#include <cstdlib>
#include <fstream>
#include <semaphore>

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "engine/open_engine.h"
#include "engine/testing/deliveries.h"
#include "message/summary.h"
#include "store/store.h"

namespace hongyan::store {
namespace {

constexpr AccountId ann{1};
const SystemClock system_clock;

std::unique_ptr<ScratchFolder> scratch() {
    if (const auto* chosen = std::getenv("HONGYAN_BENCH_FOLDER")) ::setenv("TMPDIR", chosen, 1);
    return std::make_unique<ScratchFolder>();
}

// A header of the size that real mail has, before a body.
std::string letter(std::uint64_t number, std::string_view body) {
    return fmt::format(
        "Return-Path: <list-bounces@lists.example.org>\r\n"
        "Received: from mx{0}.example.org by here.test with ESMTPS; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
        "From: \"Somebody Number {0}\" <somebody.{0}@example.org>\r\n"
        "To: Ann <ann@here.test>, the list <list@lists.example.org>\r\n"
        "Subject: [list] About the matter of number {0} and what follows from it\r\n"
        "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
        "Message-ID: <{0}.20261102@example.org>\r\n"
        "In-Reply-To: <{1}.20261101@example.org>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{2}",
        number, number / 2, body);
}

NewMessage message(std::uint64_t number, std::string_view body) {
    NewMessage made;
    made.content = prepare(letter(number, body));
    made.received = system_clock.now();
    if (number % 3 != 0) made.flags.add(Flag::seen);
    return made;
}

void fill(const Account& account, std::uint64_t messages) {
    constexpr std::uint64_t at_once = 250;
    for (std::uint64_t number = 0; number < messages;) {
        std::vector<NewMessage> some;
        for (std::uint64_t i = 0; i < at_once && number < messages; ++i, ++number)
            some.push_back(message(number, "One short line.\r\n"));
        if (!account.append(inbox, std::move(some))) std::abort();
    }
}

// A mailbox as it lies on disk after the server was started again.
class Mailbox50000 : public benchmark::Fixture {
public:
    static constexpr std::uint64_t messages = 50'000;

    void SetUp(benchmark::State&) override {
        folder_ = scratch();
        {
            const auto engine = engine::open_engine(folder_->path()).value();
            Store store(*engine, system_clock);
            if (!store.create_account(ann)) std::abort();
            fill(store.account(ann), messages);
        }
        engine_ = engine::open_engine(folder_->path(), {.block_cache = std::size_t{64} << 20U}).value();
    }
    void TearDown(benchmark::State&) override {
        engine_.reset();
        folder_.reset();
    }

protected:
    std::unique_ptr<ScratchFolder> folder_;
    std::unique_ptr<engine::Engine> engine_;
};

BENCHMARK_DEFINE_F(Mailbox50000, scan_entries)(benchmark::State& state) {
    for (auto _ : state) {
        std::uint64_t seen = 0;
        const auto walked = View(*engine_, ann).each_entry(inbox, UidSet::all(), [&](const Entry& entry) {
            seen += entry.flags.contains(Flag::seen) ? 1 : 0;
            return Result<void>();
        });
        if (!walked || seen == 0) std::abort();
    }
}
BENCHMARK_REGISTER_F(Mailbox50000, scan_entries)->Unit(benchmark::kMillisecond);

// The engine's part of it.
BENCHMARK_DEFINE_F(Mailbox50000, scan_keys)(benchmark::State& state) {
    const std::string first(1, state.range(0) == 0 ? 'e' : 's');
    for (auto _ : state) {
        const auto snapshot = engine_->snapshot(engine::Scope::account(ann));
        const auto cursor = snapshot->scan(engine::Range::starting_with(first));
        for (; cursor->valid(); cursor->next()) benchmark::DoNotOptimize(cursor->value());
    }
}
BENCHMARK_REGISTER_F(Mailbox50000, scan_keys)->Unit(benchmark::kMillisecond)->Arg(0)->Arg(1);

BENCHMARK_DEFINE_F(Mailbox50000, scan_summaries)(benchmark::State& state) {
    std::uint64_t bytes = 0;
    std::uint64_t rounds = 0;
    for (auto _ : state) {
        const auto walked =
            View(*engine_, ann)
                .each_message(inbox, UidSet::all(), [&](const Entry&, const MessageView& view) {
                    bytes += view.summary.size();
                    return Result<void>();
                });
        if (!walked) std::abort();
        ++rounds;
    }
    state.counters["bytes/summary"] = static_cast<double>(bytes) / static_cast<double>(rounds * messages);
}
BENCHMARK_REGISTER_F(Mailbox50000, scan_summaries)->Unit(benchmark::kMillisecond);

// What a listing by subject reads.
BENCHMARK_DEFINE_F(Mailbox50000, read_subjects)(benchmark::State& state) {
    for (auto _ : state) {
        const auto walked =
            View(*engine_, ann)
                .each_message(inbox, UidSet::all(),
                              [&](const Entry&, const MessageView& view) -> Result<void> {
                                  TRY(const auto summary, message::SummaryView::of(view.summary));
                                  benchmark::DoNotOptimize(summary.subject());
                                  return {};
                              });
        if (!walked) std::abort();
    }
}
BENCHMARK_REGISTER_F(Mailbox50000, read_subjects)->Unit(benchmark::kMillisecond);

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// "write_bytes" and the like of this process; 0 where the system does not say.
double number_of(const char* file, std::string_view wanted) {
    std::ifstream in(file);
    for (std::string name; in >> name;)
        if (double number = 0; name == wanted && in >> number) return number;
    return 0;
}

constexpr std::ptrdiff_t in_flight = 64;
constexpr std::uint64_t producers = 2;
constexpr std::uint32_t accounts = 1000;

using Deliver = std::function<void(AccountId, std::string_view, std::function<void()> done)>;

void run_producers(std::uint64_t messages, std::size_t size, std::uint64_t seed, const Deliver& deliver) {
    std::vector<std::jthread> threads;
    for (std::uint64_t producer = 0; producer < producers; ++producer)
        threads.emplace_back([&, producer] {
            engine::MessageSource source(size, seed * producers + producer);
            std::counting_semaphore<in_flight> free(in_flight / producers);
            for (std::uint64_t i = 0; i < messages / producers; ++i) {
                free.acquire();
                const auto account = static_cast<std::uint32_t>((i * 7919 + producer) % accounts + 1);
                deliver(AccountId(account), source.next(), [&free] { free.release(); });
            }
            for (std::uint64_t i = 0; i < in_flight / producers; ++i) free.acquire();
        });
}

void deliver_one(Store& store, AccountId account, std::string_view raw, std::function<void()> done) {
    NewMessage made;
    made.content = prepare(raw);
    made.prefix = "Delivered-To: somebody@here.test\r\n";
    made.received = system_clock.now();
    std::vector<Delivery> deliveries;
    deliveries.push_back({account, inbox, std::move(made)});
    store.deliver(std::move(deliveries), [done = std::move(done)](const Store::Outcomes& outcomes) {
        if (!outcomes.front()) std::abort();
        done();
    });
}

void create_accounts(Store& store) {
    for (std::uint32_t account = 1; account <= accounts; ++account)
        if (!store.create_account(AccountId(account))) std::abort();
}

void durable_deliveries(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto messages = static_cast<std::uint64_t>(state.range(1));
    const auto folder = scratch();
    const auto engine = engine::open_engine(folder->path()).value();
    Store store(*engine, system_clock);
    create_accounts(store);
    const auto before_harness = cpu_seconds();
    run_producers(messages, size, 0, [](AccountId, std::string_view, const auto& done) { done(); });
    const auto harness = cpu_seconds() - before_harness;
    double cpu = 0;
    double written = 0;
    std::uint64_t total = 0;
    for (auto _ : state) {
        const auto cpu_before = cpu_seconds();
        const auto written_before = number_of("/proc/self/io", "write_bytes:");
        run_producers(messages, size, ++total, [&](AccountId account, std::string_view raw, auto done) {
            deliver_one(store, account, raw, std::move(done));
        });
        cpu += cpu_seconds() - cpu_before - harness;
        written += number_of("/proc/self/io", "write_bytes:") - written_before;
    }
    const auto all = static_cast<double>(total * messages);
    state.counters["messages/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
    state.counters["cpu_us/message"] = cpu * 1e6 / all;
    state.counters["written/raw"] = written / (all * static_cast<double>(size));
}
BENCHMARK(durable_deliveries)
    ->Args({8192, 50'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3)
    ->UseRealTime();

// A process that delivers a million messages and is killed.
void fill_and_die(const std::filesystem::path& folder) {
    if (const auto child = ::fork(); child != 0) {
        ::waitpid(child, nullptr, 0);
        return;
    }
    const auto engine = engine::open_engine(folder).value();
    Store store(*engine, system_clock);
    create_accounts(store);
    run_producers(1'000'000, 2048, 1, [&](AccountId account, std::string_view raw, auto done) {
        deliver_one(store, account, raw, std::move(done));
    });
    ::kill(::getpid(), SIGKILL);
}

void open_after_kill(benchmark::State& state) {
    if (std::getenv("HONGYAN_BENCH_MILLION") == nullptr)
        return state.SkipWithError("set HONGYAN_BENCH_MILLION=1");
    const auto folder = scratch();
    fill_and_die(folder->path());
    for (auto _ : state) {
        const auto engine = engine::open_engine(folder->path()).value();
        Store store(*engine, system_clock);
        if (!store.account(ann).view().mailbox(inbox)) std::abort();
        state.PauseTiming();
        state.counters["resident_MB"] = number_of("/proc/self/status", "VmRSS:") / 1024;
        state.counters["disk_MB"] = static_cast<double>(engine->statistics().disk_bytes) / 1e6;
        state.ResumeTiming();
    }
}
BENCHMARK(open_after_kill)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace hongyan::store
