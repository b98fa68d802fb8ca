// What we write follows the grammar of RFC 8601 §2.2, and what its Appendix B shows is understood.
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/random.h"
#include "verify/authentication_results.h"
#include "verify/results_grammar_for_test.h"

namespace hongyan::verify {
namespace {

struct Example {
    const char* value;
    const char* host;
    const char* passes;  // methods, each with a blank behind it
};

// RFC 8601 Appendix B.2 to B.7.
constexpr Example examples[] = {
    {" example.org 1; none", "example.org", ""},
    {" example.com;\r\n          spf=pass smtp.mailfrom=example.net", "example.com", "spf "},
    {" example.com;\r\n          auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
     "          spf=pass smtp.mailfrom=example.net",
     "example.com", "auth spf "},
    {" example.com; iprev=pass\r\n          policy.iprev=192.0.2.200", "example.com", "iprev "},
    {" example.com;\r\n          dkim=pass (good signature) header.d=example.com", "example.com", "dkim "},
    {" example.com;\r\n          auth=pass (cram-md5) smtp.auth=sender@example.com;\r\n"
     "          spf=fail smtp.mailfrom=example.com",
     "example.com", "auth "},
    {" example.com;\r\n      dkim=pass reason=\"good signature\"\r\n"
     "        header.i=@mail-router.example.net;\r\n      dkim=fail reason=\"bad signature\"\r\n"
     "        header.i=@newyork.example.com",
     "example.com", "dkim "},
    {" example.net;\r\n      dkim=pass (good signature) header.i=@newyork.example.com", "example.net",
     "dkim "},
    {" foo.example.net (foobar) 1 (baz);\r\n"
     "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
     "      policy (A dot can go here) . (like that) expired\r\n"
     "      (this surprised me) = (as I wasn't expecting it) 1362471462",
     "foo.example.net", ""},
};

TEST(AuthenticationResults, TheExamplesOfAppendixBAreRead) {
    for (const auto& example : examples) {
        EXPECT_TRUE(ResultsGrammar(example.value).is_payload()) << example.value;
        EXPECT_EQ(results_host(example.value), example.host);
        std::string passes;
        for (const auto* method : {"auth", "dkim", "iprev", "spf"})
            if (claims_pass(example.value, method)) passes += std::string(method) + " ";
        EXPECT_EQ(passes, example.passes) << example.value;
    }
}

struct Claim {
    const char* value;
    bool is_pass;
};

// methodspec of RFC 8601 §2.2, for dmarc.
TEST(AuthenticationResults, AMethodPassesHoweverItIsWritten) {
    constexpr Claim claims[] = {
        {"h; dmarc=pass", true},
        {"h; DMARC=Pass", true},
        {"h;dmarc = pass", true},
        {"h; dmarc/1=pass", true},
        {"h; dmarc (a) / (b) 1 (c) = (d) pass (e)", true},
        {"h; spf=fail;\r\n\tdmarc=pass", true},
        {"h; dmarc=pass; dmarc=fail", true},
        {"h; dmarc=pass header.from=a.example", true},
        {"h 1; dmarc=pass", true},
        {"h (a) 01 (b); dmarc=pass", true},
        {"h 2; dmarc=pass", false},  // §2.6: a version of the field, or of the method
        {"h 10; dmarc=pass", false},
        {"h 0; dmarc=pass", false},
        {"h; dmarc/2=pass", false},
        {"h; dmarc=passed", false},
        {"h; dmarc=pass-through", false},
        {"h; xdmarc=pass", false},
        {"h; dmarc-x=pass", false},
        {"h; dmarc=fail reason=\"; dmarc=pass\"", false},
        {"h; dmarc=fail (; dmarc=pass)", false},
        {"h; dmarc=fail header.from=dmarc=pass", false},
        {"dmarc=pass", false},
        {"h; dmarc/=pass", false},
        {"h; dmarc", false},
        {"h; none", false},
        {"", false},
    };
    for (const auto& claim : claims)
        EXPECT_EQ(claims_pass(claim.value, "dmarc"), claim.is_pass) << claim.value;
}

// RFC 8601 §5: who understands another version than we do would believe what we have not looked at.
TEST(AuthenticationResults, FieldsOfOtherVersionsAreTakenOut) {
    const std::vector<std::string> hosts{"mx.example"};
    const auto cleaned = [&](std::string_view value) {
        const auto header = fmt::format("Authentication-Results: {}\r\nFrom: a\r\n\r\n", value);
        return without_forged_results(header, hosts) == header ? "kept" : "taken out";
    };
    EXPECT_STREQ(cleaned("other.example; dmarc=pass"), "kept");
    EXPECT_STREQ(cleaned("other.example 1; dmarc=pass"), "kept");
    EXPECT_STREQ(cleaned("other.example 2; dmarc=pass"), "taken out");
    EXPECT_STREQ(cleaned("other.example (really) 12 ; dmarc=pass"), "taken out");
    EXPECT_STREQ(cleaned("other.example; dmarc/2=pass"), "kept") << "only that result says nothing";
    EXPECT_STREQ(cleaned("mx.example 1; dmarc=pass"), "taken out");
}

// Whatever strangers have said, what we write is one field of that grammar.
TEST(AuthenticationResults, WhatIsWrittenFollowsTheGrammar) {
    EXPECT_TRUE(ResultsGrammar(authentication_results("mx.example", {})).is_payload());
    SeededRandom random(8601);
    constexpr std::string_view alphabet = "a.b@(\\)\";:=/ \t\r\n,<>[]?%1\x01\x7f";
    const auto text = [&] {
        std::string out(random.number() % 12, ' ');
        for (char& c : out) c = alphabet[random.number() % alphabet.size()];
        return out;
    };
    for (int i = 0; i < 5'000; ++i) {
        const std::vector<MethodResult> results{
            {.method = "spf", .result = "fail", .comment = text(), .properties = {{"smtp.mailfrom", text()}}},
            {.method = "dkim",
             .result = "pass",
             .properties = {{"header.d", text()}, {"header.i", "@" + text()}}}};
        const auto written = authentication_results("mx.example", results);
        EXPECT_TRUE(ResultsGrammar(written).is_payload()) << written;
        EXPECT_EQ(results_host(written), "mx.example");
        EXPECT_TRUE(claims_pass(written, "dkim")) << written;
        EXPECT_FALSE(claims_pass(written, "spf")) << written;
    }
}

}  // namespace
}  // namespace hongyan::verify
