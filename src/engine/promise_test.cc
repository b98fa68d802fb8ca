// What was acknowledged is there, whole, wherever the power is cut, the disk is full or an operation fails;
// what was not is there whole or not at all.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/open_engine.h"
#include "engine/testing/random_work.h"
#include "engine/testing/simulated_disk.h"

namespace hongyan::engine {
namespace {

using testing::IsEmpty;

constexpr std::uint64_t seed = 2;
constexpr int rounds = 25;  // of transactions before all is well

// The work of one run, with what the engine should hold after each transaction that succeeds.
class History {
public:
    explicit History(std::uint64_t first_seed) : work_(first_seed), after_{work_.contents()} {}

    RandomWork::Item next() {
        auto item = work_.next();
        if (item.succeeds) after_.push_back(work_.contents());
        return item;
    }
    std::uint64_t submitted() const { return after_.size() - 1; }
    const Contents& after(std::uint64_t transactions) const { return after_.at(transactions); }
    // Some of what was submitted has not happened.
    void go_back_to(std::uint64_t transactions) {
        after_.resize(transactions + 1);
        work_ = RandomWork(seed + ++restarts_, after_.back());
    }

private:
    RandomWork work_;
    std::vector<Contents> after_;
    std::uint64_t restarts_ = 1'000;
};

class Machine {
public:
    explicit Machine(std::uint64_t disk_seed) : disk(disk_seed) {}

    Result<void> start() {
        TRY(engine, open_engine("/store", {.memtable = 64 * 1024,
                                           .pack_size = 20'000,
                                           .reclaim_every = {},
                                           .disk = &disk,
                                           .env = disk.env()}));
        return {};
    }

    // Submits some at once; how many of those that should succeed were acknowledged, before the first that
    // was not.
    std::uint64_t submit(History& history, int count) {
        std::vector<std::future<bool>> outcomes;
        for (int i = 0; i < count; ++i) {
            auto item = history.next();
            auto promise = std::make_shared<std::promise<bool>>();
            if (item.succeeds) outcomes.push_back(promise->get_future());
            engine->submit(std::move(item.parts), Together::all_or_none, [promise](const auto& results) {
                promise->set_value(results.front().has_value());
            });
        }
        std::uint64_t acknowledged = 0;
        for (auto& outcome : outcomes)
            if (outcome.get()) ++acknowledged;
        return acknowledged;
    }

    SimulatedDisk disk;
    std::unique_ptr<Engine> engine;
};

// Works until all is done or something fails. How many transactions were acknowledged.
std::uint64_t work_until_failure(Machine& machine, History& history) {
    std::uint64_t acknowledged = 0;
    if (!machine.start()) return acknowledged;
    for (int round = 0; round < rounds && acknowledged == history.submitted(); ++round) {
        acknowledged += machine.submit(history, 1 + round % 4);
        if (round % 8 == 7) (void)machine.engine->reclaim();
    }
    return acknowledged;
}

void expect_promise_kept(Machine& machine, History& history, std::uint64_t acknowledged) {
    const auto opened = machine.start();
    ASSERT_TRUE(opened) << opened.error().message;
    const auto found = committed(*machine.engine).value();
    ASSERT_GE(found, acknowledged);
    ASSERT_LE(found, history.submitted());
    ASSERT_THAT(differences(*machine.engine, history.after(found)), IsEmpty());

    history.go_back_to(found);
    ASSERT_EQ(found + machine.submit(history, 8), history.submitted());
    ASSERT_THAT(differences(*machine.engine, history.after(history.submitted())), IsEmpty());
}

void cut_power_at_every(Operation operation) {
    for (std::uint64_t at = 1;; ++at) {
        SCOPED_TRACE(fmt::format("seed {}, power cut at operation {}", seed, at));
        Machine machine(seed + at);
        History history(seed);
        machine.disk.plan({.first = at, .operations = {operation}});
        const auto acknowledged = work_until_failure(machine, history);
        const bool reached = machine.disk.operations() >= at;
        machine.disk.lose_power();
        machine.engine.reset();
        machine.disk.restore_power();
        expect_promise_kept(machine, history, acknowledged);
        if (!reached || testing::Test::HasFatalFailure()) return;
    }
}

TEST(Promise, IsKeptWhereverThePowerIsCutAtAWrite) { cut_power_at_every(Operation::write); }
TEST(Promise, IsKeptWhereverThePowerIsCutAtASync) { cut_power_at_every(Operation::sync); }
TEST(Promise, IsKeptWhereverThePowerIsCutAtAChangeOfAFolder) { cut_power_at_every(Operation::name); }

// Tries until there is room again. What a failed transaction was is known only now.
void recover(Machine& machine, History& history, std::uint64_t acknowledged) {
    const Work probe = [](Transaction&) -> Result<void> { return {}; };
    Result<void> outcome = fail(Error::Kind::unavailable, "not tried yet");
    for (int attempt = 0; attempt < 50 && !outcome; ++attempt) {
        const auto read = committed(*machine.engine);
        EXPECT_TRUE(read) << "reading goes on: " << read.error().message;
        outcome = machine.engine->transact(Scope::global(), probe);
    }
    ASSERT_TRUE(outcome) << outcome.error().message;
    const auto found = committed(*machine.engine).value();
    ASSERT_GE(found, acknowledged);
    ASSERT_LE(found, history.submitted());
    history.go_back_to(found);
}

void fail_at_every(FaultPlan plan) {
    for (std::uint64_t at = 1;; ++at) {
        SCOPED_TRACE(fmt::format("seed {}, failure at operation {}", seed, at));
        Machine machine(seed);
        History history(seed);
        ASSERT_TRUE(machine.start());
        plan.first = at;
        machine.disk.plan(plan);
        std::uint64_t acknowledged = 0;
        for (int round = 0; round < rounds; ++round) {
            acknowledged += machine.submit(history, 1 + round % 3);
            if (acknowledged < history.submitted()) recover(machine, history, acknowledged);
            if (testing::Test::HasFatalFailure()) return;
            acknowledged = history.submitted();
            if (round % 8 == 7) (void)machine.engine->reclaim();
        }
        const bool reached = machine.disk.operations() >= at;
        ASSERT_THAT(differences(*machine.engine, history.after(acknowledged)), IsEmpty());
        machine.engine.reset();
        machine.disk.plan({});
        ASSERT_NO_FATAL_FAILURE(expect_promise_kept(machine, history, acknowledged));
        if (!reached) return;
    }
}

struct Failure {
    const char* name;
    FaultPlan plan;

    friend void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }
};

class PromiseTest : public testing::TestWithParam<Failure> {};

const FaultPlan full = {.fault = FaultPlan::Fault::disk_full,
                        .operations = {Operation::write, Operation::name}};
const FaultPlan refusing = {.fault = FaultPlan::Fault::io_error};

FaultPlan lasting(FaultPlan plan, std::uint64_t operations) {
    plan.count = operations;
    return plan;
}

INSTANTIATE_TEST_SUITE_P(Failures, PromiseTest,
                         testing::Values(Failure{"DiskFullOnce", full},
                                         Failure{"DiskFull", lasting(full, 12)},
                                         Failure{"ErrorOnce", refusing},
                                         Failure{"Errors", lasting(refusing, 12)}),
                         [](const auto& about) { return about.param.name; });

TEST_P(PromiseTest, IsKeptAndWorkGoesOn) { fail_at_every(GetParam().plan); }

}  // namespace
}  // namespace hongyan::engine
