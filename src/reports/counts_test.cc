// What is counted for reports of ours, and what becomes of it.
#include "reports/counts.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "engine/memory_engine.h"
#include "reports/losses.h"

namespace hongyan::reports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Observation seen(std::string_view domain, std::string_view address = "192.0.2.1") {
    return {.policy = {.domain = std::string(domain), .policy = "reject", .failure_options = "0"},
            .wanted_at = {fmt::format("mailto:reports@{}", domain)},
            .traits = {.address = std::string(address),
                       .disposition = "reject",
                       .dkim = "fail",
                       .spf = "fail",
                       .overrides = {{"local_policy", "why"}},
                       .header_from = std::string(domain),
                       .envelope_from = "evil.test",
                       .envelope_to = "here.test",
                       .signatures = {{"evil.test", "s", "pass", ""}},
                       .senders = {{"evil.test", "mfrom", "softfail"}}}};
}

// The first commit of an engine whose faults are these: it is under way until it is released.
class HeldCommit {
public:
    explicit HeldCommit(std::function<Result<void>(std::uint64_t)>& fault) {
        fault = [this](std::uint64_t batch) -> Result<void> {
            if (batch != 1) return {};
            writing_.set_value();
            EXPECT_EQ(released_.get_future().wait_for(patience), std::future_status::ready);
            return {};
        };
    }
    void wait_until_it_writes() {
        EXPECT_EQ(writing_.get_future().wait_for(patience), std::future_status::ready);
    }
    void release() { released_.set_value(); }

private:
    static constexpr std::chrono::seconds patience{10};  // longer than any machine needs
    std::promise<void> writing_, released_;
};

class CountsTest : public testing::Test {
public:
    CountsTest() {
        EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, (folder.path() / "log").string()}));
    }
    std::string logged() { return read_file(folder.path() / "log").value(); }
    std::vector<Lost> lost() { return losses(*engine->snapshot(engine::Scope::global())).value(); }

    std::vector<Counted> all() {
        return counted(*engine->snapshot(engine::Scope::global()), "", 1'000'000).value();
    }
    std::vector<Row> rows(const Counted& counted) {
        return rows_of(*engine->snapshot(engine::Scope::global()), counted.day).value();
    }
    Result<void> take_away(const Counted& counted, std::uint64_t begin_anew) {
        const auto part = taken_away(counted, begin_anew);
        return engine->transact(part.scope, part.work);
    }
    DaySums sums() {
        const auto day = std::chrono::floor<std::chrono::days>(clock.now());
        const auto record = engine->snapshot(engine::Scope::global())->get(keys::sums_of(day)).value();
        return record ? DaySums::from_record(*record).value() : DaySums{};
    }
    std::size_t keys_left() {
        std::size_t count = 0;
        const auto snapshot = engine->snapshot(engine::Scope::global());
        for (const auto at = snapshot->scan(engine::Range::starting_with("M")); at->valid(); at->next())
            ++count;
        return count;
    }

    ScratchFolder folder;
    ManualClock clock;
    log::Output output{clock};
    std::function<Result<void>(std::uint64_t)> fault = [](std::uint64_t) -> Result<void> { return {}; };
    std::unique_ptr<engine::Engine> engine =
        engine::make_memory_engine({.before_write = [this](std::uint64_t batch) { return fault(batch); }});
    Counting counting{*engine, clock, log::Log(output)};
};

TEST_F(CountsTest, EqualMessagesAreOneRow) {
    for (int i = 0; i < 3; ++i) counting.count(seen("a.test"));
    counting.count(seen("a.test", "192.0.2.2"));
    counting.count(seen("b.test"));
    counting.flush();
    counting.count(seen("a.test"));
    counting.flush();
    const auto found = all();
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].day.domain, "a.test");
    EXPECT_EQ(found[0].domain.messages, 5U);
    EXPECT_EQ(found[0].domain.wanted_at, std::vector<std::string>{"mailto:reports@a.test"});
    const auto kept = rows(found[0]);
    ASSERT_THAT(kept, SizeIs(2));
    EXPECT_EQ(kept[0], (Row{seen("a.test").traits, 4})) << "all of it comes back, the most frequent first";
    EXPECT_EQ(kept[1].count, 1U);
    EXPECT_THAT(rows(found[1]), SizeIs(1)) << "each domain has its own";
}

TEST_F(CountsTest, ARowMoreThanThereIsRoomForIsCountedNevertheless) {
    for (std::size_t i = 0; i < most_counted_rows + 7; ++i) {
        counting.count(seen("a.test", fmt::format("2001:db8::{:x}", i)));
        if (i % 500 == 0) counting.flush();
    }
    counting.count(seen("a.test", "2001:db8::1"));
    counting.flush();
    const auto found = all();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].domain.rows, most_counted_rows);
    EXPECT_EQ(found[0].domain.left_out, 7U);
    EXPECT_EQ(found[0].domain.messages, most_counted_rows + 1) << "rows that are there go on counting";
    const auto report = report_of(found[0], rows(found[0]), "Here", "p@here.test", "here.test", clock.now());
    EXPECT_THAT(report.errors.at(0), HasSubstr("7 messages more are not listed"));
    EXPECT_EQ(report.messages(), most_counted_rows + 1);
}

TEST_F(CountsTest, ADomainMoreThanThereIsRoomForIsCountedNevertheless) {
    const auto day = std::chrono::floor<std::chrono::days>(clock.now());
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(keys::sums_of(day), DaySums{.domains = most_counted_domains - 1}.to_record());
            return {};
        }));
    counting.count(seen("a.test"));
    counting.flush();
    counting.count(seen("b.test"));
    counting.count(seen("b.test"));
    counting.count(seen("a.test"));
    counting.flush();
    ASSERT_THAT(all(), SizeIs(1));
    EXPECT_EQ(all()[0].domain.messages, 2U);
    EXPECT_EQ(sums().left_out, 2U);
}

TEST_F(CountsTest, WhatCouldNotBeKeptIsTriedAgain) {
    bool is_broken = true;
    fault = [&](std::uint64_t) -> Result<void> {
        if (is_broken) return fail(Error::Kind::no_space, "the disk is full");
        return {};
    };
    counting.count(seen("a.test"));
    counting.flush();
    EXPECT_THAT(all(), IsEmpty());
    is_broken = false;
    counting.count(seen("a.test"));
    counting.flush();
    ASSERT_THAT(all(), SizeIs(1));
    EXPECT_EQ(all()[0].domain.messages, 2U);
}

TEST_F(CountsTest, WhatIsCountedInTheEndIsThereAfterwards) {
    {
        Counting shortly(*engine, clock, log::Log(output));
        shortly.count(seen("a.test"));
    }
    counting.count(seen("b.test"));
    counting.flush();
    EXPECT_THAT(all(), SizeIs(2));
}

// As at each reload of a server that is busy.
TEST_F(CountsTest, WhatIsCountedDuringTheLastCommitIsThereAfterwards) {
    HeldCommit held(fault);
    {
        Counting shortly(*engine, clock, log::Log(output));
        shortly.count(seen("a.test"));
        held.wait_until_it_writes();
        shortly.count(seen("a.test"));
        shortly.count(seen("b.test"));
    }
    held.release();
    // Twice, so that what the engine's callbacks begin is over, too.
    for (int i = 0; i < 2; ++i) {
        counting.count(seen("c.test"));
        counting.flush();
    }
    const auto found = all();
    ASSERT_THAT(found, SizeIs(3));
    EXPECT_EQ(found[0].domain.messages, 2U);
    EXPECT_EQ(found[1].domain.messages, 1U);
}

TEST_F(CountsTest, WhatNeverFitsIsNotTriedAgain) {
    auto large = seen("a.test");
    large.wanted_at = {std::string(engine::max_value_size + 1, 'x')};
    counting.count(large);
    counting.flush();
    counting.count(seen("b.test"));
    counting.flush();
    ASSERT_THAT(all(), SizeIs(1));
    counting.count(seen("a.test"));
    counting.flush();
    ASSERT_THAT(all(), SizeIs(2));
    EXPECT_EQ(all()[0].domain.messages, 1U) << "what is lost does not come back";
}

TEST_F(CountsTest, MoreDomainsThanMayWaitAreCountedTogether) {
    HeldCommit held(fault);
    counting.count(seen("first.test"));
    held.wait_until_it_writes();
    for (std::size_t i = 0; i < most_waiting_domains + 7; ++i)
        counting.count(seen(fmt::format("d{}.test", i)));
    counting.count(seen("d0.test"));
    held.release();
    counting.flush();
    counting.flush();
    EXPECT_THAT(all(), SizeIs(most_waiting_domains + 1));
    EXPECT_EQ(sums().left_out, 7U);
    EXPECT_EQ(sums().domains, most_waiting_domains + 1);
}

TEST_F(CountsTest, AReportTakesAwayWhatItTellsAndNoMore) {
    counting.count(seen("a.test"));
    counting.flush();
    const auto before = all().at(0);
    counting.count(seen("a.test"));
    counting.flush();
    EXPECT_EQ(take_away(before, 0).error().kind, Error::Kind::conflict);
    EXPECT_EQ(all().at(0).domain.messages, 2U);
    EXPECT_TRUE(take_away(all().at(0), 0));
    EXPECT_EQ(keys_left(), 0U);
}

TEST_F(CountsTest, ADayThatGoesOnBeginsAnew) {
    counting.count(seen("a.test"));
    counting.flush();
    const auto first = report_of(all()[0], rows(all()[0]), "Here", "p@here.test", "here.test", clock.now());
    const auto now = static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) / 1000;
    EXPECT_EQ(first.end, now);
    EXPECT_EQ(first.begin % 86'400, 0U);
    ASSERT_TRUE(take_away(all()[0], now + 1));
    EXPECT_THAT(rows(all().at(0)), IsEmpty());
    clock.advance(1h);
    counting.count(seen("a.test"));
    counting.flush();
    const auto second = report_of(all()[0], rows(all()[0]), "Here", "p@here.test", "here.test", clock.now());
    EXPECT_EQ(second.begin, now + 1);
    EXPECT_NE(second.id, first.id);
    EXPECT_EQ(second.messages(), 1U);
    const auto again =
        report_of(all()[0], rows(all()[0]), "Here", "p@here.test", "here.test", clock.now() + 5h);
    EXPECT_EQ(again.id, second.id) << "who is told twice can see it";
}

TEST_F(CountsTest, WhatIsCountedWhenTheReportHasGoneIsAnotherReport) {
    counting.count(seen("a.test"));
    counting.flush();
    const auto first = report_of(all()[0], rows(all()[0]), "Here", "p@here.test", "here.test", clock.now());
    ASSERT_TRUE(take_away(all()[0], 0));
    counting.count(seen("a.test", "192.0.2.9"));
    counting.flush();
    const auto late = report_of(all()[0], rows(all()[0]), "Here", "p@here.test", "here.test", clock.now());
    EXPECT_EQ(late.begin, first.begin);
    EXPECT_NE(late.id, first.id) << "or it would be taken for the same";
}

TEST_F(CountsTest, IsDueSomeHoursAfterTheDaySpreadByTheName) {
    const keys::Day day{std::chrono::sys_days(std::chrono::days(20'000)), "a.test"};
    const auto end = Instant(day.day + std::chrono::days(1));
    std::set<Instant> moments;
    for (int i = 0; i < 100; ++i) {
        const auto moment = due({day.day, fmt::format("d{}.test", i)});
        EXPECT_GE(moment, end + 10min);
        EXPECT_LT(moment, end + 5h);
        moments.insert(moment);
    }
    EXPECT_GT(moments.size(), 90U);
    EXPECT_EQ(due(day), due(day));
}

TEST_F(CountsTest, SingleMessagesAreReportedSoOftenADay) {
    for (int i = 0; i < 5; ++i)
        counting.report({.domain = "a.test", .wanted_at = {"mailto:x@a.test"}, .header = "Subject: x\r\n"},
                        3);
    counting.flush();
    std::size_t waiting = 0;
    const auto snapshot = engine->snapshot(engine::Scope::global());
    for (const auto at = snapshot->scan(engine::Range::starting_with(keys::failures)); at->valid();
         at->next()) {
        ++waiting;
        EXPECT_EQ(Failure::from_record(at->value()).value().header, "Subject: x\r\n");
    }
    EXPECT_EQ(waiting, 3U);
    EXPECT_EQ(all().at(0).domain.failures, 3U);
}

// Many come while a commit is under way.
TEST_F(CountsTest, SingleMessagesThatFindNoRoomAreCountedAndToldOf) {
    HeldCommit held(fault);
    const Failure failure{.domain = "a.test", .wanted_at = {"mailto:x@a.test"}};
    counting.report(failure, 10'000);
    held.wait_until_it_writes();
    for (std::size_t i = 0; i < most_waiting_failures + 7; ++i) counting.report(failure, 10'000);
    held.release();
    counting.flush();
    counting.flush();
    EXPECT_EQ(all().at(0).domain.failures, most_waiting_failures + 1);
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::failures, 7, clock.now()}));
    EXPECT_THAT(logged(), HasSubstr("reports of single messages lost"));
    EXPECT_THAT(logged(), HasSubstr("count=7"));
}

TEST_F(CountsTest, SingleMessagesBeyondThoseOnDiskAreCountedAsLost) {
    const Failure failure{.domain = "a.test", .wanted_at = {"mailto:x@a.test"}};
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            for (const std::uint64_t number : {std::uint64_t{0}, most_kept_failures - 1}) {
                std::string key(keys::failures);
                bytes::put_big_endian(key, number);
                transaction.put(key, failure.to_record());
            }
            return {};
        }));
    for (int i = 0; i < 2; ++i) counting.report(failure, 10);
    counting.flush();
    counting.flush();
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::failures, 2, clock.now()}));
    EXPECT_THAT(logged(), HasSubstr("10000 are waiting"));
}

// The number of those that are lost waits, too.
TEST_F(CountsTest, WhatAFaultOfTheDiskLosesIsCountedLater) {
    bool is_broken = true;
    fault = [&](std::uint64_t) -> Result<void> {
        if (is_broken) return fail(Error::Kind::no_space, "the disk is full");
        return {};
    };
    const Failure failure{.domain = "a.test", .wanted_at = {"mailto:x@a.test"}};
    for (int i = 0; i < 3; ++i) counting.report(failure, 10);
    counting.flush();
    EXPECT_THAT(lost(), IsEmpty());
    is_broken = false;
    counting.report(failure, 10);
    counting.flush();
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::failures, 3, clock.now()}));
}

TEST_F(CountsTest, ADomainOfSingleMessagesIsOneOfTheDay) {
    const Failure failure{.domain = "a.test", .wanted_at = {"mailto:x@a.test"}};
    counting.report(failure, 3);
    counting.count(seen("b.test"));
    counting.flush();
    EXPECT_EQ(sums().domains, 2U);
    ASSERT_TRUE(take_away(all().at(0), 0));
    EXPECT_EQ(sums().domains, 1U) << "and the other is counted still";
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            const auto day = std::chrono::floor<std::chrono::days>(clock.now());
            transaction.put(keys::sums_of(day), DaySums{.domains = most_counted_domains}.to_record());
            return {};
        }));
    counting.report(failure, 3);
    counting.flush();
    EXPECT_THAT(all(), SizeIs(1)) << "there is no room";
    counting.flush();
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::failures, 1, clock.now()}));
}

TEST(Keys, GoRound) {
    const keys::Day day{std::chrono::sys_days(std::chrono::days(20'000)), "a.test"};
    EXPECT_EQ(keys::parse_day(keys::key_of(day)), day);
    EXPECT_EQ(keys::parse_sums(keys::sums_of(day.day)), day.day);
    for (const auto* wrong : {"", "Ma", "Ma12345", "Ma020000", "Mb020000a.test", "Ma02000xa.test"})
        EXPECT_EQ(keys::parse_day(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace hongyan::reports
