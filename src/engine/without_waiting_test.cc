#include "engine/without_waiting.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "engine/open_engine.h"
#include "engine/testing/simulated_disk.h"

namespace hongyan::engine {
namespace {

const Scope ann = Scope::account(AccountId(1));

// On a disk of which nothing is in memory but what RocksDB keeps there.
class WithoutWaitingTest : public testing::Test {
protected:
    // With so much around it that opening does not read it by the way; on disk then, and nothing of it in
    // memory: the first time it is written from the log to a table, and is still there.
    void put_far_away(std::string_view key, std::string_view value) {
        for (const auto* side : {"a", "z"})
            for (int i = 0; i < 20; ++i) put(fmt::format("{}{}", side, i), random_.bytes(4'000));
        put(key, value);
        for (int time = 0; time < 2; ++time) {
            engine_.reset();
            engine_ = open_far_away();
        }
    }
    void put(std::string_view key, std::string_view value) {
        const auto done = engine_->transact(ann, [&](Transaction& transaction) -> Result<void> {
            transaction.put(std::string(key), std::string(value));
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    BlobId keep(std::string_view content) {
        const auto blob = prepare_blob(content);
        EXPECT_TRUE(engine_->transact(ann, [&](Transaction& transaction) -> Result<void> {
            transaction.keep(blob);
            return {};
        }));
        return blob->id;
    }
    auto get(std::string_view key) { return engine_->snapshot(ann)->get(key); }
    std::unique_ptr<Engine> open_far_away() {
        return open_engine("/store", {.disk = &disk_, .env = disk_.env()}).value();
    }

    ScratchFolder folder_;
    SimulatedDisk disk_{1};
    SeededRandom random_{1};
    std::unique_ptr<Engine> engine_ = open_far_away();
};

TEST_F(WithoutWaitingTest, WhatLiesOnDiskOnlyIsMissedUntilSomebodyHasReadIt) {
    put_far_away("key", "value");
    {
        const WithoutWaiting here;
        EXPECT_EQ(get("key").error().kind, Error::Kind::unavailable);
        EXPECT_TRUE(here.missed());
    }
    EXPECT_EQ(get("key").value(), "value");
    const WithoutWaiting here;
    EXPECT_EQ(get("key").value(), "value");
    EXPECT_FALSE(here.missed());
}

TEST_F(WithoutWaitingTest, WhatTheSystemHasInMemoryIsNoMiss) {
    const auto reopen = [this] { return open_engine(folder_.path()).value(); };
    engine_ = reopen();
    for (int i = 0; i < 40; ++i) put(fmt::format("key{}", i), random_.bytes(4'000));
    for (int time = 0; time < 2; ++time) {
        engine_.reset();
        engine_ = reopen();
    }
    ASSERT_TRUE(get("key0").value());  // the table is open now
    const WithoutWaiting here;
    EXPECT_TRUE(get("key20").value());
    EXPECT_FALSE(here.missed());
}

TEST_F(WithoutWaitingTest, AScanThatMissesEndsWithAnError) {
    put_far_away("key", "value");
    const WithoutWaiting here;
    const auto snapshot = engine_->snapshot(ann);
    const auto cursor = snapshot->scan({});
    EXPECT_FALSE(cursor->valid());
    EXPECT_EQ(cursor->status().error().kind, Error::Kind::unavailable);
    EXPECT_TRUE(here.missed());
}

TEST_F(WithoutWaitingTest, AScanThatMissesIsAMissThoughNobodyAsksWhyItEnded) {
    put_far_away("key", "value");
    const WithoutWaiting here;
    const auto snapshot = engine_->snapshot(ann);
    const auto cursor = snapshot->scan(Range::starting_with("key"));
    EXPECT_FALSE(cursor->valid());
    EXPECT_TRUE(here.missed());
}

// To open a file is to wait for the disk, too.
TEST_F(WithoutWaitingTest, ContentInAPackThatIsNotOpenIsMissed) {
    const EngineOptions options{.pack_size = 4'000};
    engine_.reset();
    engine_ = open_engine(folder_.path(), options).value();
    const auto content = random_.bytes(5'000);
    const auto id = keep(content);
    keep(random_.bytes(5'000));  // seals the pack of the first
    EXPECT_EQ(engine_->read_blob(id).value(), content);
    engine_.reset();
    engine_ = open_engine(folder_.path(), options).value();
    {
        const WithoutWaiting here;
        EXPECT_FALSE(engine_->read_blob(id));
        EXPECT_TRUE(here.missed());
    }
    EXPECT_EQ(engine_->read_blob(id).value(), content);
    const WithoutWaiting here;
    EXPECT_EQ(engine_->read_blob(id).value(), content);
    EXPECT_FALSE(here.missed());
}

TEST_F(WithoutWaitingTest, WhatIsNotThereIsNoMiss) {
    put("key", "value");
    const WithoutWaiting here;
    EXPECT_EQ(get("other").value(), std::nullopt);
    EXPECT_FALSE(here.missed());
}

TEST_F(WithoutWaitingTest, ContentIsReadUnlessItIsLarge) {
    const std::string small(4'000, 'a');
    const std::string large(2'000'000, 'b');
    const auto small_id = keep(small);
    const auto large_id = keep(large);
    const auto read_both = [&] {
        EXPECT_EQ(engine_->read_blob(small_id).value(), small);
        EXPECT_EQ(engine_->read_blob(large_id).value(), large);
    };
    read_both();
    {
        const WithoutWaiting here;
        EXPECT_EQ(engine_->read_blob(small_id).value(), small);
        EXPECT_FALSE(here.missed());
        EXPECT_EQ(engine_->read_blob(large_id).error().kind, Error::Kind::unavailable);
        EXPECT_TRUE(here.missed());
    }
    read_both();
}

TEST_F(WithoutWaitingTest, WhoeverLiesOutsideLearnsOfAMiss) {
    const WithoutWaiting outer;
    {
        const WithoutWaiting inner;
        EXPECT_FALSE(WithoutWaiting::miss().error().message.empty());
        EXPECT_FALSE(outer.missed());
    }
    EXPECT_TRUE(outer.missed());
    EXPECT_TRUE(WithoutWaiting::is_asked_for());
}

}  // namespace
}  // namespace hongyan::engine
