// Reports of others: kept, found again, summed up, forgotten.
#include "reports/archive.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "reports/destinations.h"
#include "reports/giving_way.h"
#include "reports/keys.h"
#include "reports/losses.h"
#include "reports/summary.h"
#include "support/interrupted_engine.h"

namespace hongyan::reports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

AggregateReport report(std::string_view id, std::uint64_t count = 1) {
    return {.organization = "There",
            .email = "p@there.test",
            .id = std::string(id),
            .begin = 1,
            .end = 2,
            .policy = {.domain = "here.test", .policy = "none"},
            .rows = {{.traits = {.address = "2001:db8::1",
                                 .disposition = "none",
                                 .dkim = "pass",
                                 .spf = "fail",
                                 .header_from = "here.test"},
                      .count = count},
                     {.traits = {.address = "192.0.2.9",
                                 .disposition = "reject",
                                 .dkim = "fail",
                                 .spf = "fail",
                                 .header_from = "here.test"},
                      .count = 2}}};
}

class ArchiveTest : public testing::Test {
public:
    Result<Filed> take(const AggregateReport& given, Instant when = Instant(1s)) {
        TRY(const auto filing,
            file_report(to_xml(given), {.when = when, .author = "there.test", .vouched = true}));
        TRY(const auto keeping, keep(*engine, filing));
        return keeping.filed;
    }
    // Into an archive of four. "v3 a" came after three seconds from a, who is vouched for; "u3 a" is not.
    // What has given way to it, or "-" if there was no room.
    std::string take_into_four(std::string_view name) {
        const auto keeping = keep(*engine, filing(name, name), 4).value();
        if (keeping.filed == Filed::no_room) return "-";
        std::string displaced;
        for (const auto& each : keeping.displaced) displaced += each.outline.id;
        return displaced;
    }
    static Filing filing(std::string_view id, std::string_view name) {
        const auto when = Instant(std::chrono::seconds(name[1] - '0'));
        return file_report(to_xml(report(id)),
                           {.when = when, .author = std::string(name.substr(3)), .vouched = name[0] == 'v'})
            .value();
    }
    engine::Part as_a_part(std::string_view name) {
        return part_to_keep(*engine, filing(name, name), 4).value();
    }
    void damage(const Kept& kept) {
        ASSERT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
            transaction.put(std::string(keys::outlines) + kept.id, "no record");
            return Result<void>{};
        }));
    }
    std::vector<std::string> names() {
        std::vector<std::string> found;
        for (const auto& kept : all()) found.push_back(kept.outline.id);
        std::ranges::sort(found);
        return found;
    }
    std::vector<Lost> lost() { return losses(*snapshot()).value(); }
    std::vector<Kept> all() {
        std::vector<Kept> found;
        EXPECT_TRUE(each_kept(*snapshot(), [&](const Kept& kept) {
            found.push_back(kept);
            return true;
        }));
        return found;
    }
    std::unique_ptr<engine::Snapshot> snapshot() { return engine->snapshot(engine::Scope::global()); }

    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine({});
};

TEST_F(ArchiveTest, KeepsAReportOnce) {
    EXPECT_EQ(take(report("1")), Filed::anew);
    EXPECT_EQ(take(report("1")), Filed::known);
    EXPECT_EQ(take(report("2")), Filed::anew);
    const auto found = all();
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].outline.organization, "There");
    EXPECT_EQ(found[0].outline.good, 1U);
    EXPECT_EQ(found[0].outline.bad, 2U);
    EXPECT_EQ(found[0].arrival.author, "there.test");
    EXPECT_TRUE(found[0].arrival.vouched);
    for (const auto& kept : found) {
        auto expected = report(kept.outline.id);
        expected.rows[0].traits.address = "2001:db8:0:0:0:0:0:1";
        const auto read = read_kept(*snapshot(), kept.id);
        ASSERT_TRUE(read);
        EXPECT_EQ(std::get<AggregateReport>(*read).rows, expected.rows);
    }
    EXPECT_EQ(read_kept(*snapshot(), "000000000000").error().kind, Error::Kind::not_found);
    EXPECT_EQ(file_report("nothing", {}).error().kind, Error::Kind::invalid);
}

TEST_F(ArchiveTest, KeepsALargeOneInPieces) {
    auto large = report("1");
    for (std::uint32_t i = 0; i < 40'000; ++i) {
        large.rows.push_back(large.rows[0]);
        large.rows.back().traits.address =
            fmt::format("10.{}.{}.{}", i >> 16U, i >> 8U & 255U, i * 7919U & 255U);
        large.rows.back().count = i * 2654435761U;
    }
    ASSERT_EQ(take(large), Filed::anew);
    std::size_t pieces = 0;
    const auto reader = snapshot();
    for (const auto at = reader->scan(engine::Range::starting_with(keys::pieces)); at->valid(); at->next())
        ++pieces;
    EXPECT_GT(pieces, 1U);
    EXPECT_THAT(std::get<AggregateReport>(read_kept(*reader, all()[0].id).value()).rows, SizeIs(40'002));
}

TEST_F(ArchiveTest, ForgetsWhatIsOld) {
    for (int i = 0; i < 120; ++i) ASSERT_TRUE(take(report(fmt::format("old{}", i))));
    ASSERT_TRUE(take(report("new"), Instant(10s)));
    EXPECT_EQ(forget_kept(*engine, Instant(10s)), 120U);
    ASSERT_THAT(all(), SizeIs(1));
    EXPECT_EQ(all()[0].outline.id, "new");
    EXPECT_EQ(take(report("old1")), Filed::anew) << "and may come again";
    EXPECT_EQ(forget_kept(*engine, Instant(1h)), 2U);
    std::vector<std::string> left;
    const auto reader = snapshot();
    for (const auto at = reader->scan(engine::Range::starting_with("M")); at->valid(); at->next())
        left.emplace_back(at->key());
    EXPECT_THAT(left, ElementsAre(std::string(keys::kept))) << "nothing but the number, which is 0";
}

TEST_F(ArchiveTest, TheOldestThatNobodyVouchesForGivesWay) {
    for (const auto* name : {"u2 eve", "v1 a", "u3 eve", "v4 b"}) EXPECT_EQ(take_into_four(name), "");
    EXPECT_EQ(take_into_four("u5 mal"), "u2 eve");
    EXPECT_EQ(take_into_four("v6 c"), "u3 eve");
    EXPECT_EQ(take_into_four("v6 c"), "") << "it is there";
    EXPECT_EQ(take_into_four("v7 d"), "u5 mal");
    EXPECT_THAT(names(), ElementsAre("v1 a", "v4 b", "v6 c", "v7 d"));
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::displaced, 3, Instant(7s)}));
}

TEST_F(ArchiveTest, WhoIsVouchedForGivesWayToNobodyElse) {
    for (const auto* name : {"v1 a", "v2 b", "v3 b", "v4 c"}) EXPECT_EQ(take_into_four(name), "");
    EXPECT_EQ(take_into_four("u5 eve"), "-");
    EXPECT_EQ(take_into_four("u6 eve"), "-");
    EXPECT_EQ(take_into_four("v7 d"), "v2 b") << "b has sent most";
    EXPECT_EQ(take_into_four("v8 d"), "v1 a") << "nobody has sent more than one: the oldest of all";
    EXPECT_THAT(names(), ElementsAre("v3 b", "v4 c", "v7 d", "v8 d"));
    EXPECT_THAT(lost(),
                ElementsAre(Lost{Loss::displaced, 2, Instant(8s)}, Lost{Loss::refused, 2, Instant(6s)}));
}

// Who knows a reporter and his ids sends made-up reports before the true ones come.
TEST_F(ArchiveTest, WhatIsVouchedForTakesThePlaceOfWhatIsNotOfTheSameId) {
    EXPECT_EQ(keep(*engine, filing("1", "u2 there.test")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "u3 there.test")).value().filed, Filed::known);
    EXPECT_EQ(keep(*engine, filing("1", "v4 there.test")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "v5 there.test")).value().filed, Filed::known);
    EXPECT_EQ(keep(*engine, filing("1", "u6 there.test")).value().filed, Filed::known);
    ASSERT_THAT(all(), SizeIs(1));
    EXPECT_EQ(all()[0].arrival.author, "there.test");
    EXPECT_EQ(all()[0].arrival.when, Instant(4s));
    EXPECT_TRUE(read_kept(*snapshot(), all()[0].id));
    EXPECT_EQ(forget_kept(*engine, Instant(1h)), 1U) << "and is one";
}

// Nor does who is vouched for himself keep away those of others.
TEST_F(ArchiveTest, OwnersWhoAreVouchedForHaveTheirReportsBesideEachOther) {
    EXPECT_EQ(keep(*engine, filing("1", "v1 evil.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "v2 there.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "v3 mail.there.example")).value().filed, Filed::known);
    EXPECT_EQ(keep(*engine, filing("1", "v4 x.evil.example")).value().filed, Filed::known);
    EXPECT_EQ(keep(*engine, filing("1", "u5 there.example")).value().filed, Filed::known);
    std::vector<std::string> authors;
    for (const auto& kept : all()) {
        authors.push_back(kept.arrival.author);
        EXPECT_TRUE(read_kept(*snapshot(), kept.id));
    }
    EXPECT_THAT(authors, testing::UnorderedElementsAre("evil.example", "there.example"));
    EXPECT_EQ(forget_kept(*engine, Instant(2s)), 1U);
    EXPECT_EQ(keep(*engine, filing("1", "v6 there.example")).value().filed, Filed::known)
        << "also when the other is gone";
    EXPECT_THAT(all(), SizeIs(1));
}

// Who has no policy of DMARC is honest, too.
TEST_F(ArchiveTest, NobodysReportIsKeptAwayOrDrivenOutByAnotherOwnersOfItsId) {
    EXPECT_EQ(keep(*engine, filing("1", "v1 evil.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "u2 there.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("1", "u3 there.example")).value().filed, Filed::known);
    EXPECT_EQ(keep(*engine, filing("1", "u4 ")).value().filed, Filed::anew) << "an author that is not known";
    EXPECT_EQ(keep(*engine, filing("1", "u5 ")).value().filed, Filed::known);
    EXPECT_THAT(all(), SizeIs(3));
    EXPECT_EQ(keep(*engine, filing("1", "v6 there.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("2", "u1 there.example")).value().filed, Filed::anew);
    EXPECT_EQ(keep(*engine, filing("2", "v2 evil.example")).value().filed, Filed::anew);
    std::vector<std::string> found;
    for (const auto& kept : all()) {
        found.push_back(fmt::format("{} {} {}", kept.outline.id, kept.arrival.vouched, kept.arrival.author));
        EXPECT_TRUE(read_kept(*snapshot(), kept.id));
    }
    EXPECT_THAT(found,
                testing::UnorderedElementsAre("1 true evil.example", "1 true there.example", "1 false ",
                                              "2 false there.example", "2 true evil.example"));
}

TEST_F(ArchiveTest, WhatIsDamagedGivesWayToTheSameReportAndToOthers) {
    for (const auto* name : {"v1 a", "v2 b", "v3 c", "v4 d"}) EXPECT_EQ(take_into_four(name), "");
    const auto kept = all();
    damage(kept[0]);
    EXPECT_THAT(all(), SizeIs(3)) << "it is passed over";
    EXPECT_EQ(take_into_four(kept[0].outline.id), "") << "it came again, and has its place";
    EXPECT_THAT(all(), SizeIs(4));
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::damaged, 1, kept[0].arrival.when}));
    damage(kept[1]);
    EXPECT_EQ(take_into_four("u7 e"), "") << "its name is not known any more";
    EXPECT_THAT(all(), SizeIs(4));
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::displaced, 1, Instant(7s)},
                                    Lost{Loss::damaged, 1, kept[0].arrival.when}));
}

TEST_F(ArchiveTest, TheDomainsOfOneOwnerCountTogether) {
    for (const auto* name :
         {"v1 honest.example", "v2 other.example", "v3 a.evil.example", "v4 b.c.evil.example"})
        EXPECT_EQ(take_into_four(name), "");
    EXPECT_EQ(take_into_four("v5 d.EVIL.example"), "v3 a.evil.example");
    EXPECT_EQ(take_into_four("v6 x.co.uk"), "v4 b.c.evil.example");
    EXPECT_EQ(take_into_four("v7 y.co.uk"), "v1 honest.example") << "co.uk is no owner";
}

// Who gives way is looked for before the transaction: what has changed by then stays.
TEST_F(ArchiveTest, OnlyWhatIsAsItWasGivesWay) {
    for (const auto* name : {"u1 a", "v2 b", "v3 c", "v4 d"}) EXPECT_EQ(take_into_four(name), "");
    const auto late = as_a_part("v8 e");
    EXPECT_EQ(keep(*engine, filing("u1 a", "v5 a"), 4).value().filed, Filed::anew) << "it is vouched for now";
    ASSERT_TRUE(engine->transact(late.scope, late.work));
    EXPECT_THAT(names(), ElementsAre("u1 a", "v2 b", "v3 c", "v4 d"));
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::refused, 1, Instant(8s)}));
    const auto next = as_a_part("v9 e");
    ASSERT_TRUE(engine->transact(next.scope, next.work));
    EXPECT_THAT(names(), ElementsAre("u1 a", "v3 c", "v4 d", "v9 e")) << "the oldest of all, by now";
}

// Somebody keeps a report between each look and the transaction that is to use what was found.
class ArchiveWithOthersTest : public ArchiveTest {
public:
    ArchiveWithOthersTest() {
        for (const auto* name : {"u1 a", "u2 b", "u3 c", "u4 d"})
            EXPECT_EQ(keep(others, filing(name, name), 4).value().filed, Filed::anew);
    }
    // The first transaction is worked on without a look. From the second on, `times` times, he who would
    // give way is vouched for by then.
    void vouch_in_between(int times) {
        others.before_next_write = [this, times] { others.before_next_write = vouching(1, times); };
    }

    InterruptedEngine others;

private:
    std::function<void()> vouching(int number, int last) {
        return [this, number, last] {
            const auto id = fmt::format("u{} {}", number, "abcd"[number - 1]);
            EXPECT_EQ(keep(others, filing(id, "v5" + id.substr(2)), 4).value().filed, Filed::anew) << id;
            if (number < last) others.before_next_write = vouching(number + 1, last);
        };
    }
};

TEST_F(ArchiveWithOthersTest, WhoGivesWayIsLookedForAgain) {
    vouch_in_between(3);
    const auto keeping = keep(others, filing("v6 e", "v6 e"), 4);
    ASSERT_TRUE(keeping) << keeping.error().message;
    ASSERT_THAT(keeping->displaced, SizeIs(1));
    EXPECT_EQ(keeping->displaced[0].outline.id, "u4 d") << "the others are vouched for by now";
}

// Whoever takes the place of an old one while it is about to be forgotten is not forgotten for it.
TEST_F(ArchiveWithOthersTest, WhatIsNewByNowIsNotForgotten) {
    others.before_next_write = [this] { EXPECT_TRUE(keep(others, filing("u1 a", "v5 a"))); };
    EXPECT_EQ(forget_kept(others, Instant(4s)), 2U);
    std::vector<std::string> left;
    EXPECT_TRUE(each_kept(*others.snapshot(engine::Scope::global()), [&](const Kept& kept) {
        left.push_back(kept.outline.id);
        return true;
    }));
    EXPECT_THAT(left, testing::UnorderedElementsAre("u1 a", "u4 d"));
}

TEST_F(ArchiveWithOthersTest, WhoComesTooLateAgainAndAgainIsToldSo) {
    vouch_in_between(4);
    const auto keeping = keep(others, filing("v6 e", "v6 e"), 4);
    ASSERT_FALSE(keeping);
    EXPECT_EQ(keeping.error().kind, Error::Kind::conflict);
    EXPECT_TRUE(keep(others, filing("v6 e", "v6 e"), 4)) << "a little later there is room";
}

// Whose domain it is takes longer to find out than all else of a record.
TEST_F(ArchiveTest, OwnersAreAskedForOnlyWhereTheyMatter) {
    for (const auto* name : {"v1 a.test", "v2 b.test"}) EXPECT_EQ(take_into_four(name), "");
    int asked = 0;
    const auto asking = [&asked](std::string_view domain) {
        ++asked;
        return owner_of(domain);
    };
    EXPECT_THAT(who_gives_way(*snapshot(), {.vouched = false}, 1, asking).value(), SizeIs(0));
    EXPECT_EQ(asked, 0) << "nobody gives way to who is not vouched for";
    EXPECT_THAT(who_gives_way(*snapshot(), {.vouched = true}, 1, asking).value(), SizeIs(1));
    EXPECT_GT(asked, 0);
}

TEST_F(ArchiveTest, HasRoomForSoMany) {
    for (const auto* name : {"v1 a", "v2 b", "v3 c", "v4 d"}) EXPECT_EQ(take_into_four(name), "");
    const auto part = as_a_part("u9 e");
    EXPECT_TRUE(engine->transact(part.scope, part.work)) << "which harms nothing else";
    EXPECT_THAT(all(), SizeIs(4));
    EXPECT_THAT(lost(), ElementsAre(Lost{Loss::refused, 1, Instant(9s)}));
}

// As many as there may be, and one that is vouched for comes: what an attacker has filled opens again.
TEST_F(ArchiveTest, ManyGiveWayAtOnceWhereThereAreMany) {
    const auto take_one = [&](int number, bool is_vouched) {
        const auto filing =
            file_report(to_xml(report(fmt::format("{:04}", number))),
                        {.when = Instant(std::chrono::seconds(number)), .vouched = is_vouched});
        return keep(*engine, filing.value(), 800).value().displaced.size();
    };
    for (int i = 0; i < 800; ++i) ASSERT_EQ(take_one(i, false), 0U);
    EXPECT_EQ(take_one(800, true), 2U);
    EXPECT_EQ(take_one(801, true), 0U) << "there is room for another";
    EXPECT_THAT(all(), SizeIs(800));
    EXPECT_EQ(names()[0], "0002");
}

TEST(Summary, TellsWhoSendsInADomainsName) {
    Summary summary;
    summary.add(Report(report("1", 5)));
    auto other = report("2", 7);
    other.organization = "Elsewhere";
    summary.add(Report(other));
    ASSERT_THAT(summary.sources(), SizeIs(2));
    const auto& good = summary.sources().at({"here.test", "2001:db8::1"});
    EXPECT_EQ(good.messages, 12U);
    EXPECT_EQ(good.dkim, 12U);
    EXPECT_EQ(good.spf, 0U);
    EXPECT_EQ(good.failed, 0U);
    EXPECT_THAT(good.reporters, ElementsAre("Elsewhere", "There"));
    const auto& bad = summary.sources().at({"here.test", "192.0.2.9"});
    EXPECT_EQ(bad.failed, 4U);
    EXPECT_EQ(bad.rejected, 4U);
}

TEST(Summary, TellsHowSessionsWent) {
    Summary summary;
    summary.add(Report(TlsReport{
        .organization = "There",
        .id = "1",
        .policies = {
            {.type = "sts",
             .domain = "here.test",
             .successes = 10,
             .failures = 5,
             .details = {{.result = "certificate-expired", .mx_host = "mx.here.test", .count = 3}}}}}));
    EXPECT_EQ(summary.sessions().at({"here.test", "success"}).count, 10U);
    EXPECT_EQ(summary.sessions().at({"here.test", "certificate-expired"}).count, 3U);
    EXPECT_THAT(summary.sessions().at({"here.test", "certificate-expired"}).hosts,
                ElementsAre("mx.here.test"));
    EXPECT_EQ(summary.sessions().at({"here.test", "failure without details"}).count, 2U);
}

}  // namespace
}  // namespace hongyan::reports
