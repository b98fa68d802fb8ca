#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tls_policy/decide.h"

namespace hongyan::tls_policy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

// --- the policy

TEST(StsPolicy, IsReadAsTheRfcHasIt) {
    const auto policy = parse_sts_policy(
        "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.NET\r\nmx: "
        "backupmx.example.com\r\nmax_age: 604800\r\n");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->mode, StsMode::enforce);
    EXPECT_THAT(policy->mx, ElementsAre("mail.example.com", "*.example.net", "backupmx.example.com"));
    EXPECT_EQ(policy->max_age, 604800s);
}

TEST(StsPolicy, UnknownAndRepeatedFieldsArePassedOver) {
    const auto policy = parse_sts_policy(
        "version: STSv1\nfuture: thing\nmode: testing\nmode: none\n\nmx:a.test\nmax_age:99999999999\n");
    EXPECT_FALSE(policy) << "eleven digits";
    const auto capped = parse_sts_policy(
        "version: STSv1\nfuture: thing\nmode: testing\nmode: none\n\nmx:a.test\nmax_age:9999999999");
    ASSERT_TRUE(capped) << capped.error().message;
    EXPECT_EQ(capped->mode, StsMode::testing);
    EXPECT_EQ(capped->max_age, max_sts_age);
}

TEST(StsPolicy, WhatIsNotWellFormedIsRefused) {
    for (const char* text :
         {"", "mode: enforce\nmx: a\nmax_age: 1", "version: STSv2\nmode: enforce\nmx: a\nmax_age: 1",
          "version: STSv1\nmx: a\nmax_age: 1", "version: STSv1\nmode: enforce\nmx: a",
          "version: STSv1\nmode: maybe\nmx: a\nmax_age: 1", "version: STSv1\nmode: enforce\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a\nmax_age: soon",
          "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a.*.b\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx:\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a\nmax_age: 1\n<html>"})
        EXPECT_FALSE(parse_sts_policy(text)) << text;
    EXPECT_EQ(parse_sts_policy(std::string(max_sts_policy + 1, '\n')).error().kind, Error::Kind::too_large);
    EXPECT_TRUE(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 86400")) << "none needs no mx";
}

// RFC 8461 §4.1.
TEST(StsPolicy, AWildcardStandsForOneLabel) {
    const StsPolicy policy{
        .mode = StsMode::enforce, .mx = {"*.example.com", "mx.example.net"}, .max_age = 1s};
    EXPECT_TRUE(policy.allows(name("mail.example.com")));
    EXPECT_TRUE(policy.allows(name("MX.example.net")));
    for (const char* host : {"example.com", "foo.bar.example.com", "mx2.example.net", "a.mx.example.net",
                             "mailexample.com", "com"})
        EXPECT_FALSE(policy.allows(name(host))) << host;
}

TEST(StsPolicy, OnlyAPlainTextWithoutDetoursCounts) {
    const std::string body = "version: STSv1\nmode: none\nmax_age: 1\n";
    EXPECT_TRUE(read_sts_answer(200, "Text/Plain; charset=utf-8", body));
    EXPECT_FALSE(read_sts_answer(200, "text/html", body));
    EXPECT_FALSE(read_sts_answer(200, "", body));
    for (const unsigned status : {301U, 302U, 304U, 404U, 410U, 500U})
        EXPECT_EQ(read_sts_answer(status, "text/plain", body).error().kind,
                  status == 404 || status == 410 ? Error::Kind::not_found : Error::Kind::unavailable);
}

TEST(StsPolicy, ItsLinesAreReadAgain) {
    const StsPolicy policy{.mode = StsMode::testing, .mx = {"*.example.com"}, .max_age = 1s};
    EXPECT_EQ(parse_sts_policy(fmt::format("{}", fmt::join(policy.lines(), "\n"))), policy);
}

// --- the record

TEST(StsRecord, HasOneId) {
    struct Row {
        std::vector<dns::Txt> records;
        std::optional<std::string> id;
    };
    const Row rows[] = {
        {{{"v=STSv1; id=20160831085700Z;"}}, "20160831085700Z"},
        {{{"v=STSv1;id=1"}}, "1"},
        {{{"v=STSv1 ; id=1 ; later=x"}}, "1"},
        {{{"other"}, {"v=STSv1; id=1"}, {"v=STSv10; id=2"}}, "1"},
        {{{"v=STSv1; id=1"}, {"v=STSv1; id=2"}}, std::nullopt},
        {{{"v=STSv1"}}, std::nullopt},
        {{{"v=STSv1; id="}}, std::nullopt},
        {{{"v=STSv1; id=a-b"}}, std::nullopt},
        {{{"v=STSv1; id=" + std::string(33, 'a')}}, std::nullopt},
        {{{"v=STSv1 id=1"}}, std::nullopt},
        {{{"V=stsv1; id=1"}}, std::nullopt},
        {{}, std::nullopt},
    };
    for (const auto& row : rows)
        EXPECT_EQ(parse_sts_id(row.records), row.id) << (row.records.empty() ? "" : row.records[0].text);
}

// --- the cache

const Instant now(std::chrono::hours(24 * 365 * 50));

dns::Answer<dns::Txt> record(std::vector<dns::Txt> records) {
    return {.status = records.empty() ? dns::Status::no_domain : dns::Status::found,
            .secure = false,
            .records = std::move(records),
            .ttl = {},
            .canonical = {},
            .why = {}};
}

CachedSts cached(std::chrono::seconds age = 7 * 24h) {
    return {.policy = {.mode = StsMode::enforce, .mx = {"mx.example.net"}, .max_age = age},
            .id = "1",
            .fetched = now,
            .tried = now,
            .trouble = {}};
}

TEST(StsCache, IsUsedUntilItIsOldOrTheIdChanges) {
    using enum StsStep::Kind;
    const auto same = record({{"v=STSv1; id=1"}});
    EXPECT_EQ(next_sts_step(std::nullopt, record({}), now).kind, none);
    EXPECT_EQ(next_sts_step(std::nullopt, same, now).kind, fetch);
    EXPECT_EQ(next_sts_step(cached(), same, now + 1h).kind, use);
    EXPECT_EQ(next_sts_step(cached(), same, now + 25h).kind, fetch) << "once a day";
    EXPECT_EQ(next_sts_step(cached(100s), same, now + 60s).kind, fetch) << "before it ends";
    const auto changed = next_sts_step(cached(), record({{"v=STSv1; id=2"}}), now + 1h);
    EXPECT_EQ(changed.kind, fetch);
    EXPECT_EQ(changed.id, "2");
}

// RFC 8461 §5: whoever takes the record or the policy host away must not take the policy away.
TEST(StsCache, APolicyStaysUntilItEndsWhateverHappensToItsRecord) {
    using enum StsStep::Kind;
    auto failed = record({});
    failed.status = dns::Status::failed;
    for (const auto& answer : {record({}), failed, record({{"v=STSv1; id=???"}})}) {
        EXPECT_EQ(next_sts_step(cached(), answer, now + 24h).kind, use);
        EXPECT_EQ(next_sts_step(cached(), answer, now + 8 * 24h).kind, none);
    }
}

TEST(StsCache, AFetchThatFailsLeavesThePolicyAndIsRepeatedLater) {
    using enum StsStep::Kind;
    const auto changed = record({{"v=STSv1; id=2"}});
    const auto kept = after_fetch(cached(), "2", fail(Error::Kind::unavailable, "gone"), now + 1h);
    EXPECT_EQ(kept.policy, cached().policy);
    EXPECT_EQ(kept.id, "1");
    EXPECT_EQ(next_sts_step(kept, changed, now + 1h + 1min).kind, use);
    EXPECT_EQ(next_sts_step(kept, changed, now + 1h + 5min).kind, fetch);
    const auto never = after_fetch(std::nullopt, "2", fail(Error::Kind::unavailable, "gone"), now);
    EXPECT_EQ(next_sts_step(never, changed, now + 1min).kind, none);
    EXPECT_EQ(next_sts_step(never, changed, now + 5min).kind, fetch);
    const auto renewed = after_fetch(kept, "2", cached().policy, now + 2h);
    EXPECT_EQ(renewed.id, "2");
    EXPECT_THAT(renewed.trouble, IsEmpty());
}

// What is in force is not known: it is asked for without a record, and missed no longer than a policy lasts.
TEST(StsCache, ALostPolicyIsFetchedWhateverDnsSays) {
    using enum StsStep::Kind;
    const CachedSts lost{.lost = now};
    EXPECT_EQ(next_sts_step(lost, record({}), now).kind, fetch);
    EXPECT_EQ(next_sts_step(lost, record({}), now + max_sts_age).kind, none);
    const auto again = after_fetch(lost, "", fail(Error::Kind::unavailable, "503"), now);
    EXPECT_EQ(next_sts_step(again, record({}), now + 1min).kind, none);
    EXPECT_EQ(next_sts_step(again, record({}), now + 5min).kind, fetch);
    EXPECT_TRUE(after_fetch(again, "", fail(Error::Kind::unavailable, "503"), now + 48h).is_lost(now + 48h));
    const auto found = after_fetch(again, "", cached().policy, now + 1h);
    EXPECT_FALSE(found.is_lost(now + 1h));
    EXPECT_EQ(next_sts_step(found, record({}), now + 24h).kind, use);
}

// A web server that is being set up says so too, for a while.
TEST(StsCache, ALostPolicyIsGivenUpWhereItsHostKeepsSayingThatThereIsNone) {
    const auto none = [](const CachedSts& before, Instant when) {
        return after_fetch(before, "", fail(Error::Kind::not_found, "404"), when);
    };
    const auto first = none({.lost = now}, now + 48h);
    EXPECT_TRUE(first.is_lost(now + 48h));
    const auto next = none(first, now + 71h);
    EXPECT_TRUE(next.is_lost(now + 71h));
    EXPECT_FALSE(none(next, now + 72h).is_lost(now + 72h));
    const auto of_another = none(cached(), now + 72h);
    EXPECT_EQ(of_another.policy, cached().policy) << "what can be read holds until its end";
    EXPECT_EQ(of_another.denied, Instant());
}

TEST(StsCache, GoesRoundThroughARecord) {
    auto entry = cached();
    entry.trouble = "gone";
    entry.lost = now;
    entry.denied = now + 1h;
    EXPECT_EQ(CachedSts::from_record(entry.to_record()), entry);
    EXPECT_EQ(CachedSts::from_record(CachedSts{}.to_record()), CachedSts{});
    EXPECT_FALSE(CachedSts::from_record(""));
    EXPECT_FALSE(CachedSts::from_record(entry.to_record().substr(0, 9)));
}

// --- decisions

Given given() { return {.domain = name("example.net"), .host = name("mx.example.net")}; }

dns::HostTlsa tlsa(std::uint8_t usage = 3) {
    return {.status = dns::HostTlsa::Status::found,
            .records = {dns::Tlsa{usage, 1, 1, std::string(32, 'x')}},
            .base = name("mx.example.net"),
            .why = {}};
}

StsPolicy policy(StsMode mode, const char* mx = "*.example.net") {
    return {.mode = mode, .mx = {mx}, .max_age = 86400s};
}

struct Row {
    const char* what;
    void (*change)(Given&);
    bool usable;
    Tls tls;
    Verify verify;
    Basis basis;
};

TEST(Decide, FromWhatTheDomainTheSenderAndTheOperatorSay) {
    using enum Tls;
    const Row rows[] = {
        {"nobody says anything", [](Given&) {}, true, may, Verify::none, Basis::nothing},
        {"TLSA without signed MX", [](Given& g) { g.tlsa = tlsa(); }, true, may, Verify::none,
         Basis::nothing},
        {"DANE", [](Given& g) { g.mx_secure = true, g.tlsa = tlsa(); }, true, must, Verify::dane,
         Basis::dane},
        {"records of no use", [](Given& g) { g.mx_secure = true, g.tlsa = tlsa(1); }, true, must,
         Verify::none, Basis::dane},
        {"records of no use, but MTA-STS",
         [](Given& g) { g.mx_secure = true, g.tlsa = tlsa(1), g.sts = policy(StsMode::enforce); }, true, must,
         Verify::pkix, Basis::sts},
        {"TLSA that cannot be had",
         [](Given& g) { g.mx_secure = true, g.tlsa.status = dns::HostTlsa::Status::trouble; }, false, may,
         Verify::none, Basis::dane},
        {"MTA-STS", [](Given& g) { g.sts = policy(StsMode::enforce); }, true, must, Verify::pkix, Basis::sts},
        {"not a host of it", [](Given& g) { g.sts = policy(StsMode::enforce, "mx.other.test"); }, false, may,
         Verify::none, Basis::sts},
        {"DANE before MTA-STS",
         [](Given& g) {
             g.mx_secure = true, g.tlsa = tlsa(), g.sts = policy(StsMode::enforce, "mx.other.test");
         },
         true, must, Verify::dane, Basis::dane},
        {"testing", [](Given& g) { g.sts = policy(StsMode::testing, "mx.other.test"); }, true, may,
         Verify::none, Basis::nothing},
        {"mode none", [](Given& g) { g.sts = policy(StsMode::none); }, true, may, Verify::none,
         Basis::nothing},
        {"settings: TLS", [](Given& g) { g.own.tls = must; }, true, must, Verify::none, Basis::own},
        {"settings: verify", [](Given& g) { g.own.verify = Verify::pkix; }, true, must, Verify::pkix,
         Basis::own},
        {"settings: DANE", [](Given& g) { g.own.verify = Verify::dane; }, false, may, Verify::none,
         Basis::own},
        {"settings: no TLS", [](Given& g) { g.own.tls = Tls::none; }, true, Tls::none, Verify::none,
         Basis::nothing},
        {"settings: no TLS, but MTA-STS",
         [](Given& g) { g.own.tls = Tls::none, g.sts = policy(StsMode::enforce); }, true, must, Verify::pkix,
         Basis::sts},
        {"REQUIRETLS to who knows", [](Given& g) { g.wish = SenderWish::required; }, false, may, Verify::none,
         Basis::sender},
        {"REQUIRETLS with DNSSEC", [](Given& g) { g.mx_secure = true, g.wish = SenderWish::required; }, true,
         must, Verify::pkix, Basis::sender},
        {"REQUIRETLS with DANE",
         [](Given& g) { g.mx_secure = true, g.tlsa = tlsa(), g.wish = SenderWish::required; }, true, must,
         Verify::dane, Basis::sender},
        {"REQUIRETLS with MTA-STS",
         [](Given& g) { g.sts = policy(StsMode::testing), g.wish = SenderWish::required; }, true, must,
         Verify::pkix, Basis::sender},
        {"TLS-Required: No",
         [](Given& g) { g.sts = policy(StsMode::enforce, "mx.other.test"), g.wish = SenderWish::optional; },
         true, may, Verify::none, Basis::sender},
    };
    for (const auto& row : rows) {
        auto asked = given();
        row.change(asked);
        const auto decision = decide(asked);
        EXPECT_EQ(decision.usable, row.usable) << row.what;
        EXPECT_EQ(decision.basis, row.basis) << row.what;
        EXPECT_EQ(decision.status.empty(), row.usable) << row.what;
        if (!row.usable) continue;
        EXPECT_EQ(decision.tls, row.tls) << row.what;
        EXPECT_EQ(decision.verify, row.verify) << row.what;
        EXPECT_EQ(decision.server_name, "mx.example.net") << row.what;
        EXPECT_EQ(decision.requiretls, asked.wish == SenderWish::required) << row.what;
        EXPECT_EQ(decision.why.empty(), row.basis == Basis::nothing) << row.what;
    }
}

TEST(Decide, DaneNamesAllThatACertificateMayBeFor) {
    auto asked = given();
    asked.mx_secure = true;
    asked.tlsa = tlsa();
    asked.tlsa.base = name("real.example.org");
    const auto decision = decide(asked);
    EXPECT_EQ(decision.server_name, "real.example.org");
    EXPECT_THAT(decision.other_names, ElementsAre("mx.example.net", "example.net"));
    EXPECT_EQ(decision.tlsa, asked.tlsa.records);
}

TEST(Decide, WhatTestingWouldForbidIsNoted) {
    auto asked = given();
    asked.sts = policy(StsMode::testing, "mx.other.test");
    EXPECT_TRUE(decide(asked).sts_testing_mismatch);
    asked.sts = policy(StsMode::testing);
    EXPECT_TRUE(decide(asked).sts_testing);
    EXPECT_FALSE(decide(asked).sts_testing_mismatch);
}

}  // namespace
}  // namespace hongyan::tls_policy
