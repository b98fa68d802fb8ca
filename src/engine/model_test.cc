// Random transactions do the same in every engine, and leave every engine in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "engine/memory_engine.h"
#include "engine/open_engine.h"
#include "engine/testing/random_work.h"

namespace hongyan::engine {
namespace {

constexpr std::uint64_t first_seed = 1;
constexpr std::uint64_t seeds = 4;
constexpr int transactions = 250;

EngineOptions small_files() { return {.memtable = 64 * 1024, .pack_size = 20'000, .reclaim_every = {}}; }

bool all_succeeded(const std::vector<Result<void>>& outcomes) {
    return std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome.has_value(); });
}

TEST(Model, EnginesAgreeOnRandomTransactions) {
    for (auto seed = first_seed; seed < first_seed + seeds; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        const ScratchFolder folder;
        const auto memory = make_memory_engine();
        auto rocksdb = open_engine(folder.path(), small_files()).value();
        RandomWork work(seed);
        for (int i = 0; i < transactions; ++i) {
            const auto item = work.next();
            ASSERT_EQ(all_succeeded(memory->transact(item.parts, Together::all_or_none)), item.succeeds);
            ASSERT_EQ(all_succeeded(rocksdb->transact(item.parts, Together::all_or_none)), item.succeeds);
            if (i % 20 == 0) ASSERT_THAT(differences(*memory, work.contents()), testing::IsEmpty());
            if (i % 20 == 0) ASSERT_THAT(differences(*rocksdb, work.contents()), testing::IsEmpty());
            if (i % 40 == 30) ASSERT_TRUE(rocksdb->reclaim());
            if (i % 50 == 49) {
                rocksdb.reset();
                rocksdb = open_engine(folder.path(), small_files()).value();
            }
        }
        ASSERT_THAT(differences(*memory, work.contents()), testing::IsEmpty());
        ASSERT_THAT(differences(*rocksdb, work.contents()), testing::IsEmpty());
    }
}

}  // namespace
}  // namespace hongyan::engine
