// Wherever the power is cut: what was acknowledged to whoever handed a message in is in the queue or has its
// outcome told, exactly one of both; an outcome that was acknowledged stays; nothing remains leased by who
// has gone; and no content is left without an owner.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/check.h"
#include "engine/open_engine.h"
#include "engine/testing/simulated_disk.h"
#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;
using engine::Operation;
using engine::SimulatedDisk;

constexpr int rounds = 20;

// What those outside know, which no loss of power takes from them.
struct Memory {
    std::set<EntryId> accepted;  // acknowledged
    std::map<EntryId, Happened> settled;
    std::set<EntryId> tried;  // all that were ever handed in
};

// The parts of a server that keep the queue, between two losses of power.
class Machine {
public:
    Machine(SimulatedDisk& disk, const hongyan::Clock& clock)
        : clock_(clock),
          engine_(engine::open_engine("/store", {.memtable = std::size_t{64} * 1024,
                                                 .pack_size = 30'000,
                                                 .inline_limit = 300,
                                                 .reclaim_every = {},
                                                 .disk = &disk,
                                                 .env = disk.env()})
                      .value()) {}

    // Accepts, attempts and settles until all rounds are done or nothing succeeds any more.
    void live(Memory& memory) {
        if (!queue.begin()) return;
        for (int round = 0; round < rounds; ++round)
            if (!accept(memory, round) || !attempt(memory, round)) return;
    }

    void expect_promise_kept(const Memory& memory) {
        ASSERT_TRUE(queue.begin());
        std::set<EntryId> there;
        engine::References references;
        for (const auto& entry : queue.list({}).value()) {
            there.insert(entry.id);
            ++references[entry.blob];
            ASSERT_TRUE(memory.tried.contains(entry.id));
            ASSERT_TRUE(queue.read(entry)) << "its content is whole";
            ASSERT_EQ(entry.recipients.size(), 2U) << "and so is its envelope";
            for (const auto& recipient : entry.recipients) ASSERT_EQ(recipient.lease, std::nullopt);
        }
        for (const auto id : memory.accepted) expect_one_fate(id, there.contains(id));
        for (const auto& [id, what] : memory.settled) {
            ASSERT_FALSE(there.contains(id)) << "what was settled has come back";
            ASSERT_EQ(queue.story(id)->records.back().what, what);
        }
        const auto report = engine_->check({.references = &references});
        ASSERT_TRUE(report) << report.error().message;
        ASSERT_TRUE(report->findings.empty()) << report->findings.front().what;
    }

private:
    // It waits, or every one of its recipients has a last record.
    void expect_one_fate(EntryId id, bool waits) {
        const auto story = queue.story(id);
        ASSERT_TRUE(waits || story) << "lost without trace";
        const auto last = std::ranges::count_if(
            story->records, [](const Record& record) { return record.what != Happened::deferred; });
        ASSERT_TRUE(waits ? last < 2 : last == 2) << to_string(id);
    }

    bool accept(Memory& memory, int round) {
        const auto text = fmt::format("{} {}", round, std::string(static_cast<std::size_t>(round) * 60, 'x'));
        const auto content = engine::prepare_blob(text);
        Entry entry;
        entry.id = queue.next_id();
        entry.sender = "ann@here.test";
        entry.blob = content->id;
        entry.blob_size = content->size;
        entry.arrival = clock_.now();
        entry.recipients = {to("bob@there.test"), to("eve@there.test")};
        memory.tried.insert(entry.id);
        const auto part =
            round % 2 == 0 ? queue.part_of(entry, content) : queue.accept(entry, content, 1h).part;
        const bool good = engine_->transact(part.scope, part.work).has_value();
        if (good) memory.accepted.insert(entry.id);
        return good;
    }

    bool attempt(Memory& memory, int round) {
        const auto page = queue.ready("there.test", {.limit = 4});
        if (!page) return false;
        const auto taking = queue.take(page->dues, 1h);
        if (!engine_->transact(taking.part.scope, taking.part.work)) return false;
        std::map<EntryId, std::vector<Outcome>> outcomes;
        for (const auto& due : taking.found->dues)
            outcomes[due.id].push_back(
                {.who = {due.id, due.index},
                 .token = taking.found->lease.token,
                 .state = round % 3 == 0 ? RecipientState::waiting : RecipientState::relayed,
                 .next_attempt = clock_.now(),
                 .attempt = {.time = clock_.now(), .reply = "said"}});
        for (const auto& [id, all] : outcomes) {
            const auto part = queue.settle(all);
            if (!engine_->transact(part.scope, part.work)) return false;
            if (round % 3 != 0 && all.size() == 2) memory.settled[id] = Happened::relayed;
        }
        return true;
    }

    const hongyan::Clock& clock_;
    std::unique_ptr<engine::Engine> engine_;
    Queue queue{*engine_, clock_};
};

// Twice, since what the second start finds was repaired by the first.
void live_with_cuts(Operation operation, std::uint64_t at, bool& reached) {
    SimulatedDisk disk(at);
    ManualClock clock;
    Memory memory;
    for (const auto cut : {at, at / 2 + 1}) {
        clock.advance(1h);
        {
            Machine machine(disk, clock);
            disk.plan({.first = cut, .operations = {operation}});
            machine.live(memory);
            reached = disk.operations() >= cut;
            disk.lose_power();
        }
        disk.restore_power();
        ASSERT_NO_FATAL_FAILURE(Machine(disk, clock).expect_promise_kept(memory));
    }
    clock.advance(1h);
    Machine machine(disk, clock);
    const auto before = memory.accepted.size();
    machine.live(memory);
    ASSERT_GE(memory.accepted.size(), before + rounds) << "the service goes on";
    ASSERT_NO_FATAL_FAILURE(machine.expect_promise_kept(memory));
}

struct Cuts {
    const char* name;
    Operation operation;
    std::uint64_t step;

    friend void PrintTo(const Cuts& cuts, std::ostream* out) { *out << cuts.name; }
};

class QueuePromiseTest : public testing::TestWithParam<Cuts> {};

INSTANTIATE_TEST_SUITE_P(PowerCut, QueuePromiseTest,
                         testing::Values(Cuts{"AtAWrite", Operation::write, 17},
                                         Cuts{"AtASync", Operation::sync, 11}),
                         [](const auto& about) { return about.param.name; });

TEST_P(QueuePromiseTest, IsKept) {
    const auto& [name, operation, step] = GetParam();
    std::uint64_t lives = 0;
    bool reached = true;
    for (std::uint64_t at = 1; reached; at += step, ++lives) {
        SCOPED_TRACE(fmt::format("power cut at operation {}", at));
        ASSERT_NO_FATAL_FAILURE(live_with_cuts(operation, at, reached));
    }
    EXPECT_GT(lives, 2U) << "the power was hardly ever cut";
}

}  // namespace
}  // namespace hongyan::queue
