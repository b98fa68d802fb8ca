// What every engine owes its users, asked of each of them.
#include "engine/engine.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "base/testing/scratch_folder.h"
#include "engine/memory_engine.h"
#include "engine/open_engine.h"

namespace hongyan::engine {
namespace {

const Scope ann = Scope::account(AccountId(1));
const Scope bob = Scope::account(AccountId(2));

Work puts(std::string key, std::string value) {
    return [key = std::move(key), value = std::move(value)](Transaction& transaction) -> Result<void> {
        transaction.put(key, value);
        return {};
    };
}

Work fails(std::string key) {
    return [key = std::move(key)](Transaction& transaction) -> Result<void> {
        transaction.put(key, "never");
        return fail(Error::Kind::denied, "no");
    };
}

std::optional<std::string> value_of(Engine& engine, const Scope& scope, std::string_view key) {
    return engine.snapshot(scope)->get(key).value();
}

std::vector<std::string> keys_of(std::unique_ptr<Cursor> cursor) {
    std::vector<std::string> keys;
    for (; cursor->valid(); cursor->next()) keys.emplace_back(cursor->key());
    EXPECT_TRUE(cursor->status());
    return keys;
}

struct Kind {
    const char* name;
    bool on_disk;
};

class EngineTest : public testing::TestWithParam<Kind> {
protected:
    std::unique_ptr<Engine> make() {
        if (!GetParam().on_disk) return make_memory_engine();
        return open_engine(folder_.path() / std::to_string(made_++)).value();
    }

    ScratchFolder folder_;
    int made_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Each, EngineTest, testing::Values(Kind{"memory", false}, Kind{"rocksdb", true}),
                         [](const auto& about) { return about.param.name; });

Error::Kind kind(const Result<void>& result) { return result.error().kind; }

using testing::ElementsAre;

TEST_P(EngineTest, KeepsScopesApart) {
    const auto engine = make();
    ASSERT_TRUE(engine->transact(ann, puts("k", "ann's")));
    ASSERT_TRUE(engine->transact(Scope::global(), puts("k", "everybody's")));
    EXPECT_EQ(value_of(*engine, ann, "k"), "ann's");
    EXPECT_EQ(value_of(*engine, bob, "k"), std::nullopt);
    EXPECT_EQ(value_of(*engine, Scope::global(), "k"), "everybody's");
    EXPECT_THAT(keys_of(engine->snapshot(ann)->scan({})), ElementsAre("k"));
}

TEST_P(EngineTest, ATransactionReadsItsOwnWritesInBothDirections) {
    const auto engine = make();
    for (const auto* key : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(engine->transact(ann, puts(key, "old")));
    const auto outcome = engine->transact(ann, [](Transaction& transaction) -> Result<void> {
        transaction.erase("b");
        transaction.put("c", "new");
        transaction.put("cc", "new");
        transaction.erase("e");
        EXPECT_THAT(keys_of(transaction.scan({})), ElementsAre("a", "c", "cc", "d"));
        EXPECT_THAT(keys_of(transaction.scan({"", "", Direction::backward})),
                    ElementsAre("d", "cc", "c", "a"));
        EXPECT_THAT(keys_of(transaction.scan({"b", "d", Direction::backward})), ElementsAre("cc", "c"));
        const auto cursor = transaction.scan({"a", "d", Direction::forward});
        cursor->seek("cb");
        EXPECT_EQ(cursor->key(), "cc");
        EXPECT_EQ(cursor->value(), "new");
        EXPECT_EQ(transaction.get("c").value(), "new");
        EXPECT_EQ(transaction.get("b").value(), std::nullopt);
        const std::vector<std::string> keys = {"a", "b", "cc"};
        EXPECT_THAT(transaction.get_many(keys).value(), ElementsAre("old", std::nullopt, "new"));
        return {};
    });
    ASSERT_TRUE(outcome);
    EXPECT_THAT(keys_of(engine->snapshot(ann)->scan({})), ElementsAre("a", "c", "cc", "d"));
}

TEST_P(EngineTest, ACursorSeeksBackwardsToTheKeyAtOrBefore) {
    const auto engine = make();
    for (const auto* key : {"a", "c", "e"}) ASSERT_TRUE(engine->transact(ann, puts(key, "")));
    const auto snapshot = engine->snapshot(ann);
    const auto cursor = snapshot->scan({"", "", Direction::backward});
    cursor->seek("d");
    EXPECT_EQ(cursor->key(), "c");
    cursor->seek("a");
    EXPECT_EQ(cursor->key(), "a");
    cursor->next();
    EXPECT_FALSE(cursor->valid());
}

TEST_P(EngineTest, ASnapshotStandsStill) {
    const auto engine = make();
    ASSERT_TRUE(engine->transact(ann, puts("k", "1")));
    const auto before = engine->snapshot(ann);
    ASSERT_TRUE(engine->transact(ann, puts("k", "2")));
    ASSERT_TRUE(engine->transact(ann, puts("l", "2")));
    EXPECT_EQ(before->get("k").value(), "1");
    EXPECT_THAT(keys_of(before->scan({})), ElementsAre("k"));
    EXPECT_EQ(value_of(*engine, ann, "k"), "2");
}

TEST_P(EngineTest, AFailedTransactionLeavesNothing) {
    const auto engine = make();
    EXPECT_EQ(kind(engine->transact(ann, fails("k"))), Error::Kind::denied);
    EXPECT_EQ(value_of(*engine, ann, "k"), std::nullopt);
}

TEST_P(EngineTest, PartsFailByThemselvesOrTogether) {
    const auto engine = make();
    const std::vector<Part> parts = {{ann, puts("k", "1")}, {bob, fails("k")}, {ann, puts("l", "1")}};

    const auto apart = engine->transact(parts, Together::each_by_itself);
    EXPECT_TRUE(apart[0] && apart[2]);
    EXPECT_EQ(kind(apart[1]), Error::Kind::denied);
    EXPECT_EQ(value_of(*engine, ann, "l"), "1");

    const auto fresh = make();
    for (const auto& outcome : fresh->transact(parts, Together::all_or_none))
        EXPECT_EQ(kind(outcome), Error::Kind::denied);
    EXPECT_EQ(value_of(*fresh, ann, "k"), std::nullopt);
}

TEST_P(EngineTest, ABrokenBeliefEndsOneTransactionOnly) {
    const auto engine = make();
    const Work broken = [](Transaction& transaction) -> Result<void> {
        transaction.put("k", "never");
        check(false, "pigs fly");
        return {};
    };
    const auto outcomes = engine->transact({{ann, broken}, {ann, puts("l", "1")}}, Together::each_by_itself);
    EXPECT_EQ(kind(outcomes[0]), Error::Kind::internal);
    EXPECT_TRUE(outcomes[1]);
    EXPECT_EQ(value_of(*engine, ann, "k"), std::nullopt);
}

TEST_P(EngineTest, LimitsEndATransaction) {
    const auto engine = make();
    const std::string largest(max_value_size, 'v');
    EXPECT_TRUE(engine->transact(ann, puts("k", largest)));
    EXPECT_EQ(kind(engine->transact(ann, puts("k", largest + "v"))), Error::Kind::too_large);
    EXPECT_EQ(kind(engine->transact(ann, puts(std::string(max_key_size, 'k'), ""))), Error::Kind::too_large);
    const auto outcome = engine->transact(ann, [&](Transaction& transaction) -> Result<void> {
        for (char key = 'a'; key < 'a' + 16; ++key) transaction.put(std::string(1, key), largest);
        return {};
    });
    EXPECT_EQ(kind(outcome), Error::Kind::too_large);
}

TEST_P(EngineTest, PartsThatGoTogetherHaveTheirLimitsEach) {
    const auto engine = make();
    const std::string value(max_value_size, 'v');
    const auto several = [&](char name) -> Part {
        return {ann, [&value, name](Transaction& transaction) -> Result<void> {
                    for (char i = 'a'; i < 'a' + 10; ++i) transaction.put(std::string{name, i}, value);
                    return {};
                }};
    };
    for (const auto& outcome : engine->transact({several('k'), several('l')}, Together::all_or_none))
        EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(value_of(*engine, ann, "lj"), value);
    std::vector<Part> too_many;
    for (std::size_t size = 0; size <= max_group_size; size += 10 * max_value_size)
        too_many.push_back(several('m'));
    EXPECT_EQ(kind(engine->transact(std::move(too_many), Together::all_or_none).back()),
              Error::Kind::too_large);
    EXPECT_EQ(value_of(*engine, ann, "ma"), std::nullopt);
}

TEST_P(EngineTest, TransactionsRunInTheOrderOfSubmission) {
    const auto engine = make();
    const auto finished = std::make_shared<std::promise<void>>();
    for (int i = 0; i < 1000; ++i)
        engine->submit({{ann,
                         [i](Transaction& transaction) -> Result<void> {
                             TRY(const auto before, transaction.get("n"));
                             EXPECT_EQ(before.value_or("0"), std::to_string(i));
                             transaction.put("n", std::to_string(i + 1));
                             return {};
                         }}},
                       Together::each_by_itself, [finished, i](auto outcomes) {
                           EXPECT_TRUE(outcomes[0]);
                           if (i == 999) finished->set_value();
                       });
    ASSERT_EQ(finished->get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_EQ(value_of(*engine, ann, "n"), "1000");
    EXPECT_LE(engine->statistics().batches, engine->statistics().transactions);
}

TEST_P(EngineTest, WhatTheWorkKeepsIsGoneWhenItIsDone) {
    const auto engine = make();
    const auto kept = std::make_shared<int>(0);
    std::promise<long> users;
    std::vector<Part> parts;
    parts.push_back({ann, [kept](Transaction& transaction) -> Result<void> {
                         transaction.put("k", "v");
                         return {};
                     }});
    engine->submit(std::move(parts), Together::each_by_itself,
                   [&users, left = std::weak_ptr(kept)](const auto&) { users.set_value(left.use_count()); });
    EXPECT_EQ(users.get_future().get(), 1) << "only we";
}

TEST_P(EngineTest, WhatWasSubmittedIsDoneBeforeItCloses) {
    auto engine = make();
    std::atomic<int> done = 0;
    for (int i = 0; i < 500; ++i)
        engine->submit({{ann, puts("k", "v")}}, Together::each_by_itself, [&done](const auto& outcomes) {
            if (outcomes.front()) ++done;
        });
    engine.reset();
    EXPECT_EQ(done, 500);
}

TEST(OpenEngine, AFolderBelongsToOneAtATime) {
    const ScratchFolder folder;
    auto first = open_engine(folder.path()).value();
    EXPECT_EQ(open_engine(folder.path()).error().kind, Error::Kind::conflict);
    EXPECT_TRUE(first->transact(ann, puts("k", "1"))) << "the first is none the worse for it";
    EXPECT_EQ(open_engine(folder.path()).error().kind, Error::Kind::conflict);
    first.reset();
    EXPECT_TRUE(open_engine(folder.path()));
}

TEST(MemoryEngine, AFailedWriteFailsTheWholeBatchAndTheNextIsFine) {
    const auto engine = make_memory_engine({.before_write = [](std::uint64_t batch) -> Result<void> {
        if (batch == 2) return fail(Error::Kind::no_space, "the disk is full");
        return {};
    }});
    EXPECT_TRUE(engine->transact(ann, puts("a", "1")));
    EXPECT_EQ(kind(engine->transact(ann, puts("b", "1"))), Error::Kind::no_space);
    EXPECT_TRUE(engine->transact(ann, puts("c", "1")));
    EXPECT_THAT(keys_of(engine->snapshot(ann)->scan({})), ElementsAre("a", "c"));
}

TEST_P(EngineTest, SnapshotsOfOneVersionSeeTheSame) {
    const auto engine = make();
    const auto version = [&engine](const Scope& scope) { return engine->snapshot(scope)->version(); };
    EXPECT_TRUE(engine->transact(ann, puts("k", "1")));
    const auto before = version(ann);
    const auto of_bob = version(bob);
    ASSERT_TRUE(before);
    EXPECT_EQ(version(ann), before);
    EXPECT_TRUE(engine->transact(ann, puts("k", "2")));
    EXPECT_TRUE(version(ann));
    EXPECT_NE(version(ann), before);
    EXPECT_EQ(version(bob), of_bob);
}

// It may see what is being written, or not; so may the next.
TEST(MemoryEngine, ASnapshotHasNoVersionUntilItIsKnownWhatHasBeenWritten) {
    std::unique_ptr<Engine> engine;
    std::vector<bool> had_versions;
    engine = make_memory_engine({.before_write = [&](std::uint64_t batch) -> Result<void> {
        had_versions.push_back(engine->snapshot(ann)->version().has_value());
        if (batch == 2) return fail(Error::Kind::io, "the disk has failed");
        return {};
    }});
    EXPECT_TRUE(engine->transact(ann, puts("a", "1")));
    EXPECT_TRUE(engine->snapshot(ann)->version());
    EXPECT_FALSE(engine->transact(ann, puts("b", "1")));
    EXPECT_FALSE(engine->snapshot(ann)->version());
    EXPECT_TRUE(engine->snapshot(bob)->version());
    EXPECT_TRUE(engine->transact(bob, puts("c", "1")));
    EXPECT_TRUE(engine->snapshot(ann)->version());
    EXPECT_THAT(had_versions, ElementsAre(false, false, true));
}

TEST_P(EngineTest, BlobsAreSharedUntilTheLastReferenceIsGone) {
    const auto engine = make();
    const std::string content(10'000, 'x');
    const auto blob = prepare_blob(content);
    EXPECT_LT(blob->frame.size(), 100U);
    const Work keeps = [&](Transaction& transaction) -> Result<void> {
        transaction.keep(blob);
        return {};
    };
    const Work copies = [&](Transaction& transaction) { return transaction.keep(blob->id); };
    const Work releases = [&](Transaction& transaction) { return transaction.release(blob->id); };

    EXPECT_EQ(kind(engine->transact(ann, copies)), Error::Kind::not_found);
    ASSERT_TRUE(engine->transact(ann, keeps));
    ASSERT_TRUE(engine->transact(bob, keeps));
    ASSERT_TRUE(engine->transact(bob, copies));
    EXPECT_EQ(engine->statistics().blobs, 1U);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(engine->read_blob(blob->id).value(), content);
        EXPECT_TRUE(engine->transact(ann, releases));
    }
    EXPECT_EQ(kind(engine->transact(ann, releases)), Error::Kind::not_found);
    EXPECT_EQ(engine->read_blob(blob->id).error().kind, Error::Kind::not_found);
    EXPECT_EQ(engine->statistics().blobs, 0U);
    EXPECT_EQ(engine->statistics().blob_bytes, 0U);
}

TEST_P(EngineTest, BlobsMayComeAndGoWithinOneBatch) {
    const auto engine = make();
    const auto blob = prepare_blob("short");
    const auto outcome = engine->transact(ann, [&](Transaction& transaction) -> Result<void> {
        transaction.keep(blob);
        TRY(transaction.release(blob->id));
        EXPECT_FALSE(transaction.keep(blob->id));
        transaction.keep(blob);
        return {};
    });
    ASSERT_TRUE(outcome);
    EXPECT_EQ(engine->read_blob(blob->id).value(), "short");
}

TEST_P(EngineTest, BlobsOfAFailedTransactionAreNotThere) {
    const auto engine = make();
    const auto blob = prepare_blob("never");
    const auto outcome = engine->transact(ann, [&](Transaction& transaction) -> Result<void> {
        transaction.keep(blob);
        return fail(Error::Kind::over_quota, "no");
    });
    EXPECT_EQ(kind(outcome), Error::Kind::over_quota);
    EXPECT_EQ(engine->read_blob(blob->id).error().kind, Error::Kind::not_found);
}

TEST(Blobs, AreNamedByTheirContent) {
    EXPECT_EQ(BlobId::of("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(BlobId::from_bytes(BlobId::of("abc").bytes()), BlobId::of("abc"));
    EXPECT_EQ(BlobId::from_bytes("short"), std::nullopt);
}

}  // namespace
}  // namespace hongyan::engine
