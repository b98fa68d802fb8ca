// Wherever the power is cut: what was acknowledged to whoever handed a message in is in the queue or has its
// outcome told, exactly one of both; an outcome that was acknowledged stays; nothing remains leased by who
// has gone; and no content is left without an owner.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/check.h"
#include "engine/testing/power_cuts.h"
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
        : clock_(clock), engine_(engine::open_small_engine(disk)) {}

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

struct QueueLife {
    using Machine = queue::Machine;

    void begin(Machine& /*machine*/) {}
    void live(Machine& machine) {
        before = memory.accepted.size();
        machine.live(memory);
    }
    void expect_promise_kept(Machine& machine) { machine.expect_promise_kept(memory); }
    void expect_service() { ASSERT_GE(memory.accepted.size(), before + rounds) << "the service goes on"; }

    Memory memory;
    std::size_t before = 0;
};

class QueuePromiseTest : public testing::TestWithParam<engine::Cuts> {};

INSTANTIATE_TEST_SUITE_P(PowerCut, QueuePromiseTest,
                         testing::Values(engine::Cuts{"AtAWrite", Operation::write, 17},
                                         engine::Cuts{"AtASync", Operation::sync, 11}),
                         engine::name_of);

TEST_P(QueuePromiseTest, IsKept) { engine::cut_everywhere<QueueLife>(GetParam()); }

}  // namespace
}  // namespace hongyan::queue
