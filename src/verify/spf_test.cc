#include "verify/spf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/answers_for_test.h"

namespace hongyan::verify {
namespace {

using testing::HasSubstr;

SpfQuery query_from(std::string_view client, std::string_view sender,
                    std::string_view helo = "mail.example.org") {
    return {.client = dns::IpAddress::parse(client).value(),
            .helo = std::string(helo),
            .sender = std::string(sender)};
}

SpfOutcome check(TestZone& zone, const SpfQuery& query, SpfIdentity identity = SpfIdentity::mail_from) {
    return zone.conclude<SpfOutcome>(
        [&](KnownAnswers& answers) { return check_spf(query, identity, answers); });
}

SpfVerdict verdict(TestZone& zone, std::string_view client, std::string_view sender) {
    return check(zone, query_from(client, sender)).verdict;
}

TEST(Spf, NamesWhatDecided) {
    TestZone zone;
    zone.text("example.com", "v=spf1 ip4:192.0.2.0/24 -all");
    const auto query = query_from("198.51.100.7", "ann@example.com");
    const auto outcome = check(zone, query);
    EXPECT_EQ(outcome.verdict, SpfVerdict::fail);
    EXPECT_EQ(outcome.mechanism, "-all");
    EXPECT_EQ(outcome.sentence(query), "198.51.100.7 may not send for example.com (-all)");
    EXPECT_EQ(check(zone, query_from("192.0.2.77", "ann@example.com")).mechanism, "ip4:192.0.2.0/24");
}

// RFC 7208 §2.4: without a sender it is the HELO name.
TEST(Spf, ANullReversePathHasHeloChecked) {
    TestZone zone;
    zone.text("mail.example.org", "v=spf1 ip4:192.0.2.1 exp=why.example.org -all")
        .text("why.example.org", "%{s} %{o}");
    const auto outcome = check(zone, query_from("192.0.2.2", ""));
    EXPECT_EQ(outcome.identity, SpfIdentity::helo);
    EXPECT_EQ(outcome.verdict, SpfVerdict::fail);
    EXPECT_EQ(outcome.explanation, "postmaster@mail.example.org mail.example.org");
}

TEST(Spf, HeloIsCheckedBesideASenderIfThatIsWanted) {
    TestZone zone;
    zone.text("mail.example.org", "v=spf1 a -all").address("mail.example.org", "192.0.2.1");
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "ann@example.com"), SpfIdentity::helo).verdict,
              SpfVerdict::pass);
    EXPECT_EQ(
        check(zone, query_from("192.0.2.1", "ann@example.com", "[192.0.2.1]"), SpfIdentity::helo).verdict,
        SpfVerdict::none);
}

// RFC 7208 §7.3: labels go on the left, and what they would come of is not even made.
TEST(Spf, TooLongANameIsCutOnItsLeft) {
    std::string macros = "exists:", name;
    for (int i = 0; i < 5'000; ++i) macros += "%{d}.";
    for (int i = 0; i < 100; ++i) name += "example.com.";
    name += "x.test";
    while (name.size() > dns::Name::longest) name.erase(0, name.find('.') + 1);
    for (const auto* last : {"x.test", "x.test."}) {
        TestZone zone;
        zone.text("example.com", fmt::format("v=spf1 {}{} -all", macros, last)).address(name, "192.0.2.1");
        EXPECT_EQ(verdict(zone, "192.0.2.9", "ann@example.com"), SpfVerdict::pass) << last;
    }
}

// RFC 7208 §6.2: it becomes part of a reply.
TEST(Spf, AnExplanationEndsWhereItGetsTooLong) {
    constexpr std::size_t enough = 2'000;
    std::string many, little = "%{d}";
    for (int i = 0; i < 5'000; ++i) many += "%{d} ";
    const std::string literal(30'000, 'a');
    for (const auto& text : {many, literal, little + literal, many.substr(0, 1'000) + literal,
                             std::string(1'990, 'a') + "%{S}%{S}"}) {
        TestZone zone;
        zone.text("example.com", "v=spf1 exp=why.example.com -all").text("why.example.com", text);
        const auto explanation = check(zone, query_from("192.0.2.9", "ann@example.com")).explanation;
        EXPECT_EQ(explanation.size(), enough) << text.substr(0, 20);
        EXPECT_THAT(explanation, testing::StartsWith(text.starts_with('a') ? "aaaa" : "example.com"));
    }
}

// RFC 8616 §4: U-labels are A-labels first; terms with a local part that is not ASCII match nothing.
TEST(Spf, InternationalSendersAreCheckedByTheirALabels) {
    TestZone zone;
    zone.text("xn--fsqu00a.xn--0zwm56d", "v=spf1 exists:%{l}.users.example.com exists:%{o}.example.com -all")
        .address("xn--fsqu00a.xn--0zwm56d.example.com", "127.0.0.2");
    const auto outcome = check(zone, query_from("192.0.2.1", "用户@例子.测试"));
    EXPECT_EQ(outcome.verdict, SpfVerdict::pass);
    EXPECT_EQ(outcome.mechanism, "exists:%{o}.example.com");
}

// RFC 8616 §4: so are names of HELO, though nobody may say them so; in %{h} too.
TEST(Spf, InternationalHeloNamesAreCheckedByTheirALabels) {
    TestZone zone;
    zone.text("xn--fiq228c.example", "v=spf1 exists:%{h}.helo.example.com -all")
        .text("example.com", "v=spf1 exists:%{h}.helo.example.com -all")
        .address("xn--fiq228c.example.helo.example.com", "127.0.0.2");
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "", "中文.example")).verdict, SpfVerdict::pass);
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "", "中文.example")).domain, "xn--fiq228c.example");
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "ann@example.com", "中文.example")).verdict,
              SpfVerdict::pass);
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "ann@example.com", "中文..example")).verdict,
              SpfVerdict::fail);
}

// RFC 7208 §4.3: one empty label may stand at the end, and changes nothing; two are malformed.
TEST(Spf, OneDotMayStandAtTheEndOfADomain) {
    TestZone zone;
    for (const auto* macro : {"o", "d", "h", "or", "o1", "s"})
        zone.text(fmt::format("{}.example", macro),
                  fmt::format("v=spf1 exists:%{{{}}}.x.example.com -all", macro));
    for (const auto* name : {"o.example", "d.example", "h.example", "example.or", "example", "ann@s.example",
                             "postmaster@s.example"})
        zone.address(fmt::format("{}.x.example.com", name), "127.0.0.2");
    for (const auto* macro : {"o", "d", "h", "or", "o1", "s"})
        for (const auto* dot : {"", "."}) {
            const auto domain = fmt::format("{}.example{}", macro, dot);
            const auto outcome = check(zone, query_from("192.0.2.1", "ann@" + domain, domain));
            EXPECT_EQ(outcome.verdict, SpfVerdict::pass) << domain;
            EXPECT_EQ(outcome.domain, fmt::format("{}.example", macro));
            EXPECT_EQ(check(zone, query_from("192.0.2.1", "", domain)).verdict, SpfVerdict::pass) << domain;
            EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@" + domain + ".."), SpfVerdict::none) << domain;
            EXPECT_EQ(check(zone, query_from("192.0.2.1", "", domain + "..")).verdict, SpfVerdict::none);
        }
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@d.example.."), SpfVerdict::none);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@."), SpfVerdict::none);
}

// What a macro makes with an empty label is no name, and does not match (RFC 7208 §4.8).
TEST(Spf, NoDotIsTakenAwayTwice) {
    TestZone zone;
    zone.text("example.com", "v=spf1 exists:%{l} include:%{l} -all")
        .text("one.example.net", "v=spf1 +all")
        .address("two.example.net", "127.0.0.2");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "\"two.example.net.\"@example.com"), SpfVerdict::permerror);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "two.example.net.@example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "two.example.net..@example.com"), SpfVerdict::permerror);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "one.example.net.@example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "one.example.net..@example.com"), SpfVerdict::permerror);
}

// RFC 7208 §6.2: an explanation becomes part of a reply in ASCII; what is not is no explanation.
TEST(Spf, AnExplanationThatNoReplyCanHoldIsNone) {
    TestZone zone;
    zone.text("example.com", "v=spf1 exp=why.example.com -all").text("why.example.com", "you are %{h}");
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "ann@example.com", "a b")).explanation, "you are a b");
    EXPECT_EQ(check(zone, query_from("192.0.2.1", "ann@example.com", "a\r\nb")).explanation, "");
}

TEST(Spf, DnsFaultsAreTemporaryAndAbsenceIsNot) {
    for (const auto trouble : {dns::Status::failed, dns::Status::bogus}) {
        TestZone zone;
        zone.text("example.com", "v=spf1 a:one.example.com -all")
            .set("one.example.com", dns::Type::a, trouble)
            .set("down.example.com", dns::Type::txt, trouble);
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), SpfVerdict::temperror);
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@down.example.com"), SpfVerdict::temperror);
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@none.example.com"), SpfVerdict::none);
    }
}

struct Row {
    const char* record;
    SpfVerdict verdict;
};

// RFC 7208 §4.6: one wrong term spoils the whole, also behind one that matches.
TEST(Spf, RecordsAreReadToTheEndFirst) {
    constexpr auto error = SpfVerdict::permerror;
    constexpr auto pass = SpfVerdict::pass;
    constexpr Row rows[] = {
        {"v=spf1 +all", pass},
        {"V=SPF1 ALL", pass},
        {"v=spf1 all all", pass},
        {"v=spf1 all nonsense", error},
        {"v=spf1 all ip4:192.0.2.0/33", error},
        {"v=spf1 all ip4:192.0.2.0/024", error},
        {"v=spf1 all ip4:192.0.2.01", error},
        {"v=spf1 all ip4:192.0.2", error},
        {"v=spf1 all ip4:::1", error},
        {"v=spf1 all ip4", error},
        {"v=spf1 all ip6:192.0.2.1", error},
        {"v=spf1 all ip6:2001:db8::/129", error},
        {"v=spf1 all ip6:2001:db8::/0128", error},
        {"v=spf1 all a/0//0", pass},
        {"v=spf1 all a//129", error},
        {"v=spf1 all a/33", error},
        {"v=spf1 all a/", error},
        {"v=spf1 all a//", error},
        {"v=spf1 all a:%{d}/", error},
        {"v=spf1 all a:", error},
        {"v=spf1 all a:x", error},
        {"v=spf1 all a:x.1", error},
        {"v=spf1 all a:x.-y", error},
        {"v=spf1 all a:x.y-", error},
        {"v=spf1 all a:x.y.", pass},
        {"v=spf1 all ptr/24", error},
        {"v=spf1 all include", error},
        {"v=spf1 all exists", error},
        {"v=spf1 all exists:%{c}.example.com", error},
        {"v=spf1 all exists:%{d0}.example.com", error},
        {"v=spf1 all exists:%{dx}.example.com", error},
        {"v=spf1 all exists:%{d.example.com", error},
        {"v=spf1 all exists:%d.example.com", error},
        {"v=spf1 all exists:%{d200r.-+,/_=}", pass},
        {"v=spf1 all redirect=", error},
        {"v=spf1 all redirect=a.b redirect=a.b", error},
        {"v=spf1 all exp=a.b exp=a.b", error},
        {"v=spf1 all EXP=a.b", pass},
        {"v=spf1 all other=", pass},
        {"v=spf1 all other=%{d}%%", pass},
        {"v=spf1 all other=%", error},
        {"v=spf1 all 1other=x", error},
        {"v=spf1 all\tall", error},
        {"v=spf1\tall", SpfVerdict::none},
        {"v=spf1all", SpfVerdict::none},
        {"v=spf1", SpfVerdict::neutral},
    };
    for (const auto& row : rows) {
        TestZone zone;
        zone.text("example.com", row.record);
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), row.verdict) << row.record;
    }
}

// RFC 7208 §4.6.4
TEST(Spf, TwoVoidAnswersAreBorneAndThreeAreNot) {
    TestZone zone;
    zone.text("two.example.com", "v=spf1 a:a.example.net exists:b.example.net +all")
        .text("three.example.com", "v=spf1 a:a.example.net exists:b.example.net mx:c.example.net +all");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@two.example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@three.example.com"), SpfVerdict::permerror);
}

// RFC 7208 §4.6.4: what is limited are terms. Mail hosts of IPv4 alone are common.
TEST(Spf, MailHostsOfTheOtherFamilyMakeOneVoidTerm) {
    TestZone zone;
    zone.text("one.example.com", "v=spf1 mx:example.net ip6:2001:db8::1 -all")
        .text("two.example.com", "v=spf1 mx:example.net exists:b.example.net ip6:2001:db8::1 -all")
        .text("three.example.com",
              "v=spf1 mx:example.net exists:b.example.net a:c.example.net ip6:2001:db8::1 -all");
    for (const auto* host : {"mx1.example.net", "mx2.example.net", "mx3.example.net"}) {
        zone.add("example.net", dns::Mx{10, dns::Name::parse(host).value()}).address(host, "192.0.2.9");
    }
    EXPECT_EQ(verdict(zone, "2001:db8::1", "ann@one.example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "2001:db8::1", "ann@two.example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "2001:db8::1", "ann@three.example.com"), SpfVerdict::permerror);
}

TEST(Spf, ACircleOfIncludesEnds) {
    TestZone zone;
    zone.text("example.com", "v=spf1 include:example.com -all");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), SpfVerdict::permerror);
    EXPECT_EQ(zone.asked, 1);
}

// RFC 7208 §5: an IPv4 address in IPv6's clothes is one.
TEST(Spf, MappedAddressesAreIpv4) {
    TestZone zone;
    zone.text("example.com", "v=spf1 ip4:192.0.2.1 -all");
    EXPECT_EQ(verdict(zone, "::ffff:192.0.2.1", "ann@example.com"), SpfVerdict::pass);
}

TEST(ReceivedSpf, QuotesWhatTheClientSaid) {
    TestZone zone;
    zone.text("example.com", "v=spf1 -all");
    const auto query = query_from("2001:db8::1", "\"a\\b\"@example.com", "x\r\nY: (evil");
    const auto field = received_spf(query, check(zone, query));
    EXPECT_EQ(field,
              "Received-SPF: fail (2001:db8::1 may not send for example.com  -all )\r\n"
              "\treceiver=\"unknown\"; identity=mailfrom;\r\n"
              "\tclient-ip=\"2001:db8::1\"; helo=\"x??Y: (evil\";\r\n"
              "\tenvelope-from=\"\\\"a\\\\b\\\"@example.com\"; mechanism=\"-all\"\r\n");
}

// What is at hand is not asked for, and the machine comes to its end in one go.
TEST(Inquiry, GoesOnWithWhatIsAtHand) {
    const auto query = query_from("192.0.2.1", "ann@example.com");
    const auto machine = [&query](KnownAnswers& answers) {
        return check_spf(query, SpfIdentity::mail_from, answers);
    };
    std::vector<std::string> wanted;
    Inquiry<SpfOutcome> inquiry(machine, [&](const dns::Question& question) -> std::optional<dns::RawAnswer> {
        wanted.push_back(question.name.text());
        if (question.name.text() == "else.example") return std::nullopt;
        return dns::RawAnswer{
            .status = dns::Status::found,
            .records = {dns::Txt{"v=spf1 include:else.example ip4:192.0.2.1 -all"}.to_rdata()}};
    });
    const auto open = inquiry.questions();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.front().name.text(), "else.example");
    inquiry.answer(open.front(),
                   {.status = dns::Status::found, .records = {dns::Txt{"v=spf1 -all"}.to_rdata()}});
    EXPECT_TRUE(inquiry.questions().empty());
    EXPECT_EQ(inquiry.outcome().verdict, SpfVerdict::pass);
    EXPECT_EQ(wanted, (std::vector<std::string>{"example.com", "else.example"})) << "each once";
}

}  // namespace
}  // namespace hongyan::verify
