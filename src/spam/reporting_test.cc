// What is told of messages in reports, and reports that come.
#include "spam/reporting.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "engine/memory_engine.h"
#include "reports/archive.h"
#include "reports/losses.h"
#include "reports/text.h"
#include "spam/authentication.h"

namespace hongyan::spam {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using verify::DmarcPolicy, verify::DmarcVerdict;

const smtp::Reply taken{250, "2.0.0", "Ok"}, refused{550, "5.7.26", "no"}, put_off{451, "4.3.0", "later"};

class ReportingTest : public testing::Test {
public:
    ReportingTest() { EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""})); }

    // A forged letter from eve, who is at 192.0.2.9, in the name of strict.test.
    static smtp::Deliver letter(const std::vector<std::string_view>& recipients = {"<ann@here.test>"},
                                std::string_view fields = "") {
        smtp::Deliver came{
            .client = {.address = "192.0.2.9", .said_name = "client.test"},
            .envelope = {.sender = message::parse_path("<eve@evil.test>").value()},
            .message = std::make_shared<const std::string>(fmt::format(
                "{}From: ann@strict.test\r\nMessage-ID: <1@strict.test>\r\n\r\nBody\r\n", fields))};
        for (const auto recipient : recipients)
            came.envelope.recipients.push_back({.path = message::parse_path(recipient).value()});
        return came;
    }
    static Authenticated found(std::string_view record = "v=DMARC1; p=reject; rua=mailto:r@strict.test") {
        Authenticated known;
        auto& dmarc = known.found.dmarc;
        dmarc = {.verdict = DmarcVerdict::fail,
                 .domain = "strict.test",
                 .record_domain = "strict.test",
                 .record = verify::DmarcRecord::parse(record)->record,
                 .policy = DmarcPolicy::reject};
        known.found.mail_from = {.verdict = verify::SpfVerdict::pass, .domain = "evil.test"};
        known.found.dkim.signatures = {{.verdict = verify::DkimVerdict::fail,
                                        .reason = "changed",
                                        .domain = "evil.test",
                                        .selector = "s"}};
        known.query.client = dns::IpAddress::parse("192.0.2.9").value();
        known.query.helo = "client.test";
        known.disposition = DmarcPolicy::reject;
        return known;
    }
    void tell(const smtp::Deliver& came, const Authenticated& known, const smtp::Reply& reply = refused,
              Disposition disposition = Disposition::reject) {
        Reporting judge(settings, {*engine, *intake, clock, log});
        Judgement judgement{.disposition = disposition,
                            .authenticated = std::make_shared<const Authenticated>(known)};
        judge.visit(came.client, log)->kept(came, judgement, {reply});
        judge.flush();
    }
    void tell_unjudged(const smtp::Deliver& came) {
        Reporting judge(settings, {*engine, *intake, clock, log});
        judge.visit(came.client, log)->kept(came, Judgement{}, {taken});
    }
    std::vector<reports::Counted> counted() {
        return reports::counted(*engine->snapshot(engine::Scope::global()), "", 100).value();
    }
    std::vector<reports::Row> rows() {
        return reports::rows_of(*engine->snapshot(engine::Scope::global()), counted().at(0).day).value();
    }
    std::vector<reports::Failure> failures() {
        std::vector<reports::Failure> all;
        const auto snapshot = engine->snapshot(engine::Scope::global());
        const auto range = engine::Range::starting_with(reports::keys::failures);
        for (const auto at = snapshot->scan(range); at->valid(); at->next())
            all.push_back(reports::Failure::from_record(at->value()).value());
        return all;
    }
    // When the worker has done what it was given so far: of several mails, the first.
    std::vector<reports::Kept> kept() {
        const auto done = std::make_shared<std::promise<void>>();
        EXPECT_TRUE(workers.submit([done] { done->set_value(); }));
        EXPECT_EQ(done->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
        std::vector<reports::Kept> all;
        EXPECT_TRUE(
            reports::each_kept(*engine->snapshot(engine::Scope::global()), [&](const reports::Kept& each) {
                all.push_back(each);
                return true;
            }));
        return all;
    }

    ManualClock clock;
    log::Output output{clock};
    log::Log log{output};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine({});
    net::Workers workers{1, 10};
    std::optional<ReportIntake> intake{std::in_place, ReportIntake::Parts{*engine, workers, clock, log}};
    ReportingSettings settings{.hostname = "mx.here.test", .counts = true, .addresses = {"dmarc@here.test"}};
};

TEST_F(ReportingTest, CountsWhatWasFoundHoweverItEnds) {
    tell(letter(), found());
    tell(letter(), found(), taken, Disposition::junk);
    tell(letter(), found(), put_off, Disposition::defer);  // it comes again
    ASSERT_THAT(counted(), SizeIs(1));
    EXPECT_EQ(counted()[0].day.domain, "strict.test");
    EXPECT_THAT(counted()[0].domain.wanted_at, ElementsAre("mailto:r@strict.test"));
    EXPECT_EQ(counted()[0].domain.policy.policy, "reject");
    ASSERT_THAT(rows(), SizeIs(1));
    EXPECT_EQ(rows()[0].count, 2U);
    const auto traits = rows()[0].traits;
    EXPECT_EQ(traits.address, "192.0.2.9");
    EXPECT_EQ(traits.disposition, "reject");
    EXPECT_EQ(traits.dkim + " " + traits.spf, "fail fail") << "SPF passed, but not for the author's domain";
    EXPECT_EQ(traits.header_from + " " + traits.envelope_from + " " + traits.envelope_to,
              "strict.test evil.test here.test");
    EXPECT_THAT(traits.signatures, ElementsAre(reports::DkimResult{"evil.test", "s", "fail", "changed"}));
    EXPECT_THAT(traits.senders, ElementsAre(reports::SpfResult{"evil.test", "mfrom", "pass"}));
    EXPECT_THAT(traits.overrides, IsEmpty());
}

TEST_F(ReportingTest, CountsNothingThatNobodyWants) {
    tell(letter(), found("v=DMARC1; p=reject"));
    auto unknown = found();
    unknown.found.dmarc.verdict = DmarcVerdict::temperror;
    tell(letter(), unknown);
    settings.counts = false;
    tell(letter(), found());
    EXPECT_THAT(counted(), IsEmpty());
}

// RFC 7489 Appendix C: PolicyOverrideType.
TEST_F(ReportingTest, SaysWhyLessWasDoneThanTheDomainAsks) {
    const auto type_of = [](Authenticated known) {
        const auto seen = observation_of(letter(), known);
        return seen->traits.overrides.empty() ? std::string() : seen->traits.overrides[0].type;
    };
    auto known = found();
    EXPECT_EQ(type_of(known), "");
    known.disposition = DmarcPolicy::none;
    EXPECT_EQ(type_of(known), "local_policy");
    known.override_reason = "203.0.113.5 is a forwarder that we know";
    EXPECT_EQ(type_of(known), "trusted_forwarder");
    auto sampled = found("v=DMARC1; p=reject; pct=10; rua=mailto:r@strict.test");
    sampled.disposition = DmarcPolicy::quarantine;
    EXPECT_EQ(type_of(sampled), "sampled_out");
    sampled.disposition = DmarcPolicy::none;
    EXPECT_EQ(type_of(sampled), "local_policy") << "chance does not make it that mild";
    auto testing = found("v=DMARC1; p=reject; t=y; rua=mailto:r@strict.test");
    testing.disposition = testing.found.dmarc.disposition(0);
    EXPECT_EQ(type_of(testing), "other");
}

TEST_F(ReportingTest, NeverReportsOnWhatIsForReportAddressesOnly) {
    tell(letter({"<DMARC@here.test>"}), found());
    EXPECT_THAT(counted(), IsEmpty());
    tell(letter({"<dmarc@here.test>", "<ann@here.test>"}), found());
    EXPECT_THAT(counted(), SizeIs(1));
}

TEST_F(ReportingTest, RecipientsInSeveralDomainsAreNotNamed) {
    tell(letter({"<ann@here.test>", "<bob@there.test>"}), found());
    EXPECT_EQ(rows().at(0).traits.envelope_to, "");
}

// RFC 7489 §6.3: ruf, fo.
TEST_F(ReportingTest, FailuresAreToldOfAsTheDomainAsks) {
    const auto kind = [](std::string_view options, bool spf, bool dkim) {
        auto known = found(fmt::format("v=DMARC1; p=none; ruf=mailto:r@strict.test; fo={}", options));
        auto& dmarc = known.found.dmarc;
        dmarc.spf_aligned = spf;
        dmarc.dkim_aligned = dkim;
        dmarc.verdict = spf || dkim ? DmarcVerdict::pass : DmarcVerdict::fail;
        if (!spf) known.found.mail_from.verdict = verify::SpfVerdict::softfail;
        const Judgement judgement{.authenticated = std::make_shared<const Authenticated>(known)};
        const auto failure = failure_of(letter(), judgement, "mx.here.test", Instant{});
        return failure ? failure->kind : std::string();
    };
    EXPECT_EQ(kind("0", false, false), "dmarc");
    EXPECT_EQ(kind("0", true, false), "");
    EXPECT_EQ(kind("1", true, false), "dmarc");
    EXPECT_EQ(kind("1", true, true), "");
    EXPECT_EQ(kind("d", true, false), "signature");
    EXPECT_EQ(kind("s", false, true), "spf");
    EXPECT_EQ(kind("s", true, true), "");
    EXPECT_EQ(kind("x", false, false), "dmarc") << "what makes no sense is the default";
    EXPECT_EQ(kind("1:d:s", true, true), "signature");
}

TEST_F(ReportingTest, AFailureIsKeptIfASettingSaysSo) {
    const auto known = found("v=DMARC1; p=reject; ruf=mailto:r@strict.test");
    tell(letter(), known);
    EXPECT_THAT(failures(), IsEmpty()) << "it is off";
    settings.failures = 2;
    for (int i = 0; i < 5; ++i) tell(letter(), known);
    ASSERT_THAT(failures(), SizeIs(2));
    const auto failure = failures()[0];
    EXPECT_EQ(failure.delivery_result, "reject");
    EXPECT_EQ(failure.results, "mx.here.test; dmarc=fail header.from=strict.test");
    EXPECT_EQ(failure.envelope_from, "eve@evil.test");
    EXPECT_EQ(failure.dkim_domain, "evil.test");
    EXPECT_THAT(failure.header, HasSubstr("Message-ID: <1@strict.test>\r\n"));
    EXPECT_THAT(failure.header, Not(HasSubstr("Body")));
}

TEST_F(ReportingTest, TheTextsOfAFailureAreBounded) {
    settings.failures = 2;
    auto known = found("v=DMARC1; p=reject; ruf=mailto:r@strict.test");
    auto& signature = known.found.dkim.signatures.at(0);
    signature.domain = signature.identity = signature.selector = std::string(50'000, 'x');
    auto came = letter();
    came.message = std::make_shared<const std::string>(
        fmt::format("Message-ID: <{}@strict.test>\r\n\r\nBody\r\n", std::string(50'000, 'x')));
    tell(came, known);
    ASSERT_THAT(failures(), SizeIs(1)) << "what is too large could not be kept";
    EXPECT_EQ(failures()[0].message_id.size(), reports::longest_text);
    EXPECT_EQ(failures()[0].dkim_selector.size(), reports::longest_text);
}

TEST_F(ReportingTest, WhatProgramsHaveWrittenIsNoReasonForAReport) {
    settings.failures = 10;
    const auto known = found("v=DMARC1; p=reject; ruf=mailto:r@strict.test");
    auto bounce = letter();
    bounce.envelope.sender = {};
    tell(bounce, known);
    tell(letter({"<ann@here.test>"}, "Auto-Submitted: auto-generated\r\n"), known);
    tell(letter({"<ann@here.test>"}, "Content-Type: multipart/report; report-type=feedback-report\r\n"),
         known);
    EXPECT_THAT(failures(), IsEmpty());
    tell(letter({"<ann@here.test>"}, "Auto-Submitted: no\r\n"), known);
    EXPECT_THAT(failures(), SizeIs(1));
}

// --- reports of others

smtp::Deliver mail_with(std::string_view content, std::string_view recipient = "<dmarc@here.test>") {
    auto came = ReportingTest::letter({recipient});
    came.message = std::make_shared<const std::string>(
        fmt::format("From: r@there.test\r\nContent-Type: text/xml\r\n\r\n{}", content));
    return came;
}

TEST_F(ReportingTest, AReportThatComesIsKeptOnce) {
    const reports::AggregateReport report{
        .organization = "There",
        .id = "7",
        .policy = {.domain = "here.test", .policy = "none"},
        .rows = {{.traits = {.address = "192.0.2.1", .spf = "pass"}, .count = 3}}};
    auto known = found();
    known.found.dmarc.verdict = DmarcVerdict::pass;
    known.found.dmarc.domain = "there.test";
    tell(mail_with(to_xml(report)), known, put_off, Disposition::defer);
    EXPECT_THAT(kept(), IsEmpty()) << "what was not taken is not read";
    tell(mail_with(to_xml(report), "<ann@here.test>"), known, taken);
    EXPECT_THAT(kept(), IsEmpty()) << "it is no address for reports";
    for (int times = 0; times < 2; ++times) {
        tell(mail_with(to_xml(report)), known, taken);
        ASSERT_THAT(kept(), SizeIs(1));
    }
    EXPECT_EQ(kept()[0].outline.good, 3U);
    EXPECT_EQ(kept()[0].arrival.author, "there.test");
    EXPECT_TRUE(kept()[0].arrival.vouched);
}

constexpr std::string_view report_of_tls =
    R"({"organization-name":"There","date-range":{"start-datetime":"2026-11-21T00:00:00Z",)"
    R"("end-datetime":"2026-11-21T23:59:59Z"},"report-id":"t1","policies":[{"policy":{)"
    R"("policy-type":"sts","policy-domain":"here.test"},"summary":{)"
    R"("total-successful-session-count":7,"total-failure-session-count":2}}]})";

// RFC 8460 §3: whatever DMARC says. The author's domain is strict.test.
TEST_F(ReportingTest, AReportOfTlsCountsIfItIsSigned) {
    using verify::DkimVerdict;
    auto known = found();
    known.found.dmarc.verdict = DmarcVerdict::pass;
    known.found.dkim.signatures = {{.verdict = DkimVerdict::pass, .domain = "evil.test"},
                                   {.verdict = DkimVerdict::fail, .domain = "strict.test"}};
    tell(mail_with(report_of_tls), known, taken);
    EXPECT_THAT(kept(), IsEmpty());
    known.found.dkim.signatures[0].verdict = DkimVerdict::temperror;
    tell(mail_with(report_of_tls), known, taken);
    EXPECT_THAT(kept(), IsEmpty()) << "a key of another owner's makes it no report of this one";
    known.found.dkim.signatures[1].verdict = DkimVerdict::temperror;
    tell(mail_with(report_of_tls), known, taken);
    ASSERT_THAT(kept(), SizeIs(1)) << "the key may come again";
    EXPECT_FALSE(kept()[0].arrival.vouched);
    known.found.dmarc.verdict = DmarcVerdict::none;
    known.found.dkim.signatures[1].verdict = DkimVerdict::pass;
    tell(mail_with(report_of_tls), known, taken);
    ASSERT_THAT(kept(), SizeIs(1));
    EXPECT_TRUE(kept()[0].arrival.vouched) << "it takes the place of that one";
}

// From hosts whose mail nobody judges, over LMTP, or where nothing is verified.
TEST_F(ReportingTest, AReportOfTlsInMailThatIsNotJudgedNeedsASignatureAtLeast) {
    auto came = mail_with(report_of_tls);
    tell_unjudged(came);
    EXPECT_THAT(kept(), IsEmpty());
    came.message =
        std::make_shared<const std::string>("dkim-signature: v=1; d=strict.test\r\n" + *came.message);
    tell_unjudged(came);
    ASSERT_THAT(kept(), SizeIs(1));
    EXPECT_FALSE(kept()[0].arrival.vouched);
}

// Three mails, while the worker is busy: with reports 1, 2 and 3.
class ReportsThatWaitTest : public ReportingTest {
public:
    ReportsThatWaitTest() {
        EXPECT_TRUE(workers.submit([this] { released.get_future().wait_for(std::chrono::seconds(10)); }));
        Reporting judge(settings, {*engine, *intake, clock, log});
        for (const auto* id : {"1", "2", "3"}) {
            const reports::AggregateReport report{
                .organization = "There", .id = id, .policy = {.domain = "here.test", .policy = "none"}};
            const auto came = mail_with(to_xml(report));
            judge.visit(came.client, log)->kept(came, Judgement{}, {taken});
        }
    }
    std::vector<reports::Lost> lost() {
        return reports::losses(*engine->snapshot(engine::Scope::global())).value();
    }
    // Each job begins the next one; what is counted is counted before the last commit.
    std::vector<reports::Kept> kept_in_the_end() {
        for (int i = 0; i < 3; ++i) (void)kept();
        EXPECT_TRUE(engine->transact(engine::Scope::global(),
                                     [](engine::Transaction&) -> Result<void> { return {}; }));
        return kept();
    }
    std::promise<void> released;
};

// At a reload the judge goes, and another comes.
TEST_F(ReportsThatWaitTest, AreReadWhenNewSettingsCome) {
    released.set_value();
    EXPECT_THAT(kept_in_the_end(), SizeIs(3));
    EXPECT_THAT(lost(), IsEmpty());
}

TEST_F(ReportsThatWaitTest, AreCountedAsLostWhenTheServerEnds) {
    intake.reset();
    released.set_value();
    EXPECT_THAT(kept_in_the_end(), SizeIs(1));
    EXPECT_THAT(lost(), ElementsAre(reports::Lost{reports::Loss::unread, 2, clock.now()}));
}

TEST_F(ReportingTest, AllReportsOfAMailHaveOneBudget) {
    const reports::AggregateReport report{
        .organization = "There", .id = "7", .policy = {.domain = "here.test", .policy = "none"}};
    const auto bomb = to_base64("\x1f\x8b, and no more than that");
    const auto mail = [&](int bombs) {
        std::string text = "From: r@there.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        for (int i = 0; i < bombs; ++i)
            text += fmt::format(
                "--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                "{}\r\n",
                bomb);
        return text + fmt::format("--b\r\nContent-Type: text/xml\r\n\r\n{}\r\n--b--\r\n", to_xml(report));
    };
    auto came = mail_with("");
    came.message = std::make_shared<const std::string>(mail(2));
    tell(came, found(), taken);
    EXPECT_THAT(kept(), IsEmpty()) << "it is used up";
    came.message = std::make_shared<const std::string>(mail(1));
    tell(came, found(), taken);
    EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(ReportingTest, WhatCannotBeReadHarmsNothing) {
    for (const auto* content : {"", "<feedback", "{", "nothing"}) {
        tell(mail_with(content), found(), taken);
        EXPECT_THAT(kept(), IsEmpty()) << content;
    }
}

}  // namespace
}  // namespace hongyan::spam
