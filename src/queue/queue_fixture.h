// A queue in memory, and short ways to use it. For tests.
#pragma once

#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/tally.h"

namespace hongyan::queue {

inline Recipient to(std::string_view address) {
    Recipient recipient;
    recipient.address = address;
    return recipient;
}

struct QueueFixture {
    Entry entry_of(std::string_view message, std::vector<Recipient> recipients) {
        const auto blob = engine::prepare_blob(message);
        Entry entry;
        entry.id = queue.next_id();
        entry.sender = "ann@here.test";
        entry.prefix = "Received: by here.test\r\n";
        entry.blob = blob->id;
        entry.blob_size = blob->size;
        entry.arrival = clock.now();
        for (std::uint32_t i = 0; i < recipients.size(); ++i) recipients[i].index = i;
        entry.recipients = std::move(recipients);
        return entry;
    }
    Result<void> try_to_keep(const Entry& entry, std::string_view message) {
        const auto part = queue.part_of(entry, engine::prepare_blob(message));
        return engine->transact(part.scope, part.work);
    }
    void keep(const Entry& entry, std::string_view message) {
        const auto kept = try_to_keep(entry, message);
        ASSERT_TRUE(kept) << kept.error().message;
    }
    EntryId enter(std::string_view sender, const std::vector<std::string>& recipients) {
        std::vector<Recipient> all;
        for (const auto& address : recipients) all.push_back(to(address));
        auto entry = entry_of("text", std::move(all));
        entry.sender = sender;
        keep(entry, "text");
        return entry.id;
    }
    void commit(std::vector<engine::Part> parts) {
        for (const auto& outcome : engine->transact(std::move(parts), engine::Together::each_by_itself))
            ASSERT_TRUE(outcome) << outcome.error().message;
    }
    Taken take(std::vector<Due> dues) {
        auto taking = queue.take(std::move(dues), std::chrono::minutes(1));
        EXPECT_TRUE(engine->transact(taking.part.scope, taking.part.work));
        return *taking.found;
    }
    Result<void> settle(std::vector<Outcome> outcomes) {
        const auto part = queue.settle(std::move(outcomes));
        return engine->transact(part.scope, part.work);
    }
    // What a delivery engine would make of those that were taken.
    Outcome outcome_of(const Taken& taken, std::size_t which, RecipientState state) {
        return {.who = {taken.dues.at(which).id, taken.dues.at(which).index},
                .token = taken.lease.token,
                .state = state,
                .next_attempt = clock.now() + std::chrono::minutes(5),
                .attempt = {.time = clock.now(), .host = "mx.there.test", .reply = "450 later"}};
    }
    Taken take_all(std::string_view destination) { return take(queue.ready(destination, {}).value().dues); }
    Woken wake() {
        auto waking = queue.wake(1000);
        EXPECT_TRUE(engine->transact(waking.part.scope, waking.part.work));
        return *waking.found;
    }
    std::size_t free_overdue() { return queue.free_overdue().value().count; }
    // No entry, no place in an order, no lease, no content: as if there had never been anything.
    void expect_nothing_left() {
        const auto snapshot = engine->snapshot(engine::Scope::global());
        for (const auto prefix : {key_prefix, keys::ready, keys::sleeping, keys::leases, keys::remaining,
                                  keys::destination_counts, keys::by_destination, keys::by_sender})
            EXPECT_FALSE(snapshot->scan(engine::Range::starting_with(prefix))->valid()) << prefix;
        EXPECT_EQ(engine->statistics().blobs, 0U);
        EXPECT_EQ(read_tally(*snapshot).value(), Tally{});
        EXPECT_EQ(decode_usage(snapshot->get(usage_key({})).value().value_or("\x01")), Usage{});
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    Queue queue{*engine, clock};
};

}  // namespace hongyan::queue
