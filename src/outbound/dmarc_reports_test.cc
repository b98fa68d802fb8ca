// Reports of DMARC on their way into the queue.
#include "outbound/dmarc_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "flow/flow_fixture.h"
#include "message/field.h"
#include "message/structure.h"
#include "net/memory_resolver.h"
#include "outbound/settings.h"
#include "reports/archive.h"
#include "reports/losses.h"
#include "reports/reading.h"
#include "support/passing_engine.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DmarcReportsTest : public flow::FlowTest {
public:
    DmarcReportsTest() {
        EXPECT_TRUE(
            output.apply({log::Format::human, log::Level::warning, (folder.path() / "log").string()}));
        settings.hostname = "mail.here.test";
        settings.reports = {.dmarc = true, .from = "", .failures = 10, .addresses = {}, .keep = 24h};
        settings.dns_patience = 1s;
        settings.policy = policy;
    }
    void count(std::string_view domain, const std::vector<std::string>& uris, int messages = 1) {
        for (int i = 0; i < messages; ++i)
            counting.count({.policy = {.domain = std::string(domain), .policy = "none"},
                            .wanted_at = uris,
                            .traits = {.address = fmt::format("192.0.2.{}", i % 250),
                                       .disposition = "none",
                                       .dkim = "pass",
                                       .spf = "fail",
                                       .header_from = std::string(domain),
                                       .envelope_from = fmt::format("sender{}.test", i),
                                       .senders = {{"there.test", "mfrom", "pass"}}}});
        counting.flush();
    }
    void ask(std::string_view domain, std::string_view value) {
        ASSERT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
            transaction.put(std::string(reports::keys::wanted) + std::string(domain), value);
            return Result<void>{};
        }));
    }
    // As the dispatcher does it.
    void work() { work(sending); }
    static void work(DmarcReports& reports) {
        net::asio::io_context context(1);
        net::asio::co_spawn(context.get_executor(), reports.work(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
    }
    // A day later, when everybody's reports are due.
    void next_day() { clock.advance(30h); }
    std::vector<std::string> recipients() {
        std::vector<std::string> all;
        for (const auto& entry : queued()) all.push_back(entry.recipients.at(0).address);
        std::ranges::sort(all);
        return all;
    }
    std::string content(const queue::Entry& entry) {
        return entry.prefix + engine->read_blob(entry.blob).value();
    }
    reports::AggregateReport report_in(const queue::Entry& entry) {
        return std::get<reports::AggregateReport>(reports::read_file(content(entry)).value().at(0));
    }
    std::string logged() { return read_file(folder.path() / "log").value(); }
    std::size_t left() {
        return reports::counted(*engine->snapshot(engine::Scope::global()), "", 100).value().size();
    }

    ScratchFolder folder;
    net::MemoryResolver resolver;
    Settings settings;
    reports::Counting counting{*engine, clock, log::Log(output)};
    DmarcReports sending{{.world = world, .resolver = resolver, .random = random}, settings};
};

TEST_F(DmarcReportsTest, AreSentWhenTheyAreDue) {
    count("there.test", {"mailto:r@there.test"}, 3);
    work();
    EXPECT_THAT(queued(), IsEmpty()) << "the day is not over";
    const reports::keys::Day day{std::chrono::floor<std::chrono::days>(clock.now()), "there.test"};
    next_day();
    work();
    ASSERT_THAT(recipients(), ElementsAre("r@there.test"));
    EXPECT_EQ(left(), 0U);
    const auto report = report_in(queued().at(0));
    EXPECT_EQ(report.messages(), 3U);
    EXPECT_EQ(report.policy.domain, "there.test");
    EXPECT_EQ(report.organization, "mail.here.test");
    EXPECT_EQ(report.end - report.begin, 86'399U);
    EXPECT_EQ(report.begin, static_cast<std::uint64_t>(day.day.time_since_epoch().count()) * 86'400);
    work();
    EXPECT_THAT(queued(), SizeIs(1)) << "once";
}

TEST_F(DmarcReportsTest, AreSignedAndComeFromNobody) {
    const auto name = directory::DomainName::parse("here.test").value();
    const directory::NewSigningKey key{"s", crypto::PrivateKey::generate_ed25519()};
    ASSERT_TRUE(directory.add_signing_keys(name, {&key, 1}));
    ASSERT_TRUE(directory.change_signing_keys(
        name, std::vector<directory::SigningKeyChange>{{"s", directory::KeyState::active}}));
    count("there.test", {"mailto:r@there.test"});
    next_day();
    work();
    ASSERT_THAT(queued(), SizeIs(1));
    const auto entry = queued()[0];
    EXPECT_EQ(entry.sender, "") << "no bounce can come back";
    EXPECT_EQ(entry.recipients[0].notify, "NEVER");
    EXPECT_THAT(content(entry), HasSubstr("d=here.test"));
    EXPECT_EQ(message::unfolded(content(entry), "From"), "postmaster@here.test");
    const auto found = report_in(entry);
    EXPECT_THAT(found.id, testing::EndsWith("@here.test"));
    EXPECT_THAT(message::unfolded(content(entry), "Subject"), HasSubstr("Report-ID: <" + found.id + ">"));
    settings.reports.from = "dmarc-noreply@here.test";
    count("other.test", {"mailto:r@other.test"});
    next_day();
    work();
    EXPECT_EQ(message::unfolded(content(queued().at(1)), "From"), "dmarc-noreply@here.test");
}

// RFC 7489 §7.1.
TEST_F(DmarcReportsTest, WhoHasNotAgreedGetsNothing) {
    resolver.add<dns::Txt>("there.test._report._dmarc.agrees.test", dns::Txt{"v=DMARC1"});
    resolver.add<dns::Txt>("there.test._report._dmarc.leads.test",
                           dns::Txt{"v=DMARC1; rua=mailto:better@leads.test"});
    count("there.test", {"mailto:a@victim.test", "mailto:b@agrees.test", "https://there.test/x",
                         "mailto:c@leads.test", "mailto:d@sub.there.test"});
    next_day();
    work();
    EXPECT_THAT(recipients(), ElementsAre("b@agrees.test", "better@leads.test", "d@sub.there.test"));
    EXPECT_EQ(left(), 0U);
}

TEST_F(DmarcReportsTest, WaitWhileNobodyKnowsWhoAgrees) {
    resolver.set("there.test._report._dmarc.away.test", dns::Type::txt, dns::Status::failed);
    count("there.test", {"mailto:a@away.test", "mailto:b@there.test"});
    clock.advance(7h);  // some hours after midnight
    work();
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(left(), 1U) << "nothing is lost";
    clock.advance(24h);
    work();
    EXPECT_THAT(recipients(), ElementsAre("b@there.test")) << "but others do not wait for ever";
}

TEST_F(DmarcReportsTest, LargerOnesThanSomebodyTakesGoToTheOthers) {
    count("there.test", {"mailto:small@there.test!1k", "mailto:large@there.test!10m"}, 500);
    next_day();
    work();
    EXPECT_THAT(recipients(), ElementsAre("large@there.test"));
    count("tiny.test", {"mailto:small@tiny.test!1k"}, 500);
    next_day();
    work();
    ASSERT_THAT(queued(), SizeIs(2));
    EXPECT_THAT(content(queued()[1]), HasSubstr("Report-Domain: tiny.test\r\n"));
    EXPECT_EQ(left(), 0U);
}

TEST_F(DmarcReportsTest, AreSentEarlierIfSomebodyAsks) {
    count("there.test", {"mailto:r@there.test"});
    count("other.test", {"mailto:r@other.test"});
    ask("", "");
    EXPECT_TRUE(sending.has_work());
    work();
    EXPECT_THAT(queued(), IsEmpty()) << "the day goes on";
    ask("there.test", "today");
    work();
    EXPECT_THAT(recipients(), ElementsAre("r@there.test"));
    const auto first = report_in(queued().at(0));
    clock.advance(10min);
    count("there.test", {"mailto:r@there.test"});
    next_day();
    work();
    EXPECT_THAT(recipients(), ElementsAre("r@other.test", "r@there.test", "r@there.test"));
    for (const auto& entry : queued()) {
        const auto report = report_in(entry);
        if (report.policy.domain != "there.test" || report.id == first.id) continue;
        EXPECT_GT(report.begin, first.end) << "nothing is told twice";
        EXPECT_EQ(report.messages(), 1U);
    }
    EXPECT_EQ(left(), 0U);
}

TEST_F(DmarcReportsTest, AFaultOfTheDiskLosesNothing) {
    count("there.test", {"mailto:r@there.test"});
    next_day();
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::no_space, "the disk is full"); };
    work();
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(left(), 1U);
    fault = [](std::uint64_t) -> Result<void> { return {}; };
    work();
    EXPECT_THAT(recipients(), ElementsAre("r@there.test"));
}

// Knows nothing, and remembers until when it might have looked.
class SilentResolver final : public net::Resolver {
public:
    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        deadlines.push_back(deadline);
        co_return dns::RawAnswer{.status = dns::Status::failed,
                                 .secure = false,
                                 .records = {},
                                 .ttl = {},
                                 .canonical = question.name,
                                 .why = {}};
    }
    std::vector<net::Deadline> deadlines;
};

TEST_F(DmarcReportsTest, AllDestinationsOfADomainHaveOneDeadline) {
    SilentResolver silent;
    DmarcReports patient({.world = world, .resolver = silent, .random = random}, settings);
    settings.dns_patience = 1h;
    count("there.test", {"mailto:a@a.test", "mailto:b@b.test", "mailto:c@c.test"});
    clock.advance(7h);
    const auto begin = std::chrono::steady_clock::now();
    work(patient);
    ASSERT_THAT(silent.deadlines, SizeIs(3));
    for (const auto deadline : silent.deadlines) EXPECT_EQ(deadline, silent.deadlines[0]);
    EXPECT_LT(silent.deadlines[0] - begin, 1min);
}

TEST_F(DmarcReportsTest, APassThatTakesTooLongGoesOnBehindItsLast) {
    DmarcReports hurried({.world = world, .resolver = resolver, .random = random, .longest_pass = 0ms},
                         settings);
    for (const auto* domain : {"a.test", "b.test", "c.test"})
        count(domain, {fmt::format("mailto:r@{}", domain)});
    next_day();
    for (std::size_t i = 1; i <= 3; ++i) {
        work(hurried);
        EXPECT_THAT(queued(), SizeIs(i));
    }
    EXPECT_THAT(recipients(), ElementsAre("r@a.test", "r@b.test", "r@c.test"));
}

TEST_F(DmarcReportsTest, ARequestThatCannotBeTakenWaits) {
    count("there.test", {"mailto:r@there.test"});
    ask("there.test", "today");
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::no_space, "the disk is full"); };
    EXPECT_TRUE(sending.has_work());
    work();
    EXPECT_FALSE(sending.has_work()) << "or it would be tried without a pause";
    fault = [](std::uint64_t) -> Result<void> { return {}; };
    work();
    EXPECT_THAT(recipients(), ElementsAre("r@there.test"));
    ask("there.test", "today");
    EXPECT_TRUE(sending.has_work()) << "and requests are heard at once again";
}

TEST_F(DmarcReportsTest, ThoseForAnAddressOfOursAreTakenInToo) {
    settings.reports.addresses = {"Dmarc@here.test"};
    count("here.test", {"mailto:dmarc@here.test"});
    next_day();
    work();
    EXPECT_THAT(recipients(), ElementsAre("dmarc@here.test"));
    std::vector<std::string> domains;
    ASSERT_TRUE(
        reports::each_kept(*engine->snapshot(engine::Scope::global()), [&](const reports::Kept& kept) {
            domains.push_back(kept.outline.domain);
            return true;
        }));
    EXPECT_THAT(domains, ElementsAre("here.test"));
}

TEST_F(DmarcReportsTest, ACopyForUsThatCannotBeKeptIsToldOf) {
    settings.reports.addresses = {"Dmarc@here.test"};
    count("here.test", {"mailto:dmarc@here.test"});
    next_day();
    UnreadableKey broken(*engine, reports::keys::kept);
    store::Store other_store(broken, clock);
    const flow::World other_world{other_store, directory, queue, workers, log_in_workers, clock, world.log};
    DmarcReports reports({.world = other_world, .resolver = resolver, .random = random}, settings);
    work(reports);
    EXPECT_THAT(recipients(), ElementsAre("dmarc@here.test")) << "whom it was for gets it";
    EXPECT_THAT(logged(), HasSubstr("copy of a report not kept"));
    EXPECT_THAT(reports::losses(*engine->snapshot(engine::Scope::global())).value(),
                ElementsAre(reports::Lost{reports::Loss::refused, 1, clock.now()}));
}

TEST_F(DmarcReportsTest, DaysEndWithAllThatBelongsToThem) {
    const auto day = std::chrono::floor<std::chrono::days>(clock.now());
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(reports::keys::sums_of(day), reports::DaySums{.left_out = 7}.to_record());
            return {};
        }));
    count("there.test", {"https://there.test/reports"});
    next_day();
    work();
    EXPECT_THAT(queued(), IsEmpty());
    clock.advance(72h);
    work();
    EXPECT_THAT(logged(), HasSubstr("messages=7")) << "nothing is lost in silence";
    const auto snapshot = engine->snapshot(engine::Scope::global());
    EXPECT_FALSE(snapshot->scan(engine::Range::starting_with("M"))->valid());
}

TEST_F(DmarcReportsTest, SingleMessagesAreToldOf) {
    resolver.add<dns::Txt>("evil.test", dns::Txt{"v=spf1 ip4:192.0.2.9 -all"});
    counting.report({.domain = "there.test",
                     .wanted_at = {"mailto:r@there.test", "mailto:x@victim.test"},
                     .kind = "dmarc",
                     .alignment = "none",
                     .address = "192.0.2.9",
                     .header_from = "there.test",
                     .spf_domain = "evil.test",
                     .arrival = static_cast<std::uint64_t>(clock.now().time_since_epoch().count() / 1000),
                     .header = "Subject: Hello\r\n"},
                    10);
    counting.flush();
    work();
    ASSERT_THAT(recipients(), ElementsAre("r@there.test"));
    const auto mail = content(queued().at(0));
    EXPECT_THAT(mail, HasSubstr("SPF-DNS: txt : evil.test : \"v=spf1 ip4:192.0.2.9 -all\"\r\n"));
    EXPECT_THAT(mail, HasSubstr("report-type=feedback-report"));
    work();
    EXPECT_THAT(queued(), SizeIs(1)) << "once";
}

class FailureReportsTest : public DmarcReportsTest {
public:
    void fail(std::string_view domain, std::string_view uri, int number = 0) {
        fail(domain, std::vector{std::string(uri)}, number);
    }
    void fail(std::string_view domain, std::vector<std::string> uris, int number = 0) {
        counting.report({.domain = std::string(domain),
                         .wanted_at = std::move(uris),
                         .kind = "dmarc",
                         .alignment = "none",
                         .address = "192.0.2.9",
                         .header_from = std::string(domain),
                         .message_id = fmt::format("<{}>", number),
                         .arrival = static_cast<std::uint64_t>(clock.now().time_since_epoch().count() / 1000),
                         .header = "Subject: Hello\r\n"},
                        1000);
        counting.flush();
    }
    std::size_t waiting() {
        std::size_t count = 0;
        const auto snapshot = engine->snapshot(engine::Scope::global());
        const auto range = engine::Range::starting_with(reports::keys::failures);
        for (const auto at = snapshot->scan(range); at->valid(); at->next()) ++count;
        return count;
    }
    std::vector<reports::Lost> lost() {
        return reports::losses(*engine->snapshot(engine::Scope::global())).value();
    }
    FailureReports failures(std::size_t most_in_pass, std::size_t most_for_one) {
        return FailureReports({.world = world,
                               .resolver = resolver,
                               .random = random,
                               .most_in_pass = most_in_pass,
                               .most_for_one = most_for_one},
                              settings);
    }
    static void work(FailureReports& reports) {
        net::asio::io_context context(1);
        net::asio::co_spawn(context.get_executor(), reports.work(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
    }
};

TEST_F(FailureReportsTest, APassEndsAndTheNextGoesOnBehindIt) {
    for (int i = 0; i < 5; ++i) fail("there.test", "mailto:r@there.test", i);
    auto reports = failures(2, 100);
    for (const std::size_t sent : {2U, 4U, 5U}) {
        work(reports);
        EXPECT_THAT(queued(), SizeIs(sent));
    }
    EXPECT_EQ(waiting(), 0U);
}

// RFC 6591 §6.5: whoever has agreed to get some has not agreed to be flooded.
TEST_F(FailureReportsTest, NobodyGetsMoreThanHisShareOfAnHour) {
    for (int i = 0; i < 5; ++i) {
        const auto domain = fmt::format("d{}.test", i);
        resolver.add<dns::Txt>(domain + "._report._dmarc.large.test", dns::Txt{"v=DMARC1"});
        resolver.add<dns::Txt>(domain + "._report._dmarc.sub.large.test", dns::Txt{"v=DMARC1"});
        fail(domain, i % 2 == 0 ? "mailto:r@LARGE.test" : "mailto:other@sub.large.test", i);
    }
    fail("there.test", "mailto:r@there.test", 5);
    auto reports = failures(100, 2);
    work(reports);
    EXPECT_EQ(resolver.times_asked(), 2) << "where there is no share left nobody is asked";
    work(reports);
    EXPECT_THAT(queued(), SizeIs(3)) << "two of five, and one to somebody else";
    EXPECT_EQ(waiting(), 3U) << "which are not lost";
    clock.advance(61min);
    work(reports);
    EXPECT_THAT(queued(), SizeIs(5));
    clock.advance(61min);
    work(reports);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_THAT(queued(), SizeIs(6));
    EXPECT_THAT(lost(), IsEmpty());
}

TEST_F(FailureReportsTest, WhatReachesOnlySomeIsCountedAsLostForTheOthers) {
    resolver.set("there.test._report._dmarc.away.test", dns::Type::txt, dns::Status::failed);
    fail("there.test", std::vector<std::string>{"mailto:a@away.test", "mailto:r@there.test"});
    auto reports = failures(100, 100);
    work(reports);
    EXPECT_THAT(queued(), IsEmpty()) << "the other may be known soon";
    clock.advance(25h);
    work(reports);
    EXPECT_THAT(recipients(), ElementsAre("r@there.test"));
    EXPECT_EQ(waiting(), 0U);
    EXPECT_THAT(lost(), ElementsAre(reports::Lost{reports::Loss::late_failures, 1, clock.now()}));
    EXPECT_THAT(logged(), HasSubstr("failure not reported to all"));
}

TEST_F(FailureReportsTest, WhatCannotBeSentWithinADayIsCountedAsLost) {
    resolver.set("there.test._report._dmarc.away.test", dns::Type::txt, dns::Status::failed);
    fail("there.test", "mailto:a@away.test");
    auto reports = failures(100, 100);
    work(reports);
    EXPECT_EQ(waiting(), 1U);
    clock.advance(25h);
    work(reports);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(lost(), ElementsAre(reports::Lost{reports::Loss::late_failures, 1, clock.now()}));
    EXPECT_THAT(logged(), HasSubstr("failure not reported"));
}

}  // namespace
}  // namespace hongyan::outbound
