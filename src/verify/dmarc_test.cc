#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/address.h"
#include "verify/answers_for_test.h"
#include "verify/authentication.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SpfOutcome spf(SpfVerdict verdict, std::string_view domain) {
    return {.verdict = verdict, .domain = std::string(domain)};
}
DkimReport dkim(DkimVerdict verdict, std::string_view domain) {
    return {{{.verdict = verdict, .domain = std::string(domain)}}};
}
const SpfOutcome no_spf{};
const DkimReport no_dkim{};

DmarcOutcome check(TestZone& zone, std::string_view from, const SpfOutcome& spf_outcome = no_spf,
                   const DkimReport& dkim_report = no_dkim) {
    const auto mail = Mail::whole(fmt::format("From: {}\r\n\r\n", from));
    return zone.conclude<DmarcOutcome>([&](KnownAnswers& answers) {
        return check_dmarc(authors_of(mail->header()), spf_outcome, dkim_report, answers);
    });
}

// --- records (RFC 7489 §6.3)

TEST(DmarcRecord, IsReadAsFarAsItMakesSense) {
    const auto read = DmarcRecord::parse(
        "v=DMARC1; p=Reject; SP = quarantine ;np=none; adkim=s; aspf=r; pct=20; t=y; psd=n; "
        "rua=mailto:a@example.com!10m, nothing ,mailto:b@example.com; fo=1; x=y; nonsense");
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->broken);
    const auto& record = read->record;
    EXPECT_EQ(record.policy, DmarcPolicy::reject);
    EXPECT_EQ(record.subdomains, DmarcPolicy::quarantine);
    EXPECT_EQ(record.absent_subdomains, DmarcPolicy::none);
    EXPECT_EQ(record.dkim, Alignment::strict);
    EXPECT_EQ(record.spf, Alignment::relaxed);
    EXPECT_EQ(record.percent, 20U);
    EXPECT_TRUE(record.testing);
    EXPECT_EQ(record.public_suffix, false);
    EXPECT_EQ(record.failure_options, "1");
    EXPECT_THAT(record.aggregate_to, ElementsAre("mailto:a@example.com!10m", "mailto:b@example.com"));
}

TEST(DmarcRecord, SoManyUrisAreEnough) {
    std::string many, large = "mailto:" + std::string(3'000, 'a') + "@example.com";
    for (int i = 0; i < 10'000; ++i) many += "a:b,";
    EXPECT_EQ(DmarcRecord::parse("v=DMARC1; p=none; rua=" + many)->record.aggregate_to.size(), 10U);
    EXPECT_EQ(DmarcRecord::parse("v=DMARC1; p=none; ruf=" + many)->record.failures_to.size(), 10U);
    EXPECT_THAT(DmarcRecord::parse("v=DMARC1; p=none; rua=" + large + ",a:b")->record.aggregate_to,
                ElementsAre("a:b"));
}

// RFC 7489 §6.3: fo.
TEST(DmarcRecord, SaysWhichFailuresAreToBeToldOf) {
    const auto options = [](std::string_view text) {
        return DmarcRecord::parse(fmt::format("v=DMARC1; p=none; fo={}", text))->record.failure_options;
    };
    EXPECT_EQ(DmarcRecord::parse("v=DMARC1; p=none")->record.failure_options, "0");
    EXPECT_EQ(options("1:d:s"), "1:d:s");
    EXPECT_EQ(options(" D : x : d :1"), "d:1");
    EXPECT_EQ(options("none"), "0");
    EXPECT_EQ(options(""), "0");
}

TEST(DmarcRecord, ItsVersionComesFirstAndIsThis) {
    for (const auto* text : {"", "v=DMARC2; p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=spf1 -all",
                             "v=DMARC1.0", " v=DMARC1; p=none", "\tv=DMARC1; p=none", "\"v=DMARC1; p=none\"",
                             "v=DMARC1 p=none", "v=DMARC1\n; p=none", "v", "v=", "; v=DMARC1", "vv=DMARC1"})
        EXPECT_FALSE(DmarcRecord::parse(text)) << text;
    for (const auto* text : {"v=DMARC1;p=none", "V = DMARC1 ; p=none;", "v\t=\tDMARC1\t;p=none", "v=DMARC1",
                             "v=DMARC1;; p=none"})
        EXPECT_TRUE(DmarcRecord::parse(text)) << text;
}

// RFC 7489 §6.6.3, step 6.
TEST(DmarcRecord, WithoutAPolicyItIsNoneIfSomebodyIsToHear) {
    EXPECT_TRUE(DmarcRecord::parse("v=DMARC1; p=perhaps")->broken);
    EXPECT_TRUE(DmarcRecord::parse("v=DMARC1")->broken);
    EXPECT_TRUE(DmarcRecord::parse("v=DMARC1; p=reject; sp=perhaps")->broken);
    EXPECT_TRUE(DmarcRecord::parse("v=DMARC1; p=reject; np=perhaps")->broken);
    for (const auto* text : {"v=DMARC1; p=perhaps; rua=mailto:a@example.com",
                             "v=DMARC1; p=reject; sp=perhaps; rua=mailto:a@example.com",
                             "v=DMARC1; p=reject; np=perhaps; rua=mailto:a@example.com"}) {
        const auto read = DmarcRecord::parse(text);
        EXPECT_FALSE(read->broken) << text;
        EXPECT_EQ(read->record.policy, DmarcPolicy::none) << text;
    }
}

// As OpenDMARC and authheaders have it.
TEST(DmarcRecord, AWishWithoutAValueIsNone) {
    const auto read = DmarcRecord::parse("v=DMARC1; p=reject; sp=");
    EXPECT_FALSE(read->broken);
    EXPECT_EQ(read->record.policy_for(DmarcRecord::Whose::subdomain), DmarcPolicy::reject);
    EXPECT_TRUE(DmarcRecord::parse("v=DMARC1; p=; sp=reject")->broken);
}

// --- alignment (RFC 7489 §3.1)

struct AlignmentRow {
    const char* record_at;
    const char* record;
    const char* from;
    const char* authenticated;
    bool aligned;
};

// RFC 7489 §3.1.1, §3.1.2: where not the domains are equal, the organizations of both must be. Whoever gets a
// name below a public suffix does not speak for the suffix.
TEST(Dmarc, IdentifiersAlignOrDoNot) {
    constexpr AlignmentRow rows[] = {
        {"example.com", "v=DMARC1; p=reject", "example.com", "example.com", true},
        {"example.com", "v=DMARC1; p=reject", "example.com", "EXAMPLE.com", true},
        {"example.com", "v=DMARC1; p=reject", "example.com", "news.example.com", true},
        {"example.com", "v=DMARC1; p=reject", "news.example.com", "example.com", true},
        {"example.com", "v=DMARC1; p=reject", "news.example.com", "mail.example.com", true},
        {"example.com", "v=DMARC1; p=reject; adkim=s; aspf=s", "example.com", "news.example.com", false},
        {"example.com", "v=DMARC1; p=reject; adkim=s; aspf=s", "example.com", "example.com", true},
        {"example.com", "v=DMARC1; p=reject", "example.com", "example.net", false},
        {"example.com", "v=DMARC1; p=reject", "example.com", "notexample.com", false},
        {"example.com", "v=DMARC1; p=reject", "example.com", "com", false},
        {"github.io", "v=DMARC1; p=reject", "github.io", "attacker.github.io", false},
        {"github.io", "v=DMARC1; p=reject", "github.io", "x.attacker.github.io", false},
        {"github.io", "v=DMARC1; p=reject", "github.io", "github.io", true},
        {"attacker.github.io", "v=DMARC1; p=reject", "attacker.github.io", "github.io", false},
        {"co.uk", "v=DMARC1; p=reject", "co.uk", "attacker.co.uk", false},
        {"gov.uk", "v=DMARC1; p=reject", "gov.uk", "council.gov.uk", false},
        {"amazonaws.com", "v=DMARC1; p=reject", "amazonaws.com", "evil.s3.amazonaws.com", false},
        {"amazonaws.com", "v=DMARC1; p=reject", "evil.s3.amazonaws.com", "amazonaws.com", false},
        {"amazonaws.com", "v=DMARC1; p=reject", "x.amazonaws.com", "y.amazonaws.com", true},
        {"psdy.zzz", "v=DMARC1; p=reject; psd=y", "psdy.zzz", "x.psdy.zzz", false},
        {"psdy.zzz", "v=DMARC1; p=reject; psd=y", "psdy.zzz", "psdy.zzz", true},
        {"psdy.zzz", "v=DMARC1; p=reject; psd=y", "x.psdy.zzz", "psdy.zzz", false},
        {"psdy.zzz", "v=DMARC1; p=reject; psd=y", "a.x.psdy.zzz", "b.x.psdy.zzz", true},
        {"psdy.zzz", "v=DMARC1; p=reject; psd=y", "a.x.psdy.zzz", "b.y.psdy.zzz", false},
        {"l3.zzz", "v=DMARC1; p=reject; psd=y", "l9.l8.l7.l6.l5.l4.l3.zzz", "x.l4.l3.zzz", true},
        {"uk", "v=DMARC1; p=reject; psd=y", "one.co.uk", "two.co.uk", false},
    };
    for (const auto& row : rows) {
        TestZone zone;
        zone.text(fmt::format("_dmarc.{}", row.record_at), row.record);
        const auto from = fmt::format("a@{}", row.from);
        const auto by_spf = [&](SpfVerdict verdict) {
            return check(zone, from, spf(verdict, row.authenticated)).spf_aligned;
        };
        const auto by_dkim = [&](DkimVerdict verdict) {
            return check(zone, from, no_spf, dkim(verdict, row.authenticated)).dkim_aligned;
        };
        EXPECT_EQ(by_spf(SpfVerdict::pass), row.aligned) << row.from << " " << row.authenticated;
        EXPECT_EQ(by_dkim(DkimVerdict::pass), row.aligned) << row.from << " " << row.authenticated;
        EXPECT_FALSE(by_spf(SpfVerdict::softfail)) << row.from << " " << row.authenticated;
        EXPECT_FALSE(by_dkim(DkimVerdict::fail)) << row.from << " " << row.authenticated;
    }
}

// --- policies

TEST(Dmarc, SubdomainsHaveWishesOfTheirOwn) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=none; sp=quarantine; np=reject")
        .address("there.example.com", "192.0.2.1");
    EXPECT_EQ(check(zone, "a@example.com").policy, DmarcPolicy::none);
    EXPECT_EQ(check(zone, "a@there.example.com").policy, DmarcPolicy::quarantine);
    EXPECT_EQ(check(zone, "a@absent.example.com").policy, DmarcPolicy::reject);
    zone.text("_dmarc.there.example.com", "v=DMARC1; p=reject; sp=none");
    EXPECT_EQ(check(zone, "a@there.example.com").policy, DmarcPolicy::reject);
    EXPECT_EQ(check(zone, "a@there.example.com").record_domain, "there.example.com");
}

// RFC 7489 §6.6.4; RFC 9989 for t=y.
TEST(Dmarc, SomeFailuresAreTreatedMilder) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject; pct=30")
        .text("_dmarc.example.org", "v=DMARC1; p=quarantine; t=y");
    EXPECT_EQ(check(zone, "a@example.com").disposition(29), DmarcPolicy::reject);
    EXPECT_EQ(check(zone, "a@example.com").disposition(30), DmarcPolicy::quarantine);
    EXPECT_EQ(check(zone, "a@example.org").disposition(0), DmarcPolicy::none);
    EXPECT_EQ(check(zone, "a@example.com", spf(SpfVerdict::pass, "example.com")).disposition(0),
              DmarcPolicy::none);
}

// RFC 7489 §6.6.3, step 6.2: as if there were none. The organization is not asked either: the set was not
// empty.
TEST(Dmarc, ARecordWithoutAPolicyIsNotApplied) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject");
    for (const auto* record :
         {"v=DMARC1", "v=DMARC1; sp=reject", "v=DMARC1; p=reject; sp=perhaps", "v=DMARC1; p=x; rua=y"}) {
        TestZone own = zone;
        own.text("_dmarc.sub.example.com", record);
        const auto outcome = check(own, "a@sub.example.com");
        EXPECT_EQ(outcome.verdict, DmarcVerdict::none) << record;
        EXPECT_EQ(outcome.record_domain, "") << record;
        EXPECT_EQ(outcome.sentence(), "the DMARC record of sub.example.com names no policy");
    }
}

// RFC 7489 §6.6.3, steps 3 and 5: the organization is asked only if the author's domain has none at all.
TEST(Dmarc, SeveralRecordsEndTheSearch) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject")
        .text("_dmarc.two.example.com", "v=DMARC1; p=none")
        .text("_dmarc.two.example.com", "v=DMARC1; p=quarantine")
        .text("_dmarc.spf.example.com", "v=spf1 -all")
        .text("_dmarc.spf.example.com", "v=DMARC2; p=none");
    EXPECT_EQ(check(zone, "a@two.example.com").verdict, DmarcVerdict::none);
    EXPECT_EQ(check(zone, "a@x.two.example.com").record_domain, "example.com");
    EXPECT_EQ(check(zone, "a@spf.example.com").record_domain, "example.com") << "these are none";
    zone.text("_dmarc.dept.example.org", "v=DMARC1; p=reject")
        .text("_dmarc.example.org", "v=DMARC1; p=reject")
        .text("_dmarc.example.org", "v=DMARC1; p=reject");
    EXPECT_EQ(check(zone, "a@x.dept.example.org").verdict, DmarcVerdict::none);
}

TEST(Dmarc, WithoutOneRecordThereIsNothingToFollow) {
    TestZone zone;
    zone.text("_dmarc.two.example", "v=DMARC1; p=reject").text("_dmarc.two.example", "v=DMARC1; p=none");
    zone.text("_dmarc.other.example", "something else");
    for (const auto* from : {"a@two.example", "a@other.example", "a@nothing.example"})
        EXPECT_EQ(check(zone, from).verdict, DmarcVerdict::none) << from;
}

// RFC 7489 §6.6.2: as long as something may still pass, nothing has failed.
TEST(Dmarc, DnsFaultsAreTemporary) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject")
        .set("_dmarc.example.org", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(check(zone, "a@example.org").verdict, DmarcVerdict::temperror);
    EXPECT_EQ(check(zone, "a@example.com", spf(SpfVerdict::temperror, "example.com")).verdict,
              DmarcVerdict::temperror);
    EXPECT_EQ(check(zone, "a@example.com", no_spf, dkim(DkimVerdict::temperror, "x.example.com")).verdict,
              DmarcVerdict::temperror);
    EXPECT_EQ(check(zone, "a@example.com", spf(SpfVerdict::temperror, "example.com"),
                    dkim(DkimVerdict::pass, "example.com"))
                  .verdict,
              DmarcVerdict::pass);
}

// Or whoever has a domain whose name servers fail could speak for any other.
TEST(Dmarc, TheFaultsOfOthersChangeNothing) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject; aspf=s");
    EXPECT_EQ(check(zone, "a@example.com", no_spf, dkim(DkimVerdict::temperror, "x.example")).verdict,
              DmarcVerdict::fail);
    EXPECT_EQ(check(zone, "a@example.com", spf(SpfVerdict::temperror, "x.example")).verdict,
              DmarcVerdict::fail);
    EXPECT_EQ(check(zone, "a@example.com", spf(SpfVerdict::temperror, "mail.example.com")).verdict,
              DmarcVerdict::fail)
        << "the domain asks for strict alignment";
}

// --- the tree walk (RFC 9989)

TEST(Dmarc, TheWalkFindsRecordsBetween) {
    TestZone zone;
    zone.text("_dmarc.dept.example.com", "v=DMARC1; p=reject; sp=quarantine");
    const auto outcome = check(zone, "a@mail.dept.example.com", spf(SpfVerdict::pass, "dept.example.com"));
    EXPECT_EQ(outcome.record_domain, "dept.example.com");
    EXPECT_EQ(outcome.policy, DmarcPolicy::quarantine);
    EXPECT_TRUE(outcome.spf_aligned);
}

// Neither RFC joins the others of the organization to a record that only the walk finds: by RFC 7489 there is
// none, by RFC 9989 the organization begins there.
TEST(Dmarc, ARecordBetweenIsOfItsOwnOrganization) {
    TestZone zone;
    zone.text("_dmarc.b.mid.com", "v=DMARC1; p=reject");
    const auto aligned = [&zone](std::string_view from, std::string_view by) {
        const auto outcome = check(zone, from, spf(SpfVerdict::pass, by));
        EXPECT_EQ(outcome.record_domain, "b.mid.com");
        EXPECT_EQ(outcome.verdict, outcome.spf_aligned ? DmarcVerdict::pass : DmarcVerdict::fail);
        return outcome.spf_aligned;
    };
    EXPECT_FALSE(aligned("a@a.b.mid.com", "c.mid.com"));
    EXPECT_FALSE(aligned("a@a.b.mid.com", "mid.com"));
    EXPECT_TRUE(aligned("a@a.b.mid.com", "b.mid.com"));
    EXPECT_TRUE(aligned("a@a.b.mid.com", "x.y.b.mid.com"));
    EXPECT_TRUE(aligned("a@b.mid.com", "c.mid.com")) << "his own record: the list tells (RFC 7489 §3.2)";
    zone.text("_dmarc.c.mid.com", "v=DMARC1; p=reject");
    EXPECT_FALSE(aligned("a@a.b.mid.com", "c.mid.com"));
    zone.text("_dmarc.mid.com", "v=DMARC1; p=quarantine");
    const auto outcome = check(zone, "a@a.b.mid.com", spf(SpfVerdict::pass, "c.mid.com"));
    EXPECT_EQ(outcome.record_domain, "mid.com");
    EXPECT_TRUE(outcome.spf_aligned);
}

// RFC 7489 asks the author's domain and his organization only.
TEST(Dmarc, FaultsBetweenDoNotMatterWhereTheOrganizationSpeaks) {
    TestZone zone;
    zone.set("_dmarc.b.example.com", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(check(zone, "a@a.b.example.com").verdict, DmarcVerdict::temperror);
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject");
    EXPECT_EQ(check(zone, "a@a.b.example.com").verdict, DmarcVerdict::fail);
    EXPECT_EQ(check(zone, "a@a.b.example.com", spf(SpfVerdict::pass, "b.example.com")).verdict,
              DmarcVerdict::pass);
}

// RFC 9091 §3.4: first the author's, then the organization's, then the suffix's.
TEST(Dmarc, ThePublicSuffixIsHeardLast) {
    TestZone zone;
    zone.text("_dmarc.gov.example", "v=DMARC1; p=none; sp=reject; psd=y")
        .text("_dmarc.tax.gov.example", "v=DMARC1; p=quarantine");
    EXPECT_EQ(check(zone, "a@x.tax.gov.example").record_domain, "tax.gov.example");
    EXPECT_EQ(check(zone, "a@x.roads.gov.example").record_domain, "gov.example");
    EXPECT_EQ(check(zone, "a@gov.example").policy, DmarcPolicy::none);
}

// A suffix that no list knows speaks for those below it, and they are strangers to each other (RFC 9091).
TEST(Dmarc, APublicSuffixSpeaksForWhatIsBelow) {
    TestZone zone;
    zone.text("_dmarc.gov.example", "v=DMARC1; p=none; sp=reject; psd=y");
    const auto outcome = check(zone, "a@x.tax.gov.example", spf(SpfVerdict::pass, "tax.gov.example"));
    EXPECT_EQ(outcome.record_domain, "gov.example");
    EXPECT_EQ(outcome.policy, DmarcPolicy::reject);
    EXPECT_TRUE(outcome.spf_aligned);
    EXPECT_FALSE(check(zone, "a@tax.gov.example", spf(SpfVerdict::pass, "roads.gov.example")).spf_aligned);
    zone.text("_dmarc.tax.gov.example", "v=DMARC1; p=none");
    EXPECT_FALSE(check(zone, "a@tax.gov.example", spf(SpfVerdict::pass, "roads.gov.example")).spf_aligned);
    EXPECT_TRUE(check(zone, "a@tax.gov.example", spf(SpfVerdict::pass, "mail.tax.gov.example")).spf_aligned);
}

// A department that says so is an organization of its own.
TEST(Dmarc, ADepartmentMayStandAlone) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=none")
        .text("_dmarc.lab.example.com", "v=DMARC1; p=reject; psd=n");
    const auto outcome = check(zone, "a@x.lab.example.com", spf(SpfVerdict::pass, "example.com"));
    EXPECT_EQ(outcome.record_domain, "lab.example.com");
    EXPECT_FALSE(outcome.spf_aligned);
    EXPECT_FALSE(check(zone, "a@example.com", spf(SpfVerdict::pass, "x.lab.example.com")).spf_aligned);
    EXPECT_TRUE(check(zone, "a@x.lab.example.com", spf(SpfVerdict::pass, "y.lab.example.com")).spf_aligned);
}

// Whoever is above the organization cannot keep it from being heard.
TEST(Dmarc, FaultsAboveTheOrganizationDoNotMatter) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject")
        .set("_dmarc.com", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(check(zone, "a@sub.example.com").verdict, DmarcVerdict::fail);
}

TEST(Dmarc, LongNamesLeapToSevenLabels) {
    TestZone zone;
    EXPECT_EQ(check(zone, "a@l12.l11.l10.l9.l8.l7.l6.l5.l4.l3.example.com").verdict, DmarcVerdict::none);
    EXPECT_LE(zone.asked, 9);
}

// --- authors (RFC 7489 §6.6.1)

DmarcOutcome check_header(TestZone& zone, std::string_view header, const SpfOutcome& spf_outcome = no_spf) {
    const auto mail = Mail::whole(fmt::format("{}\r\n", header));
    return zone.conclude<DmarcOutcome>([&](KnownAnswers& answers) {
        return check_dmarc(authors_of(mail->header()), spf_outcome, no_dkim, answers);
    });
}

TEST(Dmarc, OfSeveralAuthorsTheStrictestFailureCounts) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject").text("_dmarc.example.org", "v=DMARC1; p=none");
    EXPECT_EQ(check(zone, "nobody: ;").verdict, DmarcVerdict::none);
    const auto outcome = check(zone, "a@example.org, b@example.com", spf(SpfVerdict::pass, "example.org"));
    EXPECT_EQ(outcome.verdict, DmarcVerdict::fail);
    EXPECT_EQ(outcome.domain, "example.com");
    EXPECT_EQ(outcome.unclear_author, "");
    EXPECT_EQ(check(zone, "\"x@example.net\" <a@example.com>").domain, "example.com");
}

// What is too much to be read is not taken for what was read of it.
TEST(Dmarc, BehindTenThousandAuthorsTheAuthorIsUnclear) {
    TestZone zone;
    std::string authors;
    for (std::size_t i = 0; i < message::max_listed_addresses; ++i) authors += "x@e.x,";
    const auto outcome = check(zone, authors + "ceo@ceo.com", spf(SpfVerdict::pass, "e.x"));
    EXPECT_EQ(outcome.verdict, DmarcVerdict::permerror);
    EXPECT_EQ(outcome.unclear_author, "its From names too many authors");
}

TEST(Dmarc, BehindMuchTextTheAuthorIsUnclear) {
    TestZone zone;
    for (const auto& before : {std::string(140'000, ' '), std::string(140'000, '@')}) {
        const auto outcome =
            check(zone, "x@evil.com," + before + "<ceo@ceo.com>", spf(SpfVerdict::pass, "evil.com"));
        EXPECT_EQ(outcome.verdict, DmarcVerdict::permerror);
        EXPECT_EQ(outcome.unclear_author, "its From is longer than 131072 bytes");
    }
}

struct UnclearRow {
    const char* from;  // the value, or several fields
    DmarcVerdict verdict;
};

// Whoever hides the author does not escape what the author's domain asks for.
TEST(Dmarc, AnAuthorWhoIsHardToReadIsJudged) {
    using enum DmarcVerdict;
    constexpr UnclearRow rows[] = {
        {"ceo@ceo.com\r\nFrom: x@evil.com", fail},
        {"x@evil.com\r\nFROM : ceo@ceo.com", fail},
        {"ceo@ceo.com\r\nFrom: ceo@ceo.com", fail},
        {"ceo@ceo.com, a@1.com, a@2.com, a@3.com, a@4.com, a@5.com, a@6.com, a@7.com, a@8.com", fail},
        {"ceo@ceo.com (Chief", fail},
        {"ceo@ceo.com (Chief <x@evil.com>", fail},
        {"x@evil.com, ceo@ceo.com (Chief", fail},
        {"ceo@ceo.com <>", fail},
        {"<> ceo@ceo.com", fail},
        {"[ceo@ceo.com]", fail},
        {"ceo@ceo.com x@evil.com", fail},
        {"Chief ceo@ceo.com via x@evil.com", fail},
        {"\"ceo@ceo.com\" x@evil.com", fail},
        {"<x@evil.com> ceo@ceo.com", fail},
        {"x@evil.com, <x@evil.com> (Chief) ceo@ceo.com", fail},
        {"ceo@ceo.com@evil.com", fail},
        {"\"\"ceo@ceo.com@evil.com", fail},
        {"Chief <ceo@ceo.com@evil.com>", fail},
        {"ceo@ceo.com\rX", fail},
        {"ceo@\xf0\x9f\x98\x80.ceo.com", fail},     // an emoji
        {"ceo@a.\xe2\x80\x8b.ceo.com", fail},       // U+200B
        {"ceo@ab--cd.\xe4\xb8\xad.ceo.com", fail},  // no A-label beside one that could be
        {"ceo@\xff.ceo.com", fail},                 // no UTF-8
        {"ceo@..ceo.com", fail},
        // None of these can be read, or only what evil.com vouches for.
        {"x@evil.com\r\nFrom: y@evil.com", permerror},
        {"a@1.com, a@2.com, a@3.com, a@4.com, a@5.com, a@6.com, a@7.com, a@8.com, ceo@ceo.com", permerror},
        {"x@evil.com (Chief", permerror},
        {"x@evil.com, ceo@[ceo.com]", permerror},
        {"x@\xf0\x9f\x98\x80.evil.com", permerror},
        {"x@\xf0\x9f\x98\x80.com", none},
        {"ceo@[ceo.com]", none},
        {"ceo", none},
        {"", none},
        {"Nobody: ;", none},
        {"ceo@ceo.com <x@[192.0.2.1]>", none},
    };
    TestZone zone;
    zone.text("_dmarc.ceo.com", "v=DMARC1; p=reject").text("_dmarc.evil.com", "v=DMARC1; p=none");
    for (const auto& row : rows) {
        const auto outcome =
            check_header(zone, fmt::format("From: {}\r\n", row.from), spf(SpfVerdict::pass, "evil.com"));
        EXPECT_EQ(outcome.verdict, row.verdict) << row.from;
        EXPECT_NE(outcome.unclear_author, "") << row.from;
        if (row.verdict == fail) EXPECT_EQ(outcome.disposition(0), DmarcPolicy::reject) << row.from;
        if (row.verdict != fail) EXPECT_FALSE(outcome.spf_aligned) << row.from;
    }
    const auto long_label = fmt::format("From: a@{}.ceo.com\r\n", std::string(64, 'x'));
    EXPECT_EQ(check_header(zone, long_label).verdict, fail);
    EXPECT_EQ(check_header(zone, "Subject: x\r\n").verdict, permerror);
    EXPECT_EQ(check_header(zone, "Subject: x\r\n").unclear_author, "the header has 0 From fields, not one");
}

TEST(Dmarc, WhoIsPlainToReadIsTold) {
    TestZone zone;
    for (const auto* from :
         {"ceo@ceo.com", "Doe, John <john@ceo.com>", "Sad :( <ceo@ceo.com>",
          "ceo@ceo.com (Chief (Executive))", "ceo@ceo.com (Chief (Executive)", "\"(\" <ceo@ceo.com>",
          "a@1.com, b@2.com", "Ann Lee a@ceo.com", "a@ceo.com b@ceo.com", "a@ceo.com <b@1.com>",
          "b@1.com (a@ceo.com)", "\"a@b\"@ceo.com", "<@1.com,@2.com:a@ceo.com>", "Friends: a@1.com, b@2.com;",
          "\"a@b.com\" <ceo@ceo.com>"})
        EXPECT_EQ(check(zone, from).unclear_author, "") << from;
}

// What DNS cannot be asked for is below the domain that it can, and does not exist.
TEST(Dmarc, ANameThatCannotBeAskedForIsASubdomain) {
    TestZone zone;
    zone.text("_dmarc.ceo.com", "v=DMARC1; p=none; sp=quarantine; np=reject")
        .text("_dmarc.ceo.org", "v=DMARC1; p=none; sp=quarantine");
    EXPECT_EQ(check(zone, "a@\xf0\x9f\x98\x80.ceo.com").policy, DmarcPolicy::reject);
    EXPECT_EQ(check(zone, "a@\xf0\x9f\x98\x80.ceo.org").policy, DmarcPolicy::quarantine);
    EXPECT_EQ(check(zone, "a@\xf0\x9f\x98\x80.x.ceo.org").policy, DmarcPolicy::quarantine);
}

TEST(Dmarc, AFromFieldThatIsMadeToBeDearIsNot) {
    TestZone zone;
    std::string labels, authors, signs(100'000, '@');
    for (int i = 0; i < 50'000; ++i) labels += "\xff.";
    for (int i = 0; i < 5'000; ++i) authors += "a@\xff.\xff.\xff.\xff.ceo.com, ";
    EXPECT_EQ(check(zone, "a@" + labels + "ceo.com").domain, "ceo.com");
    EXPECT_EQ(check(zone, authors).domain, "ceo.com");
    EXPECT_EQ(check(zone, signs + " <>").verdict, DmarcVerdict::none);
    EXPECT_EQ(check(zone, signs + " a@ceo.com").domain, "ceo.com");
    std::string strangers;
    for (int i = 0; i < 10'000; ++i) strangers += fmt::format("a@d{}.com ", i);
    EXPECT_NE(check(zone, strangers).unclear_author, "");
    EXPECT_LE(zone.asked, 50);
}

// RFC 8616 §6
TEST(Dmarc, InternationalAuthorsAreSoughtByTheirALabels) {
    TestZone zone;
    zone.text("_dmarc.xn--fsqu00a.xn--0zwm56d", "v=DMARC1; p=reject");
    EXPECT_EQ(check(zone, "李 <li@例子.测试>", spf(SpfVerdict::pass, "例子.测试")).verdict,
              DmarcVerdict::pass);
}

TEST(Dmarc, SaysItInASentence) {
    TestZone zone;
    zone.text("_dmarc.example.com", "v=DMARC1; p=reject");
    EXPECT_EQ(check(zone, "a@example.com", no_spf, dkim(DkimVerdict::pass, "example.com")).sentence(),
              "from example.com, which asks to reject failures; passed by DKIM");
    EXPECT_EQ(check(zone, "a@example.com").sentence(),
              "from example.com, which asks to reject failures; neither SPF nor DKIM vouch for it");
}

// --- iprev (RFC 8601 §3)

TEST(Iprev, ANameMustLeadBack) {
    const auto client = dns::IpAddress::parse("192.0.2.1").value();
    const auto name = dns::Name::parse("mail.example.com").value();
    const auto run = [&](TestZone& zone) {
        return zone.conclude<IprevOutcome>(
            [&](KnownAnswers& answers) { return check_iprev(client, answers); });
    };
    TestZone zone;
    EXPECT_EQ(run(zone).verdict, IprevVerdict::permerror);
    zone.add("1.2.0.192.in-addr.arpa", dns::Ptr{name});
    EXPECT_EQ(run(zone), (IprevOutcome{IprevVerdict::fail, "mail.example.com"}));
    zone.address("mail.example.com", "192.0.2.1");
    EXPECT_EQ(run(zone), (IprevOutcome{IprevVerdict::pass, "mail.example.com"}));
    zone.set("mail.example.com", dns::Type::a, dns::Status::failed);
    TestZone down;
    down.set("1.2.0.192.in-addr.arpa", dns::Type::ptr, dns::Status::failed);
    EXPECT_EQ(run(down).verdict, IprevVerdict::temperror);
}

// --- Authentication-Results (RFC 8601)

struct HostRow {
    const char* value;
    const char* host;  // null: it cannot be read
};

TEST(AuthenticationResults, TheHostIsReadThroughCommentsAndQuotes) {
    constexpr HostRow rows[] = {
        {" mx.example.com; none", "mx.example.com"},
        {"mx.example.com 1; spf=pass", "mx.example.com"},
        {"\r\n\t(a (nested) \\) comment) mx.example.com(b);none", "mx.example.com"},
        {" \"mx.example.com\" ; none", "mx.example.com"},
        {" \"mx.ex\\ample.com\"; none", "mx.example.com"},
        {" mx.example.com", "mx.example.com"},
        {"", nullptr},
        {"; none", nullptr},
        {"(never closed", nullptr},
        {"\"never closed", nullptr},
    };
    for (const auto& row : rows) {
        const auto host = results_host(row.value);
        EXPECT_EQ(host.value_or("-"), row.host == nullptr ? "-" : row.host) << row.value;
    }
}

// RFC 8601 §5
TEST(AuthenticationResults, WhatClaimsToBeOursIsTakenOut) {
    const std::string others = "Authentication-Results: mx.other.example; spf=pass\r\n";
    const std::string header = "Authentication-Results: mx.example.com; spf=pass\r\n" + others +
                               "authentication-results: (x) MX.EXAMPLE.COM 1;\r\n dkim=pass\r\nFrom: "
                               "a\r\nAuthentication-Results: \"?\r\n";
    const std::string hosts[] = {"mx.example.com", "example.com"};
    EXPECT_EQ(without_forged_results(header + "\r\n", hosts), others + "From: a\r\n\r\n");
    EXPECT_EQ(without_forged_results(others, hosts), others);
}

TEST(AuthenticationResults, SayAllThatWasFound) {
    TestZone zone;
    zone.text("example.com", "v=spf1 ip4:192.0.2.1 -all").text("_dmarc.example.com", "v=DMARC1; p=reject");
    const SpfQuery query{.client = dns::IpAddress::parse("192.0.2.1").value(),
                         .helo = "mail.example.com",
                         .sender = "\"a b\"@example.com"};
    const auto mail = Mail::whole("From: a@example.com\r\n\r\n");
    const auto found = zone.conclude<Authentication>(Authenticating(*mail, query, Instant{}));
    EXPECT_EQ(found.sentence(query), "From example.com, which asks to reject failures; passed by SPF.");
    EXPECT_EQ(found.results("mx.example.org", query, found.dmarc.disposition(0)),
              "Authentication-Results: mx.example.org;\r\n"
              "\tspf=pass (192.0.2.1 may send for example.com  ip4:192.0.2.1 )\r\n"
              "\t smtp.mailfrom=\"\\\"a b\\\"@example.com\";\r\n"
              "\tspf=none (mail.example.com has no SPF record)\r\n"
              "\t smtp.helo=mail.example.com;\r\n"
              "\tdkim=none;\r\n"
              "\tdmarc=pass (p=reject dis=none)\r\n"
              "\t header.from=example.com;\r\n"
              "\tiprev=permerror\r\n"
              "\t policy.iprev=192.0.2.1\r\n");
    EXPECT_EQ(authentication_results("mx.example.org", {}), "mx.example.org; none");
}

}  // namespace
}  // namespace hongyan::verify
