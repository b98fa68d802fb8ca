#include "engine/room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/open_engine.h"
#include "engine/testing/simulated_disk.h"

namespace hongyan::engine {
namespace {

constexpr std::uint64_t reserve = 10'000;

// Success has no kind; nothing here is refused as that which exists.
constexpr auto ok = Error::Kind::exists;
Error::Kind kind(const Result<void>& result) { return result ? ok : result.error().kind; }

class RoomTest : public testing::Test {
public:
    Error::Kind keep(const SharedBlob& blob) {
        return kind(engine->transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
            transaction.keep(blob);
            return {};
        }));
    }

    SimulatedDisk disk{1};
    std::unique_ptr<Engine> engine =
        open_engine("/store", {.reserve = reserve, .reclaim_every = {}, .disk = &disk, .env = disk.env()})
            .value();
    SharedBlob small = prepare_blob("a few words");
    SharedBlob other = prepare_blob("a few other words");
};

TEST_F(RoomTest, NewBlobsAreRefusedOnceLessThanTheReserveWouldBeLeft) {
    disk.set_free_space(reserve + small->frame.size());
    EXPECT_EQ(keep(small), ok);
    disk.set_free_space(reserve + other->frame.size() - 1);
    EXPECT_EQ(keep(other), Error::Kind::no_space);
    EXPECT_EQ(engine->read_blob(other->id).error().kind, Error::Kind::not_found);
    disk.set_free_space(2 * reserve);
    EXPECT_EQ(keep(other), ok) << "and taken again when there is room";
}

TEST_F(RoomTest, BlobsOfOneBatchAreAddedUp) {
    disk.set_free_space(reserve + small->frame.size() + other->frame.size() - 1);
    const auto keeping = [](const SharedBlob& blob) -> Part {
        return {Scope::global(), [blob](Transaction& transaction) -> Result<void> {
                    transaction.keep(blob);
                    return {};
                }};
    };
    const auto together = engine->transact({keeping(small), keeping(other)}, Together::all_or_none);
    EXPECT_EQ(kind(together[1]), Error::Kind::no_space);
    EXPECT_EQ(kind(together[0]), Error::Kind::no_space) << "undone with the other";
    const auto apart = engine->transact({keeping(small), keeping(other)}, Together::each_by_itself);
    EXPECT_EQ(kind(apart[0]), ok);
    EXPECT_EQ(kind(apart[1]), Error::Kind::no_space);
}

TEST_F(RoomTest, WhatIsThereCanBeReadCopiedAndRemoved) {
    ASSERT_EQ(keep(small), ok);
    disk.set_free_space(0);
    EXPECT_EQ(engine->read_blob(small->id).value(), "a few words");
    for (const bool once_more : {true, false, false})
        EXPECT_TRUE(engine->transact(Scope::global(), [&](Transaction& transaction) {
            transaction.put("k", "v");
            return once_more ? transaction.keep(small->id) : transaction.release(small->id);
        }));
    EXPECT_EQ(engine->read_blob(small->id).error().kind, Error::Kind::not_found);
}

TEST_F(RoomTest, WhoAsksIsTold) {
    disk.set_free_space(reserve + 100);
    EXPECT_TRUE(engine->room_for(100));
    const auto refused = engine->room_for(101);
    EXPECT_EQ(kind(refused), Error::Kind::no_space);
    EXPECT_EQ(refused.error().message,
              "10100 bytes are free, 101 more are wanted, and 10000 are to stay free");
    disk.set_free_space(reserve - 1);
    EXPECT_EQ(kind(engine->room_for(0)), Error::Kind::no_space);
    EXPECT_TRUE(Room::without_limit().check(std::uint64_t{1} << 60U));
}

}  // namespace
}  // namespace hongyan::engine
