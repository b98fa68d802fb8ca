// Lives in which the power is cut again and again, for the tests of a promise: what was acknowledged is
// there, wherever that happens.
#pragma once

#include <ostream>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "engine/open_engine.h"
#include "engine/testing/simulated_disk.h"

namespace hongyan::engine {

// Everything is small, so that a short life fills packs and memtables.
inline std::unique_ptr<Engine> open_small_engine(SimulatedDisk& disk) {
    return open_engine("/store", {.memtable = std::size_t{64} * 1024,
                                  .pack_size = 30'000,
                                  .inline_limit = 300,
                                  .reclaim_every = {},
                                  .disk = &disk,
                                  .env = disk.env()})
        .value();
}

// Where the power is cut: at an operation of one kind, and in the next life some of them later, since all
// would take too long.
struct Cuts {
    const char* name;
    Operation operation;
    std::uint64_t step;

    friend void PrintTo(const Cuts& cuts, std::ostream* out) { *out << cuts.name; }
};
inline std::string name_of(const testing::TestParamInfo<Cuts>& about) { return about.param.name; }

// A life in which the power fails at an operation; twice, since what the second run finds was repaired by the
// first. `reached`: whether it got so far. A Life has
//   Machine                           what stands between two losses of power: Machine(SimulatedDisk&, const
//   Clock&) begin(Machine&)                   once, before anything can fail live(Machine&) works until all
//   is done or nothing succeeds any more expect_promise_kept(Machine&)     after the power has returned
//   expect_service()                  after a life to whose end nothing failed
template <typename Life>
void live_with_cuts(Operation operation, std::uint64_t at, bool& reached) {
    using Machine = Life::Machine;
    SimulatedDisk disk(at);
    ManualClock clock;
    Life life;
    {
        Machine machine(disk, clock);
        ASSERT_NO_FATAL_FAILURE(life.begin(machine));
    }
    for (const auto cut : {at, at / 2 + 1}) {
        clock.advance(std::chrono::hours(1));
        {
            Machine machine(disk, clock);
            disk.plan({.first = cut, .operations = {operation}});
            life.live(machine);
            reached = disk.operations() >= cut;
            disk.lose_power();
        }
        disk.restore_power();
        Machine machine(disk, clock);
        ASSERT_NO_FATAL_FAILURE(life.expect_promise_kept(machine));
    }
    clock.advance(std::chrono::hours(1));
    Machine machine(disk, clock);
    life.live(machine);
    ASSERT_NO_FATAL_FAILURE(life.expect_service());
    ASSERT_NO_FATAL_FAILURE(life.expect_promise_kept(machine));
}

// From the first operation on, until a life ends before its cut.
template <typename Life>
void cut_everywhere(const Cuts& cuts) {
    std::uint64_t lives = 0;
    bool reached = true;
    for (std::uint64_t at = 1; reached; at += cuts.step, ++lives) {
        SCOPED_TRACE(fmt::format("power cut at operation {}", at));
        ASSERT_NO_FATAL_FAILURE(live_with_cuts<Life>(cuts.operation, at, reached));
    }
    testing::Test::RecordProperty("lives", static_cast<int>(lives));
    EXPECT_GT(lives, 2U) << "the power was hardly ever cut";
}

}  // namespace hongyan::engine
