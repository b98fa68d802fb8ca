#include "engine/recent_reader.h"

#include <random>

#include <gtest/gtest.h>

#include "engine/memory_backend.h"

namespace hongyan::engine {
namespace {

// Counts how often it is asked.
class Counting final : public Reader {
public:
    explicit Counting(const Reader& below) : below_(below) {}
    Result<std::optional<std::string>> get(std::string_view key) const override {
        ++asked;
        return below_.get(key);
    }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        return below_.get_many(keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override { return below_.scan(range); }

    mutable int asked = 0;

private:
    const Reader& below_;
};

struct RecentReaderTest : testing::Test {
    void write(const Writes& writes) {
        ASSERT_TRUE(backend.write(writes));
        recent.wrote(writes);
    }
    std::optional<std::string> get(std::string_view key) { return recent.get(key).value(); }

    MemoryBackend backend{{}};
    Counting stored{backend.latest()};
    RecentReader recent{stored, 12'000};
};

TEST_F(RecentReaderTest, AsksOnceForWhatIsReadAndWrittenAgain) {
    write({{"a", "1"}});
    EXPECT_EQ(get("a"), "1");
    write({{"a", "2"}});
    EXPECT_EQ(get("a"), "2");
    EXPECT_EQ(get("a"), "2");
    EXPECT_EQ(stored.asked, 1);
    write({{"a", std::nullopt}});
    EXPECT_EQ(get("a"), std::nullopt);
    write({{"a", std::string(5000, 'x')}});
    EXPECT_EQ(get("a")->size(), 5000U);
}

TEST_F(RecentReaderTest, AfterAFailureAsksAgain) {
    write({{"a", "1"}});
    EXPECT_EQ(get("a"), "1");
    ASSERT_TRUE(backend.write({{"a", "2"}}));
    recent.forget();
    EXPECT_EQ(get("a"), "2");
}

TEST_F(RecentReaderTest, AlwaysSaysWhatIsStored) {
    std::mt19937 dice(7);
    for (int step = 0; step < 20'000; ++step) {
        const auto key = std::to_string(dice() % 60);
        if (dice() % 3 != 0) {
            ASSERT_EQ(get(key), backend.latest().get(key).value()) << "at step " << step;
        } else if (dice() % 4 == 0) {
            write({{key, std::nullopt}});
        } else {
            write({{key, std::string(dice() % 200, 'x') + std::to_string(step)}});
        }
    }
    EXPECT_LT(stored.asked, 10'000);
}

}  // namespace
}  // namespace hongyan::engine
