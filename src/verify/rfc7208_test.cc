// The examples of RFC 7208, with its own names and addresses. The rules between them are in spf_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "verify/answers_for_test.h"
#include "verify/spf.h"

namespace hongyan::verify {
namespace {

using testing::HasSubstr;

SpfOutcome check(TestZone& zone, std::string_view client, std::string_view sender,
                 std::string_view helo = "foo.example.com") {
    const SpfQuery query{.client = dns::IpAddress::parse(client).value(),
                         .helo = std::string(helo),
                         .sender = std::string(sender),
                         .receiver = "mybox.example.org"};
    return zone.conclude<SpfOutcome>(
        [&](KnownAnswers& answers) { return check_spf(query, SpfIdentity::mail_from, answers); });
}

SpfVerdict verdict(TestZone& zone, std::string_view client, std::string_view sender) {
    return check(zone, client, sender).verdict;
}

void points_to(TestZone& zone, std::string_view address, std::string_view name) {
    zone.add(dns::IpAddress::parse(address).value().reverse_name(), dns::Ptr{dns::Name::parse(name).value()});
}

void mail_host(TestZone& zone, std::string_view domain, std::uint16_t preference, std::string_view host) {
    zone.add(domain, dns::Mx{preference, dns::Name::parse(host).value()});
}

// The setup of Appendix A, without the records of SPF.
TestZone appendix_a() {
    TestZone zone;
    mail_host(zone, "example.com", 10, "mail-a.example.com");
    mail_host(zone, "example.com", 20, "mail-b.example.com");
    mail_host(zone, "example.org", 10, "mail-c.example.org");
    struct Host {
        const char* name;
        const char* address;
        const char* reverse;
    };
    constexpr Host hosts[] = {
        {"example.com", "192.0.2.10", "example.com"},
        {"example.com", "192.0.2.11", "example.com"},
        {"amy.example.com", "192.0.2.65", "amy.example.com"},
        {"bob.example.com", "192.0.2.66", "bob.example.com"},
        {"mail-a.example.com", "192.0.2.129", "mail-a.example.com"},
        {"mail-b.example.com", "192.0.2.130", "mail-b.example.com"},
        {"mail-c.example.org", "192.0.2.140", "mail-c.example.org"},
    };
    for (const auto& host : hosts) {
        zone.address(host.name, host.address);
        points_to(zone, host.address, host.reverse);
    }
    points_to(zone, "10.0.0.4", "bob.example.com");  // and has no right to
    return zone;
}

constexpr std::array every_host = {"192.0.2.10",  "192.0.2.11",  "192.0.2.65",  "192.0.2.66", "192.0.2.129",
                                   "192.0.2.130", "192.0.2.140", "192.0.2.131", "10.0.0.4",   "2001:db8::1"};

// Those of every_host that may send for the domain, each with a blank behind it.
std::string who_passes(TestZone& zone, std::string_view sender) {
    std::string passes;
    for (const auto* host : every_host)
        if (verdict(zone, host, sender) == SpfVerdict::pass) passes += fmt::format("{} ", host);
    return passes;
}

struct Publication {
    const char* record;
    std::string passes;
};

TEST(Rfc7208AppendixA, SimpleExamples) {
    const Publication rows[] = {
        {"v=spf1 +all", fmt::format("{} ", fmt::join(every_host, " "))},
        {"v=spf1 a -all", "192.0.2.10 192.0.2.11 "},
        {"v=spf1 a:example.org -all", ""},
        {"v=spf1 mx -all", "192.0.2.129 192.0.2.130 "},
        {"v=spf1 mx:example.org -all", "192.0.2.140 "},
        {"v=spf1 mx mx:example.org -all", "192.0.2.129 192.0.2.130 192.0.2.140 "},
        {"v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.129 192.0.2.130 192.0.2.140 192.0.2.131 "},
        {"v=spf1 ptr -all", "192.0.2.10 192.0.2.11 192.0.2.65 192.0.2.66 192.0.2.129 192.0.2.130 "},
        {"v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129 192.0.2.130 192.0.2.140 192.0.2.131 "},
    };
    for (const auto& row : rows) {
        auto zone = appendix_a();
        zone.text("example.com", row.record);
        EXPECT_EQ(who_passes(zone, "ann@example.com"), row.passes) << row.record;
        // All others fail, as "-all" says.
        if (row.passes.empty()) {
            EXPECT_EQ(verdict(zone, "192.0.2.65", "ann@example.com"), SpfVerdict::fail);
        }
    }
}

TEST(Rfc7208AppendixA, MultipleDomains) {
    auto zone = appendix_a();
    zone.text("example.org", "v=spf1 include:example.com include:example.net -all")
        .text("example.com", "v=spf1 mx -all")
        .text("example.net", "v=spf1 ip4:10.0.0.4 -all");
    for (const auto* city : {"la", "ny", "sf"})
        zone.text(fmt::format("{}.example.org", city), "v=spf1 redirect=example.org");
    for (const auto* domain : {"example.org", "la.example.org", "ny.example.org", "sf.example.org"})
        EXPECT_EQ(who_passes(zone, fmt::format("ann@{}", domain)), "192.0.2.129 192.0.2.130 10.0.0.4 ")
            << domain;
    EXPECT_EQ(verdict(zone, "192.0.2.140", "ann@la.example.org"), SpfVerdict::fail);
}

TEST(Rfc7208AppendixA, DnsBlacklistStyle) {
    auto zone = appendix_a();
    zone.text("example.com", "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all")
        .text("mobile-users._spf.example.com", "v=spf1 exists:%{l1r+}.%{d}")
        .text("remote-users._spf.example.com", "v=spf1 exists:%{ir}.%{l1r+}.%{d}")
        .address("mary.mobile-users._spf.example.com", "127.0.0.2")
        .address("fred.mobile-users._spf.example.com", "127.0.0.2")
        .address("15.15.168.192.joel.remote-users._spf.example.com", "127.0.0.2")
        .address("16.15.168.192.joel.remote-users._spf.example.com", "127.0.0.2");
    for (const auto* user : {"mary", "fred", "fred+lists"})
        EXPECT_EQ(verdict(zone, "198.51.100.7", fmt::format("{}@example.com", user)), SpfVerdict::pass)
            << user;
    EXPECT_EQ(verdict(zone, "192.168.15.15", "joel@example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.168.15.16", "joel@example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.168.15.17", "joel@example.com"), SpfVerdict::fail);
    EXPECT_EQ(verdict(zone, "192.168.15.15", "eve@example.com"), SpfVerdict::fail);
    EXPECT_EQ(verdict(zone, "192.0.2.129", "eve@example.com"), SpfVerdict::pass);
}

// Both: the address within the network, and names that lead there and back. A record of type SPF in the RFC
// is one of TXT here (RFC 7208 §3.1).
TEST(Rfc7208AppendixA, MultipleRequirements) {
    auto zone = appendix_a();
    zone.text("example.com", "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all")
        .text("ip4._spf.example.com", "v=spf1 -ip4:192.0.2.0/24 +all")
        .text("ptr._spf.example.com", "v=spf1 -ptr:example.com +all");
    EXPECT_EQ(who_passes(zone, "ann@example.com"),
              "192.0.2.10 192.0.2.11 192.0.2.65 192.0.2.66 192.0.2.129 192.0.2.130 ");
    EXPECT_EQ(check(zone, "10.0.0.4", "ann@example.com").mechanism, "-include:ip4._spf.%{d}");
    EXPECT_EQ(check(zone, "192.0.2.140", "ann@example.com").mechanism, "-include:ptr._spf.%{d}");
    // As it stands in the RFC "-ptr" is of <domain>, which within the include is ptr._spf.example.com: no
    // host of the setup has a name below it, and nobody passes.
    auto literally = appendix_a();
    literally.text("example.com", "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all")
        .text("ip4._spf.example.com", "v=spf1 -ip4:192.0.2.0/24 +all")
        .text("ptr._spf.example.com", "v=spf1 -ptr +all");
    EXPECT_EQ(who_passes(literally, "ann@example.com"), "");
}

// What the RFC before this one had otherwise, or did not say.
TEST(Rfc7208AppendixB, ChangesSinceTheFirstOne) {
    const auto spf = static_cast<dns::Type>(99);
    TestZone zone;
    zone.set("only99.example.com", spf, dns::Status::found);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@only99.example.com"), SpfVerdict::none) << "type SPF is gone";
    EXPECT_EQ(zone.asked, 1) << "and nobody asks for it";
    zone.text("void.example.com", "v=spf1 a:1.example.net a:2.example.net a:3.example.net +all");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@void.example.com"), SpfVerdict::permerror) << "§4.6.4";
    // §4.8: of a name that macros have made and that DNS cannot hold there is no answer, and no error.
    zone.text("macro.example.com", "v=spf1 exists:%{l}..example.com -all");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "a..b@macro.example.com"), SpfVerdict::fail);
}

struct Limit {
    const char* what;
    std::string record;
    SpfVerdict verdict;
};

std::string terms(std::string_view term, int count) {
    std::string record = "v=spf1";
    for (int i = 0; i < count; ++i) record += fmt::format(fmt::runtime(" " + std::string(term)), i);
    return record + " +all";
}

// Which terms count, and how many there may be.
TEST(Rfc7208Section4_6_4, DnsLookupLimits) {
    using enum SpfVerdict;
    const Limit rows[] = {
        {"ten of a", terms("a:h{}.example.com", 10), pass},
        {"eleven of a", terms("a:h{}.example.com", 11), permerror},
        {"ten of mx", terms("mx:m{}.example.com", 10), pass},
        {"eleven of mx", terms("mx:m{}.example.com", 11), permerror},
        {"ten of exists", terms("?exists:h{}.example.com", 10), neutral},
        {"ten of ptr", terms("ptr:p{}.example.org", 10), pass},
        {"eleven of ptr", terms("ptr:p{}.example.org", 11), permerror},
        {"ten of include", terms("include:i{}.example.com", 10), pass},
        {"eleven of include", terms("include:i{}.example.com", 11), permerror},
        {"forty networks and modifiers", terms("ip4:198.51.100.{0} ip6:2001:db8::{0} x{0}=y", 40), pass},
    };
    for (const auto& row : rows) {
        TestZone zone;
        points_to(zone, "192.0.2.1", "client.example.net");
        zone.address("client.example.net", "192.0.2.1").text("example.com", row.record);
        for (int i = 0; i < 11; ++i) {
            zone.address(fmt::format("h{}.example.com", i), "198.51.100.1")
                .text(fmt::format("i{}.example.com", i), "v=spf1 -all");
            mail_host(zone, fmt::format("m{}.example.com", i), 10, "h0.example.com");
        }
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), row.verdict) << row.what;
    }
}

// Terms of all records that are read count together, and so do include and redirect themselves.
TEST(Rfc7208Section4_6_4, TermsOfOtherRecordsCountToo) {
    TestZone zone;
    for (int i = 0; i < 6; ++i) zone.address(fmt::format("h{}.example.com", i), "198.51.100.1");
    const std::string four = "v=spf1 a:h0.example.com a:h1.example.com a:h2.example.com a:h3.example.com";
    zone.text("five.example.com", terms("a:h{}.example.com", 5))
        .text("six.example.com", terms("a:h{}.example.com", 6))
        .text("ten.example.com", four + " redirect=five.example.com")
        .text("eleven.example.com", four + " redirect=six.example.com")
        .text("10.example.com", four + " include:five.example.com")
        .text("11.example.com", four + " include:six.example.com");
    for (const auto* domain : {"ten.example.com", "10.example.com"})
        EXPECT_EQ(verdict(zone, "192.0.2.1", fmt::format("ann@{}", domain)), SpfVerdict::pass) << domain;
    for (const auto* domain : {"eleven.example.com", "11.example.com"})
        EXPECT_EQ(verdict(zone, "192.0.2.1", fmt::format("ann@{}", domain)), SpfVerdict::permerror) << domain;
}

// An mx with more than ten hosts is an error; of more names than ten of a ptr the rest is not looked at.
TEST(Rfc7208Section4_6_4, HostsOfMxAndNamesOfPtr) {
    for (const int hosts : {10, 11}) {
        TestZone zone;
        zone.text("example.com", "v=spf1 mx -all").text("example.org", "v=spf1 ptr -all");
        for (int i = 0; i < hosts; ++i) {
            const auto host = fmt::format("mx{}.example.org", i);
            mail_host(zone, "example.com", static_cast<std::uint16_t>(i), host);
            zone.address(host, i + 1 == hosts ? "192.0.2.1" : "198.51.100.1");
            points_to(zone, "192.0.2.1", host);
        }
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"),
                  hosts == 10 ? SpfVerdict::pass : SpfVerdict::permerror);
        EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.org"),
                  hosts == 10 ? SpfVerdict::pass : SpfVerdict::fail);
    }
}

// Section 5.2: a vanity domain of two others; the table of what an include makes of a result.
TEST(Rfc7208Section5, IncludeOfOthers) {
    using enum SpfVerdict;
    TestZone zone;
    zone.text("example.net", "v=spf1 include:example.com include:example.org -all")
        .text("example.com", "v=spf1 ip4:192.0.2.1 -all")
        .text("example.org", "v=spf1 ip4:192.0.2.2 -all");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.net"), pass);
    EXPECT_EQ(verdict(zone, "192.0.2.2", "ann@example.net"), pass);
    EXPECT_EQ(verdict(zone, "192.0.2.3", "ann@example.net"), fail);

    struct Included {
        const char* record;
        SpfVerdict verdict;
    };
    constexpr Included rows[] = {{"v=spf1 +all", softfail},        {"v=spf1 -all", neutral},
                                 {"v=spf1 ~all", neutral},         {"v=spf1 ?all", neutral},
                                 {"v=spf1 nonsense", permerror},   {"no record", permerror},
                                 {"v=spf1 a:down.test", temperror}};
    for (const auto& row : rows) {
        TestZone other;
        other.text("example.com", "v=spf1 ~include:x.example.com ?all")
            .text("x.example.com", row.record)
            .set("down.test", dns::Type::a, dns::Status::failed);
        EXPECT_EQ(verdict(other, "192.0.2.1", "ann@example.com"), row.verdict) << row.record;
    }
}

// Section 5.4: the implicit MX of RFC 5321 does not apply.
TEST(Rfc7208Section5, MxIsNeverImplicit) {
    TestZone zone;
    zone.text("example.com", "v=spf1 mx -all").address("example.com", "192.0.2.1");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), SpfVerdict::fail);
}

// Section 5.5: "mail.example.com" is within "example.com", "mail.bad-example.com" is not.
TEST(Rfc7208Section5, PtrIsOfLabels) {
    TestZone zone;
    zone.text("example.com", "v=spf1 ptr -all")
        .address("mail.example.com", "192.0.2.1")
        .address("mail.bad-example.com", "192.0.2.2");
    points_to(zone, "192.0.2.1", "mail.example.com");
    points_to(zone, "192.0.2.2", "mail.bad-example.com");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@example.com"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.0.2.2", "ann@example.com"), SpfVerdict::fail);
}

// Section 5.7
TEST(Rfc7208Section5, ExistsAsksForAWhateverTheClientIs) {
    TestZone zone;
    zone.text("example.net", "v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} -all")
        .address("1.2.0.192.ann._spf.example.net", "127.0.0.2")
        .text("six.example.net", "v=spf1 exists:there.example.net -all")
        .address("there.example.net", "127.0.0.2");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann+x-y@example.net"), SpfVerdict::pass);
    EXPECT_EQ(verdict(zone, "192.0.2.2", "ann@example.net"), SpfVerdict::fail);
    EXPECT_EQ(verdict(zone, "2001:db8::1", "ann@six.example.net"), SpfVerdict::pass);
}

TEST(Rfc7208Section6, RedirectWithinOneDomain) {
    TestZone zone;
    for (const auto* city : {"la", "ny", "sf"})
        zone.text(fmt::format("{}.example.com", city), "v=spf1 redirect=_spf.example.com");
    zone.text("_spf.example.com", "v=spf1 mx:example.com -all").address("mail.example.com", "192.0.2.1");
    mail_host(zone, "example.com", 10, "mail.example.com");
    for (const auto* city : {"la", "ny", "sf"}) {
        EXPECT_EQ(verdict(zone, "192.0.2.1", fmt::format("ann@{}.example.com", city)), SpfVerdict::pass);
        EXPECT_EQ(verdict(zone, "192.0.2.2", fmt::format("ann@{}.example.com", city)), SpfVerdict::fail);
    }
}

// Section 6.2: three explanations of example.com.
TEST(Rfc7208Section6, Explanations) {
    const std::pair<const char*, const char*> rows[] = {
        {"Mail from example.com should only be sent by its own servers.",
         "Mail from example.com should only be sent by its own servers."},
        {"%{i} is not one of %{d}'s designated mail servers.",
         "192.0.2.3 is not one of example.com's designated mail servers."},
        {"See http://%{d}/why.html?s=%{S}&i=%{I}",
         "See http://example.com/why.html?s=strong-bad%40example.com&i=192.0.2.3"}};
    for (const auto& [text, explanation] : rows) {
        TestZone zone;
        zone.text("example.com", "v=spf1 mx -all exp=explain._spf.%{d}")
            .text("explain._spf.example.com", text);
        EXPECT_EQ(check(zone, "192.0.2.3", "strong-bad@example.com").explanation, explanation);
    }
}

struct Expansion {
    const char* macro;
    const char* expansion;
};

// What the macros of an explanation become.
std::string expanded(std::string_view macros, std::string_view client) {
    TestZone zone;
    points_to(zone, client, "mx.example.org");
    zone.address("mx.example.org", client)
        .text("email.example.com", "v=spf1 -all exp=why.example.com")
        .text("why.example.com", macros);
    return check(zone, client, "strong-bad@email.example.com").explanation;
}

TEST(Rfc7208Section7, ExpansionExamples) {
    constexpr Expansion rows[] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d3}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
        {"%{p}", "mx.example.org"},
        {"%{h} %{c} %{r}", "foo.example.com 192.0.2.3 mybox.example.org"},
        {"%%%_%-", "% %20"},
    };
    for (const auto& row : rows) EXPECT_EQ(expanded(row.macro, "192.0.2.3"), row.expansion) << row.macro;
    // The RFC prints the digits in lower case, the suite of openspf.org wants them in upper case; to DNS it
    // is the same.
    EXPECT_EQ(ascii::to_lower(expanded("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01")),
              "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

// Section 7.3: a '%' that begins nothing is an error, and "%{ir}" is what was meant.
TEST(Rfc7208Section7, APercentSignBeginsAMacro) {
    TestZone zone;
    zone.text("wrong.example.com", "v=spf1 -exists:%(ir).sbl.example.org +all")
        .text("right.example.com", "v=spf1 -exists:%{ir}.sbl.example.org +all")
        .address("1.2.0.192.sbl.example.org", "127.0.0.2");
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@wrong.example.com"), SpfVerdict::permerror);
    EXPECT_EQ(verdict(zone, "192.0.2.1", "ann@right.example.com"), SpfVerdict::fail);
    EXPECT_EQ(verdict(zone, "192.0.2.2", "ann@right.example.com"), SpfVerdict::pass);
}

// The messages behind the examples of section 9.1, told in our words: the same result, keys and values. Ours
// have a ";" between pairs and quote every value, which the grammar permits.
TEST(Rfc7208Section9_1, TheExamplesInOurWords) {
    TestZone zone;
    zone.text("example.com", "v=spf1 ip4:192.0.2.1 -all");
    SpfQuery query{.client = dns::IpAddress::parse("192.0.2.1").value(),
                   .helo = "foo.example.com",
                   .sender = "myname@example.com",
                   .receiver = "mybox.example.org"};
    const auto field = [&] {
        return received_spf(query, check(zone, query.client.to_string(), query.sender));
    };
    const auto passed = field();
    EXPECT_THAT(passed, testing::StartsWith("Received-SPF: pass ("));
    for (const auto* pair :
         {"receiver=\"mybox.example.org\"", "client-ip=\"192.0.2.1\"", "envelope-from=\"myname@example.com\"",
          "helo=\"foo.example.com\"", "identity=mailfrom", "mechanism=\"ip4:192.0.2.1\""})
        EXPECT_THAT(passed, HasSubstr(pair));
    query.client = dns::IpAddress::parse("192.0.2.9").value();
    EXPECT_THAT(field(), testing::StartsWith("Received-SPF: fail ("));
    EXPECT_THAT(field(), HasSubstr("mechanism=\"-all\""));
}

// Appendix D.1: what a domain may do for mail that others pass on.
TEST(Rfc7208AppendixD, OriginatorsMayBeMilderToForwarders) {
    TestZone zone;
    zone.text("a.example.com", "v=spf1 mx ?exists:%{ir}.whitelist.example.org -all")
        .address("7.100.51.198.whitelist.example.org", "127.0.0.2")
        .text("b.example.com", "v=spf1 mx exists:%{l}._spf_verify.%{d} -all")
        .address("prvs=1234._spf_verify.b.example.com", "127.0.0.2")
        .text("c.example.com", "v=spf1 mx exists:%{ir}._spf_rate.%{d} -all")
        .address("7.100.51.198._spf_rate.c.example.com", "127.0.0.2")
        .text("d.example.com", "v=spf1 mx redirect=%{l1r+}._at_.%{o}._spf.%{d}")
        .text("ann._at_.d.example.com._spf.d.example.com", "v=spf1 ip4:198.51.100.7 -all");
    for (const auto* domain : {"a", "b", "c", "d"})
        mail_host(zone, fmt::format("{}.example.com", domain), 10, "mail.example.com");
    zone.address("mail.example.com", "192.0.2.1");
    using enum SpfVerdict;
    EXPECT_EQ(verdict(zone, "198.51.100.7", "ann@a.example.com"), neutral);
    EXPECT_EQ(verdict(zone, "198.51.100.8", "ann@a.example.com"), fail);
    EXPECT_EQ(verdict(zone, "198.51.100.8", "prvs=1234@b.example.com"), pass);
    EXPECT_EQ(verdict(zone, "198.51.100.8", "prvs=9999@b.example.com"), fail);
    EXPECT_EQ(verdict(zone, "198.51.100.7", "ann@c.example.com"), pass);
    EXPECT_EQ(verdict(zone, "198.51.100.7", "ann+list@d.example.com"), pass);
    EXPECT_EQ(verdict(zone, "198.51.100.8", "ann+list@d.example.com"), fail);
    EXPECT_EQ(verdict(zone, "198.51.100.7", "bob@d.example.com"), permerror) << "a redirect to nothing, §6.1";
    for (const auto* domain : {"a", "b", "c", "d"})
        EXPECT_EQ(verdict(zone, "192.0.2.1", fmt::format("ann@{}.example.com", domain)), pass);
}

}  // namespace
}  // namespace hongyan::verify
