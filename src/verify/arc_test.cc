#include "verify/arc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/answers_for_test.h"

namespace hongyan::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view letter =
    "From: Ann <ann@example.com>\r\nTo: list@example.org\r\nSubject: Lunch\r\nDate: Sat, 21 Nov 2026 "
    "12:00:00 "
    "+0000\r\n\r\nToday?\r\n";

const crypto::PrivateKey& key_of(std::string_view domain) {
    static std::map<std::string, crypto::PrivateKey, std::less<>> keys;
    const auto found = keys.find(domain);
    if (found != keys.end()) return found->second;
    return keys
        .emplace(domain, domain == "one.example" ? crypto::PrivateKey::generate_rsa(1024)
                                                 : crypto::PrivateKey::generate_ed25519())
        .first->second;
}

TestZone zone() {
    TestZone zone;
    for (const auto* domain : {"one.example", "two.example", "three.example"})
        zone.text(
            fmt::format("s._domainkey.{}", domain),
            DkimKey{.type = key_of(domain).type(), .octets = key_of(domain).public_octets()}.to_record());
    return zone;
}

const Instant now = Instant(std::chrono::seconds(1'800'000'000));

ArcOutcome verify(std::string_view message, TestZone names = zone(), Instant at = now) {
    const auto mail = Mail::whole(message);
    return names.conclude<ArcOutcome>([&](KnownAnswers& answers) { return verify_arc(*mail, at, answers); });
}

// The message as the domain passes it on, after it has come as `arrived`; empty if it does not seal it.
std::string sealed(std::string_view message, const std::string& domain, std::string_view arrived = {},
                   std::optional<std::uint64_t> expires = {}) {
    const SigningOptions options{.made = 1'700'000'000, .expires = expires};
    const auto chain = verify(arrived.empty() ? message : arrived);
    const auto size = header_size(message);
    Mail mail(message.substr(0, size));
    mail.demand(options.body_demand());
    mail.body(message.substr(size));
    mail.finish();
    const auto set = seal_arc(mail, chain, domain + "; spf=pass", {domain, "s", key_of(domain)}, options);
    return set ? *set + std::string(message) : std::string();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST(Arc, AChainThatGrowsStaysWhole) {
    EXPECT_EQ(verify(letter).verdict, ArcVerdict::none);
    std::string message(letter);
    for (const auto* domain : {"one.example", "two.example", "three.example"}) {
        message = "Received: from somewhere\r\n" + sealed(message, domain);
        EXPECT_EQ(verify(message).verdict, ArcVerdict::pass) << verify(message).reason;
    }
    const auto outcome = verify(message);
    EXPECT_EQ(outcome.instances, 3U);
    EXPECT_EQ(outcome.oldest_pass, 0U);
    EXPECT_THAT(outcome.sealers, ElementsAre("one.example", "two.example", "three.example"));
    EXPECT_EQ(outcome.first_results, "one.example; spf=pass");
}

// RFC 8617 §5.2, step 5: a list may change the message before it seals it.
TEST(Arc, AChangeBetweenTwoSealsIsDated) {
    const auto arrived = sealed(letter, "one.example");
    const auto message = sealed(replaced(arrived, "Subject: ", "Subject: [list] "), "two.example", arrived);
    const auto outcome = verify(message);
    EXPECT_EQ(outcome.verdict, ArcVerdict::pass) << outcome.reason;
    EXPECT_EQ(outcome.oldest_pass, 2U);
}

TEST(Arc, AChangeAfterTheLastSealBreaksTheChain) {
    const auto message = sealed(sealed(letter, "one.example"), "two.example");
    EXPECT_EQ(verify(replaced(message, "Today?", "Never!")).verdict, ArcVerdict::fail);
    EXPECT_EQ(verify(replaced(message, "one.example; spf=pass", "one.example; spf=fail")).verdict,
              ArcVerdict::fail);
    EXPECT_EQ(verify(replaced(message, "cv=pass", "cv=none")).verdict, ArcVerdict::fail);
}

// RFC 8617 §5.1.2, §5.1.3: whoever finds it broken says so in a last set, and nobody goes on.
TEST(Arc, ABrokenChainIsSealedOnceMoreAndNoFurther) {
    const auto broken = replaced(sealed(letter, "one.example"), "Today?", "Never!");
    const auto marked = sealed(broken, "two.example");
    EXPECT_THAT(marked, HasSubstr("cv=fail"));
    const auto outcome = verify(marked);
    EXPECT_EQ(outcome.verdict, ArcVerdict::fail);
    EXPECT_EQ(outcome.reason, "the chain was broken before");
    EXPECT_EQ(sealed(marked, "three.example"), "");
}

// RFC 8617 §4.1.2: x= means what it means in DKIM (RFC 6376 §3.5). Of an older set it matters for the date of
// the last change only.
TEST(Arc, AMessageSignatureExpires) {
    const auto sealed_until_now = sealed(letter, "one.example", {}, 1'800'000'000);
    const auto later = now + std::chrono::seconds(1);
    EXPECT_EQ(verify(sealed_until_now).verdict, ArcVerdict::pass);
    const auto expired = verify(sealed_until_now, zone(), later);
    EXPECT_EQ(expired.verdict, ArcVerdict::fail);
    EXPECT_EQ(expired.reason, "message signature 1: the signature has expired");
    const auto again = verify(sealed(sealed_until_now, "two.example"), zone(), later);
    EXPECT_EQ(again.verdict, ArcVerdict::pass);
    EXPECT_EQ(again.oldest_pass, 2U);
    EXPECT_EQ(verify(replaced(sealed_until_now, "x=1800000000", "x=1700000000")).reason,
              "it expires before it was made");
}

// RFC 8617 §5.2.1
TEST(Arc, DnsFaultsAreFailures) {
    const auto message = sealed(letter, "one.example");
    TestZone down;
    down.set("s._domainkey.one.example", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(verify(message, down).verdict, ArcVerdict::fail);
}

// RFC 8617 §4.1, §4.1.1: [CFWS]
TEST(Arc, CommentsMayStandAroundTheInstance) {
    const auto with = [](std::string_view instance) {
        const auto mail = Mail::whole(fmt::format(
            "ARC-Authentication-Results:{}; one.example\r\nARC-Seal: i=1; a=rsa-sha256; b=AAAA; cv=none; "
            "d=one.example; s=s\r\nFrom: a@b\r\n\r\n",
            instance));
        return zone()
            .conclude<ArcOutcome>([&](KnownAnswers& answers) { return verify_arc(*mail, now, answers); })
            .reason;
    };
    constexpr std::string_view as_far_as_it_goes = "instance 1 is not complete";
    for (const auto* good : {" i=1", "i = 1", " (a; (b) \\) c) i (d) = (e) 1 (f)", "\r\n\ti\r\n =1"})
        EXPECT_EQ(with(good), as_far_as_it_goes) << good;
    for (const auto* bad : {"", " (i=1", " I=1", " i=1 x", " i=(1)", " i", " j=1", " i=0", " i=x"})
        EXPECT_THAT(with(bad), testing::StartsWith("results ")) << bad;
}

// RFC 8617 §4.1: instance and seal-cv-tag have them in all three fields, and a list of tags nowhere else.
TEST(Arc, CommentsMayStandInTheInstanceOfASealAndInItsStatus) {
    const auto reason = [](std::string_view seal, std::string_view message) {
        const auto mail = Mail::whole(fmt::format(
            "ARC-Seal:{}; d=one.example; s=s\r\nARC-Message-Signature:{}; a=rsa-sha256; b=AAAA; bh=AAAA; "
            "d=one.example; s=s; h=From\r\nARC-Authentication-Results: i=1; one.example\r\nFrom: a@b\r\n\r\n",
            seal, message));
        return zone()
            .conclude<ArcOutcome>([&](KnownAnswers& answers) { return verify_arc(*mail, now, answers); })
            .reason;
    };
    const std::string_view plain_seal = " i=1; a=rsa-sha256; b=AAAA; cv=none", plain_message = " i=1";
    const auto as_far_as_it_goes = reason(plain_seal, plain_message);
    ASSERT_THAT(as_far_as_it_goes, HasSubstr("message signature 1: "));
    for (const auto* good : {" (a; b=c) i (d) = (e) 1 (f); a=rsa-sha256; b=AAAA; cv=none",
                             "\r\n\t(a\r\n\t(b)) i=1; a=rsa-sha256; b=AAAA; cv (c) = (d;) none",
                             " a=rsa-sha256; b=AAAA; cv=none; i=1"})
        EXPECT_EQ(reason(good, plain_message), as_far_as_it_goes) << good;
    for (const auto* good : {" (a; b=c) i (d) = (e) 1 (f)", "(a)i=1"})
        EXPECT_EQ(reason(plain_seal, good), as_far_as_it_goes) << good;
    for (const auto* bad :
         {" i=(1; a=rsa-sha256; b=AAAA; cv=none", " i=1 x; a=rsa-sha256; b=AAAA; cv=none",
          " i=1; a=(x) rsa-sha256; b=AAAA; cv=none", " i=1; (x) a=rsa-sha256; b=AAAA; cv=none",
          " i=1; a=rsa-sha256; b=AAAA; cv=none (x)", " i=1; a=rsa-sha256; b=AAAA; cv=none; cv=(x) none",
          " (a\r)i=1; a=rsa-sha256; b=AAAA; cv=none"})
        EXPECT_THAT(reason(bad, plain_message), testing::StartsWith("a seal ")) << bad;
    for (const auto* bad : {" i=1; (x) t=1", " i=1; (x", " i=1; t=(x) 1", " i=1 2"})
        EXPECT_NE(reason(plain_seal, bad), as_far_as_it_goes) << bad;
}

// RFC 8617 §4.2.1
TEST(Arc, MoreThanFiftySetsAreTooMany) {
    auto message = sealed(letter, "one.example");
    EXPECT_EQ(
        verify("ARC-Seal: i=51; a=rsa-sha256; b=AAAA; cv=pass; d=one.example; s=s\r\n" + message).verdict,
        ArcVerdict::fail);
}

}  // namespace
}  // namespace hongyan::verify
