// What strangers write stands in our Authentication-Results field as text, and says nothing there (RFC 8601
// §5, §7.1): whatever their names, local parts, records and signatures hold, the field has the results that
// we found, and no line, octet or result of theirs.
#include <gtest/gtest.h>

#include "verify/answers_for_test.h"
#include "verify/authentication.h"
#include "verify/quoting.h"
#include "verify/results_grammar_for_test.h"

namespace hongyan::verify {
namespace {

using namespace std::string_literals;

const std::string& hostile(std::size_t i) {
    static const std::vector<std::string> texts{
        "; dmarc=pass",
        "a@b.test; dmarc=pass header.from=bank.test",
        "\r\n\tdmarc=pass",
        "a\r\nAuthentication-Results: mx.test; dmarc=pass",
        "a\n\nbody",
        "a\0; dmarc=pass"s,
        ") ; dmarc=pass (",
        "((((((",
        "))))",
        "\"; dmarc=pass; x=\"",
        "\"",
        "\\",
        "\\\"; dmarc=pass",
        "a\\\r\n; dmarc=pass",
        "\xff\xfe@\xc0\x80.test",
        "a\xc3",
        "\xed\xa0\x80",
        "a\u0085dmarc=pass\u2028dmarc=pass\u2029",
        "\u202edcba",
        "a\x7f\x1b[31m",
        "=?utf-8?q?x)=3B_dmarc=3Dpass_(?=",
        "用户@例子.测试",
        "a@b@c",
        "@",
        " ",
        "",
        std::string(5'000, 'a'),
        std::string(5'000, '"'),
        std::string(5'000, '\xff'),
        "a@" + std::string(5'000, ';'),
        std::string(400, 'b') + std::string(2'000, '\0'),
    };
    return i < texts.size() ? texts[i] : texts.front();
}
constexpr std::size_t hostile_texts = 31;

struct Slot {
    const char* name;
    void (*put)(Authentication& found, SpfQuery& query, const std::string& text);
};

constexpr Slot slots[] = {
    {"smtp.helo", [](auto&, auto& query, const auto& text) { query.helo = text; }},
    {"smtp.mailfrom", [](auto&, auto& query, const auto& text) { query.sender = text; }},
    {"spf's domain", [](auto& found, auto&, const auto& text) { found.mail_from.domain = text; }},
    {"spf's mechanism", [](auto& found, auto&, const auto& text) { found.mail_from.mechanism = text; }},
    {"spf's problem", [](auto& found, auto&, const auto& text) { found.helo.problem = text; }},
    {"dkim's reason", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].reason = text; }},
    {"header.d", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].domain = text; }},
    {"header.i", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].identity = text; }},
    {"header.s", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].selector = text; }},
    {"header.a", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].algorithm = text; }},
    {"header.b", [](auto& found, auto&, const auto& text) { found.dkim.signatures[0].mark = text; }},
    {"dmarc's reason", [](auto& found, auto&, const auto& text) { found.dmarc.reason = text; }},
    {"header.from", [](auto& found, auto&, const auto& text) { found.dmarc.domain = text; }},
    {"dmarc's record", [](auto& found, auto&, const auto& text) { found.dmarc.record_domain = text; }},
    {"arc's reason", [](auto& found, auto&, const auto& text) { found.arc.reason = text; }},
    {"iprev's name", [](auto& found, auto&, const auto& text) { found.iprev.name = text; }},
};

// What was found of a message with which nothing is right.
Authentication nothing_right() {
    Authentication found;
    found.mail_from = {.verdict = SpfVerdict::fail, .domain = "a.test", .mechanism = "-all"};
    found.helo = {.verdict = SpfVerdict::permerror, .identity = SpfIdentity::helo, .domain = "helo.test"};
    found.dkim.signatures = {{.verdict = DkimVerdict::fail, .domain = "a.test", .identity = "@a.test"}};
    found.arc = {.verdict = ArcVerdict::fail, .instances = 1, .reason = "a seal has no domain"};
    found.dmarc = {.verdict = DmarcVerdict::fail, .domain = "a.test", .record_domain = "a.test"};
    found.iprev = {.verdict = IprevVerdict::fail, .name = "host.test"};
    return found;
}

TEST(AuthenticationResults, SayNothingThatAStrangerHasWrittenIntoThem) {
    const std::vector<std::string> expected{"spf=fail",   "spf=permerror", "dkim=fail",
                                            "dmarc=fail", "arc=fail",      "iprev=fail"};
    for (const auto& slot : slots)
        for (std::size_t i = 0; i < hostile_texts; ++i) {
            SCOPED_TRACE(fmt::format("{} is text {}", slot.name, i));
            auto found = nothing_right();
            SpfQuery query{.client = dns::IpAddress::parse("192.0.2.1").value(),
                           .helo = "helo.test",
                           .sender = "a@a.test"};
            slot.put(found, query, hostile(i));
            const auto value = found.results_value("mx.test", query, DmarcPolicy::reject);
            EXPECT_TRUE(is_text_of_a_field(value)) << value;
            ResultsGrammar read(value);
            EXPECT_TRUE(read.is_payload()) << value;
            EXPECT_EQ(read.results(), expected) << value;
            EXPECT_EQ(results_host(value), "mx.test");
            EXPECT_FALSE(claims_pass(value, "dmarc")) << value;
            const auto field = received_spf(query, found.mail_from);
            EXPECT_TRUE(is_text_of_a_field(std::string_view(field).substr(0, field.size() - 2))) << field;
        }
}

// Readers are about who cut a field at its semicolons, or undo encoded words before they look for comments.
TEST(AuthenticationResults, CommentsHoldNothingThatEndsThemForOthers) {
    EXPECT_EQ(in_comment("a; dmarc=pass"), "a, dmarc=pass");
    EXPECT_EQ(in_comment("=?utf-8?q?x=29=3B?="), "= utf-8?q?x=29=3B?=");
    EXPECT_EQ(in_comment("(a\\)\r\n"), " a    ");
    EXPECT_EQ(in_comment("a\xff\u2028\u00fc"), "a????\u00fc") << "one for each octet";
    EXPECT_EQ(in_comment(std::string(1'000, 'a')), std::string(longest_comment, 'a') + "...");
    const auto of_three = std::string(longest_comment - 1, 'a') + "例子";
    EXPECT_EQ(in_comment(of_three), std::string(longest_comment - 1, 'a') + "...");
    EXPECT_EQ(quoted_string("a\"\\\r\xff\u0085"), "\"a\\\"\\\\????\"");
}

struct WrittenIdentity {
    const char* written;
    const char* said;  // in header.i, or what is wrong
};

// RFC 6376 §2.11: what i= stands for is compared with d=, and told as it can be written in a signature.
TEST(Dkim, TheIdentityIsToldInPrintableForm) {
    constexpr WrittenIdentity rows[] = {
        {"ann@example.net", "ann@example.net"},
        {"ann@mail.example.net", "ann@mail.example.net"},
        {"@example.net", "@example.net"},
        {"J=C3=B6rg@example.net", "J\u00f6rg@example.net"},
        {"user=b.test@example.net", "user=b.test@example.net"},
        {"a=3D3Bb@example.net", "a=3D3Bb@example.net"},
        {"a=3Db@example.net", "a=b@example.net"},
        {"ann=40example.net", "ann@example.net"},
        {"ann=40bank.test@example.net", "ann=40bank.test@example.net"},
        {"ann@bank.test=40example.net", "ann=40bank.test@example.net"},
        {"=4@=@@example.net", "=4=40==40@example.net"},
        {"=FFa@example.net", "=FFa@example.net"},
        {"\xff"
         "a@example.net",
         "=FFa@example.net"},
        {"=22a=20b=22@example.net", "\"a=20b\"@example.net"},
        {"a=3B=20dmarc=3Dpass@example.net", "a=3B=20dmarc=pass@example.net"},
        {"=0D=0Adkim=3Dpass=00@example.net", "=0D=0Adkim=pass=00@example.net"},
        {"a\r\n b@example.net", "ab@example.net"},
        {"=C2=85@example.net", "=C2=85@example.net"},
        {"a@x=3B=20dmarc=3Dpass.example.net", "a@x=3B=20dmarc=pass.example.net is not within example.net"},
        {"a@=28.example.net", "a@(.example.net is not within example.net"},
        {"a@=FF.example.net", "a@=FF.example.net is not within example.net"},
        {"a@example.net=00", "a@example.net=00 is not within example.net"},
        {"example.net", "example.net is not within example.net"},
    };
    for (const auto& row : rows) {
        const auto read = Signature::parse_dkim(fmt::format(
            "v=1; a=rsa-sha256; d=example.net; s=sel; h=from; bh=AAAA; b=AAAA; i={}", row.written));
        EXPECT_EQ(read ? read->identity : read.error(), row.said) << row.written;
    }
}

// What no signature can be read from tells no domain, but for a domain.
TEST(Dkim, OfABrokenSignatureOnlyADomainIsTold) {
    for (const auto* domain : {"bank.test", "a; b", "a\xff.test", "\"bank.test\"", "a", ""}) {
        const auto mail =
            Mail::whole(fmt::format("DKIM-Signature: v=2; d={}\r\nFrom: a@b.test\r\n\r\n", domain));
        TestZone zone;
        const auto report = zone.conclude<DkimReport>(
            [&](KnownAnswers& answers) { return verify_dkim(*mail, Instant{}, answers); });
        ASSERT_EQ(report.signatures.size(), 1U);
        const bool is_domain = std::string_view(domain) == "bank.test";
        EXPECT_EQ(report.signatures.front().domain, is_domain ? "bank.test" : "") << domain;
    }
}

}  // namespace
}  // namespace hongyan::verify
