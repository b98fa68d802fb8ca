// Reports of others: kept, found again, summed up, forgotten.
#include "reports/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "engine/memory_engine.h"
#include "reports/keys.h"
#include "reports/summary.h"

namespace hongyan::reports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
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
        return keep(*engine, filing);
    }
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

TEST_F(ArchiveTest, HasRoomForSoMany) {
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [](engine::Transaction& transaction) -> Result<void> {
            std::string octets;
            bytes::put_varint(octets, most_kept);
            transaction.put(keys::kept, octets);
            return {};
        }));
    EXPECT_EQ(take(report("1")).error().kind, Error::Kind::no_space);
    const auto part = part_to_keep(file_report(to_xml(report("1")), {}).value());
    EXPECT_TRUE(engine->transact(part.scope, part.work)) << "which harms nothing else";
    EXPECT_THAT(all(), IsEmpty());
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
