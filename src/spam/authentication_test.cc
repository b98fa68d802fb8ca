// Who sent this? What the answers lead to.
#include "spam/authentication.h"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "config/load.h"
#include "net/memory_resolver.h"

namespace hongyan::spam {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class AuthenticationTest : public testing::Test {
public:
    AuthenticationTest() {
        settings.hostname = "mx.here.test";
        settings.verify = {.enabled = true,
                           .dmarc = config::DmarcHandling::enforce,
                           .spf_fail = config::SpfFailures::accept,
                           .unclear_author = config::UnclearAuthors::junk,
                           .exempt = {config::Network::parse("127.0.0.0/8").value()},
                           .lmtp = false,
                           .forwarders = {config::Network::parse("203.0.113.0/24").value()},
                           .trusted_sealers = {"list.test"},
                           .patience = std::chrono::seconds(10)};
        settings.relay_networks = {config::Network::parse("10.0.0.0/8").value()};
        text("strict.test", "v=spf1 ip4:192.0.2.1 -all");
        text("_dmarc.strict.test", "v=DMARC1; p=reject");
        text("key._domainkey.strict.test", "v=DKIM1; k=ed25519; p=" + to_base64(key.public_octets()));
    }

    void text(std::string_view name, std::string_view value) {
        resolver.add<dns::Txt>(name, dns::Txt{std::string(value)});
    }

    Judgement judge(std::string_view message, smtp::Client client = {.address = "192.0.2.9"},
                    std::string_view sender = "<ann@strict.test>") {
        client.said_name = "client.test";
        client.protocol = smtp::Protocol::esmtp;
        const smtp::Deliver came{.client = client,
                                 .envelope = {.sender = message::parse_path(sender).value()},
                                 .message = std::make_shared<const std::string>(message)};
        AuthenticationJudge judge(settings, {*asked, workers, clock, random});
        const auto visit = judge.visit(client, log);
        Judgement judgement;
        if (!visit) return judgement;
        net::asio::io_context context(1);
        net::asio::co_spawn(context.get_executor(), visit->message(came, judgement),
                            [](const std::exception_ptr& broken) {
                                if (broken) std::rethrow_exception(broken);
                            });
        context.run();
        return judgement;
    }

    std::string sign(std::string_view message) {
        verify::Mail mail(message.substr(0, verify::header_size(message)));
        const verify::SigningOptions options;
        mail.demand(options.body_demand());
        mail.body(message.substr(verify::header_size(message)));
        mail.finish();
        return sign_dkim(mail, {"strict.test", "key", key}, options) + std::string(message);
    }
    static std::vector<std::string> codes_of(const Judgement& judgement) {
        std::vector<std::string> codes;
        for (const auto& finding : judgement.findings) codes.push_back(finding.code);
        return codes;
    }

    net::MemoryResolver resolver;
    net::Resolver* asked = &resolver;
    net::Workers workers{1, 10};
    ManualClock clock;
    SeededRandom random{1};
    log::Output output{clock};
    log::Log log{output};
    crypto::PrivateKey key = crypto::PrivateKey::generate_ed25519();
    AuthenticationSettings settings;
};

constexpr std::string_view letter = "From: Ann <ann@strict.test>\r\nSubject: hello\r\n\r\nHello\r\n";

TEST_F(AuthenticationTest, WhatIsSentFromWhereItsDomainSaysIsTaken) {
    const auto judgement = judge(letter, {.address = "192.0.2.1"});
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_EQ(judgement.sentence, "From strict.test, which asks to reject failures; passed by SPF.");
    EXPECT_THAT(judgement.fields, StartsWith("Authentication-Results: mx.here.test;\r\n\tspf=pass"));
    EXPECT_THAT(judgement.fields, HasSubstr("\r\nReceived-SPF: pass"));
    EXPECT_THAT(judgement.findings, IsEmpty());
    ASSERT_TRUE(judgement.authenticated);
    EXPECT_TRUE(judgement.authenticated->found.dmarc.spf_aligned);
}

TEST_F(AuthenticationTest, WhatNobodyVouchesForIsRejectedAsTheDomainAsks) {
    const auto judgement = judge(letter);
    EXPECT_EQ(judgement.disposition, Disposition::reject);
    ASSERT_TRUE(judgement.reply);
    EXPECT_EQ(judgement.reply->code, 550);
    EXPECT_EQ(judgement.reply->status, "5.7.26");
    EXPECT_THAT(judgement.reply->lines.front(), HasSubstr("strict.test"));
    EXPECT_THAT(codes_of(judgement), ElementsAre("dmarc-reject"));
    EXPECT_THAT(judgement.fields, HasSubstr("dmarc=fail (p=reject dis=reject"));
}

TEST_F(AuthenticationTest, ASignatureVouchesWhereverItComesFrom) {
    EXPECT_EQ(judge(sign(letter)).disposition, Disposition::accept);
    const auto changed = judge(sign(letter) + "More\r\n");
    EXPECT_EQ(changed.disposition, Disposition::reject);
    const auto large = std::string(letter) + std::string(400'000, 'x') + "\r\n";
    EXPECT_EQ(judge(sign(large)).disposition, Disposition::accept) << "hashed by a worker";
}

TEST_F(AuthenticationTest, SettingsMakeItMilder) {
    settings.verify.dmarc = config::DmarcHandling::junk;
    EXPECT_EQ(judge(letter).disposition, Disposition::junk);
    settings.verify.dmarc = config::DmarcHandling::report;
    const auto judgement = judge(letter);
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_THAT(codes_of(judgement), ElementsAre("dmarc-fail"));
    EXPECT_THAT(judgement.fields, HasSubstr("dis=none"));
}

TEST_F(AuthenticationTest, QuarantineIsJunk) {
    text("_dmarc.soft.test", "v=DMARC1; p=quarantine");
    const auto judgement = judge("From: a@soft.test\r\n\r\n", {.address = "192.0.2.9"}, "<a@soft.test>");
    EXPECT_EQ(judgement.disposition, Disposition::junk);
    EXPECT_THAT(codes_of(judgement), ElementsAre("dmarc-quarantine"));
}

// RFC 7489 §6.6.1
TEST_F(AuthenticationTest, WhereNobodyCanTellTheAuthorItIsJunk) {
    const auto from = [this](std::string_view fields, std::string_view sender = "<a@other.test>",
                             std::string_view address = "192.0.2.9") {
        return judge(fmt::format("{}Subject: x\r\n\r\n", fields), {.address = std::string(address)}, sender);
    };
    const std::string_view two = "From: a@other.test\r\nFrom: b@other.test\r\n";
    for (const auto* fields : {"", "From: ann\r\n", "From: a@\xf0\x9f\x98\x80.test\r\n"})
        EXPECT_EQ(from(fields).disposition, Disposition::junk) << fields;
    const auto judgement = from(two);
    EXPECT_EQ(judgement.disposition, Disposition::junk);
    EXPECT_THAT(codes_of(judgement), ElementsAre("unclear-author"));
    EXPECT_EQ(judgement.findings.front().words,
              "Nobody can tell who has written it: the header has 2 From fields, not one");
    EXPECT_THAT(judgement.fields, HasSubstr("dmarc=permerror (the header has 2 From fields, not one)"));
    EXPECT_EQ(from(two, "<a@other.test>", "203.0.113.5").disposition, Disposition::accept) << "a forwarder";
    EXPECT_EQ(from("From: a@strict.test (Chief\r\n").disposition, Disposition::reject) << "as it asks";
    EXPECT_EQ(from("From: a@other.test\r\n").disposition, Disposition::accept);

    settings.verify.unclear_author = config::UnclearAuthors::reject;
    const auto refused = from(two);
    EXPECT_EQ(refused.disposition, Disposition::reject);
    ASSERT_TRUE(refused.reply);
    EXPECT_EQ(refused.reply->status, "5.6.0");
    EXPECT_EQ(from("", "<>").disposition, Disposition::junk) << "a bounce";

    settings.verify.unclear_author = config::UnclearAuthors::accept;
    EXPECT_EQ(from(two).disposition, Disposition::accept);
    EXPECT_EQ(from("From: a@strict.test\r\nFrom: b@other.test\r\n").disposition, Disposition::reject);
}

TEST_F(AuthenticationTest, KnownForwardersMayPassOn) {
    const auto judgement = judge(letter, {.address = "203.0.113.5"});
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_THAT(codes_of(judgement), ElementsAre("dmarc-override"));
    EXPECT_THAT(judgement.findings.front().words, HasSubstr("203.0.113.5 is a forwarder that we know"));
}

TEST_F(AuthenticationTest, AChainVouchesIfAllOfItIsTrusted) {
    verify::ArcOutcome chain{.verdict = verify::ArcVerdict::pass,
                             .instances = 1,
                             .sealers = {"mx.list.test"},
                             .first_results = "mx.list.test; spf=fail (x; dmarc=fail);\r\n\tdmarc=pass"};
    const std::vector<std::string> trusted{"list.test"};
    EXPECT_TRUE(is_vouched_for(chain, trusted));
    EXPECT_FALSE(is_vouched_for(chain, {"other.test"}));
    chain.sealers = {"evil.test", "list.test"};
    EXPECT_FALSE(is_vouched_for(chain, trusted)) << "the first could have made it up";
    chain.sealers = {"evillist.test"};
    EXPECT_FALSE(is_vouched_for(chain, trusted));
    chain.sealers = {"list.test"};
    for (const auto* results : {"list.test; dmarc=fail", "list.test; spf=pass (; dmarc=pass)",
                                "list.test; spf=pass smtp.mailfrom=\"; dmarc=pass\"", "list.test; none"}) {
        chain.first_results = results;
        EXPECT_FALSE(is_vouched_for(chain, trusted)) << results;
    }
    chain.first_results = "list.test; dmarc=pass";
    chain.verdict = verify::ArcVerdict::fail;
    EXPECT_FALSE(is_vouched_for(chain, trusted));
}

TEST_F(AuthenticationTest, FailuresOfSpfCountWhereTheSettingsSaySo) {
    text("plain.test", "v=spf1 exp=why.plain.test -all");
    text("why.plain.test", "Ask the postmaster");
    const std::string_view message = "From: a@plain.test\r\n\r\n";
    EXPECT_EQ(judge(message, {.address = "192.0.2.9"}, "<a@plain.test>").disposition, Disposition::accept);
    settings.verify.spf_fail = config::SpfFailures::reject;
    const auto judgement = judge(message, {.address = "192.0.2.9"}, "<a@plain.test>");
    ASSERT_TRUE(judgement.reply);
    EXPECT_EQ(judgement.reply->status, "5.7.23");
    EXPECT_THAT(judgement.reply->lines.back(), HasSubstr("plain.test says: Ask the postmaster"));
    EXPECT_EQ(judge(sign(letter)).disposition, Disposition::accept) << "DMARC vouches for it";
    settings.verify.spf_fail = config::SpfFailures::junk;
    EXPECT_EQ(judge(message, {.address = "192.0.2.9"}, "<a@plain.test>").disposition, Disposition::junk);
}

TEST_F(AuthenticationTest, OurOwnPeopleAreNotAsked) {
    for (const auto& client :
         {smtp::Client{.address = "127.0.0.1"}, smtp::Client{.address = "10.1.2.3"},
          smtp::Client{.address = ""}, smtp::Client{.address = "192.0.2.9", .account = "ann@here.test"}}) {
        const auto judgement = judge(letter, client);
        EXPECT_EQ(judgement.disposition, Disposition::accept);
        EXPECT_THAT(judgement.fields, IsEmpty());
    }
    EXPECT_EQ(resolver.times_asked(), 0);
}

TEST_F(AuthenticationTest, WhereNamesAreNotAnsweredNobodyIsBlamed) {
    resolver.set("_dmarc.strict.test", dns::Type::txt, dns::Status::failed);
    const auto judgement = judge(letter);
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_THAT(judgement.fields, HasSubstr("dmarc=temperror"));
}

// Answers for what the test says are slow: whoever asks has waited for them until his time was over, and has
// none left for what he asks then.
class SlowResolver final : public net::Resolver {
public:
    explicit SlowResolver(net::Resolver& others) : others_(others) {}
    std::string slow;  // ends the names

    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        if (question.name.text().ends_with(slow)) over_ = std::max(over_, deadline);
        if (deadline <= over_)
            return [](dns::Name name) -> net::Task<dns::RawAnswer> {
                co_return dns::RawAnswer{.status = dns::Status::failed, .canonical = std::move(name)};
            }(question.name);
        return others_.ask(std::move(question), deadline);
    }

private:
    net::Resolver& others_;
    net::Deadline over_ = net::Deadline::min();
};

// RFC 7489 §6.6.2: who sends may have as slow a domain as he likes.
TEST_F(AuthenticationTest, WhatTheAuthorsDomainAsksIsHeardHoweverSlowTheSendersIs) {
    SlowResolver names(resolver);
    names.slow = "slow.test";
    asked = &names;
    text("eve.test", "v=spf1 include:slow.test -all");
    const auto from = [this](std::string_view author) {
        return judge(fmt::format("From: {}\r\n\r\n", author), {.address = "192.0.2.9"}, "<eve@eve.test>")
            .disposition;
    };
    EXPECT_EQ(from("ann@strict.test"), Disposition::reject);
    EXPECT_EQ(from("ann@deep.strict.test"), Disposition::reject) << "it is asked for above";
    EXPECT_EQ(from("eve@slow.test, ann@deep.strict.test"), Disposition::reject);
    EXPECT_EQ(from("eve@slow.test"), Disposition::accept) << "nobody is blamed";
}

// RFC 7489 §6.6.2: or whoever finds a name of the domain's that cannot be asked for would be its author.
TEST_F(AuthenticationTest, WhatMayYetBeVouchedForIsPutOffIfItsDomainAsksForMore) {
    resolver.set("dead.strict.test", dns::Type::txt, dns::Status::failed);
    resolver.set("key._domainkey.dead.strict.test", dns::Type::txt, dns::Status::failed);
    const auto signature_over = [](std::string_view body_hash) {
        return fmt::format(
            "DKIM-Signature: v=1; a=rsa-sha256; d=dead.strict.test; s=key; h=from; bh={}; b=AAAA\r\n{}",
            body_hash, letter);
    };
    const auto by_spf = judge(letter, {.address = "192.0.2.9"}, "<eve@dead.strict.test>");
    EXPECT_EQ(by_spf.disposition, Disposition::defer);
    ASSERT_TRUE(by_spf.reply);
    EXPECT_EQ(by_spf.reply->code, 451);
    EXPECT_EQ(by_spf.reply->ground, "dmarc-unknown");
    EXPECT_THAT(codes_of(by_spf), ElementsAre("dmarc-unknown"));
    const auto hash = to_base64(crypto::digest(crypto::Hash::sha256, "Hello\r\n"));
    EXPECT_EQ(judge(signature_over(hash), {.address = "192.0.2.9"}, "<eve@eve.test>").disposition,
              Disposition::defer);
    EXPECT_EQ(judge(signature_over("AAAA"), {.address = "192.0.2.9"}, "<eve@eve.test>").disposition,
              Disposition::reject)
        << "no key could make this fit";
    EXPECT_EQ(judge(sign(letter), {.address = "192.0.2.9"}, "<eve@dead.strict.test>").disposition,
              Disposition::accept)
        << "DKIM vouches for it";
    EXPECT_EQ(judge(letter, {.address = "203.0.113.5"}, "<eve@dead.strict.test>").disposition,
              Disposition::accept)
        << "a forwarder";

    settings.verify.dmarc = config::DmarcHandling::junk;
    EXPECT_EQ(judge(letter, {.address = "192.0.2.9"}, "<eve@dead.strict.test>").disposition,
              Disposition::junk);
    settings.verify.dmarc = config::DmarcHandling::report;
    EXPECT_EQ(judge(letter, {.address = "192.0.2.9"}, "<eve@dead.strict.test>").disposition,
              Disposition::accept);
    settings.verify.dmarc = config::DmarcHandling::enforce;
    text("_dmarc.lax.test", "v=DMARC1; p=none");
    resolver.set("dead.lax.test", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(judge("From: a@lax.test\r\n\r\n", {.address = "192.0.2.9"}, "<eve@dead.lax.test>").disposition,
              Disposition::accept);
}

// What is asked of all below a domain holds where one of them cannot be asked.
TEST_F(AuthenticationTest, ASilentNameBelowADomainIsNotBeyondWhatItAsks) {
    resolver.set("_dmarc.dead.strict.test", dns::Type::txt, dns::Status::failed);
    const std::string_view message = "From: Ann <ann@dead.strict.test>\r\n\r\nHello\r\n";
    EXPECT_EQ(judge(message, {.address = "192.0.2.9"}, "<eve@eve.test>").disposition, Disposition::defer);
    EXPECT_EQ(judge(sign(message)).disposition, Disposition::accept);
    text("_dmarc.strict.test", "v=DMARC1; p=reject");  // two of them are none
    EXPECT_EQ(judge(message, {.address = "192.0.2.9"}, "<eve@eve.test>").disposition, Disposition::accept);
}

// --- each result of SPF where DMARC says nothing (RFC 7208 §8), from 192.0.2.9

struct SpfRow {
    std::string_view record;  // of plain.test; empty: none
    std::string_view result;
    std::string_view sentence;  // in the trace
};

// None of them but the fail has a disposition of its own: a domain that says neither yes nor no is treated
// as one that says nothing (§8.1, §8.2), a softfail SHOULD NOT be refused for it alone (§8.5), and temperror
// (§8.6) and permerror (§8.7) may be taken.
constexpr SpfRow spf_rows[] = {
    {"", "none", "Nobody vouches for the sender."},
    {"v=spf1 ?all", "neutral", "plain.test does not say whether 192.0.2.9 may send for it (?all)."},
    {"v=spf1", "neutral", "plain.test does not say whether 192.0.2.9 may send for it (default)."},
    {"v=spf1 ip4:192.0.2.9 -all", "pass", "192.0.2.9 may send for plain.test (ip4:192.0.2.9)."},
    {"v=spf1 ~all", "softfail", "192.0.2.9 probably may not send for plain.test (~all)."},
    {"v=spf1 -all", "fail", "192.0.2.9 may not send for plain.test (-all)."},
    {"v=spf1 include:dead.test -all", "temperror", "DNS did not answer for dead.test"},
    {"v=spf1 include:nowhere.test -all", "permerror", "nowhere.test"},
    {"v=spf1 nonsense -all", "permerror", "nonsense"},
};

class SpfResultsTest : public AuthenticationTest {
public:
    // What becomes of the row's mail by that setting.
    Judgement judge_row(const SpfRow& row, config::SpfFailures failures) {
        settings.verify.spf_fail = failures;
        resolver.set("plain.test", dns::Type::txt, dns::Status::no_data);
        if (!row.record.empty()) text("plain.test", row.record);
        return judge("From: a@plain.test\r\n\r\n", {.address = "192.0.2.9"}, "<a@plain.test>");
    }
};

TEST_F(SpfResultsTest, OnlyAFailLeadsToAnythingAndOnlyIfSettingsSaySo) {
    resolver.set("dead.test", dns::Type::txt, dns::Status::failed);
    using config::SpfFailures;
    for (const auto& row : spf_rows)
        for (const auto failures : {SpfFailures::accept, SpfFailures::junk, SpfFailures::reject}) {
            const auto judgement = judge_row(row, failures);
            const auto expected = row.result != "fail"              ? Disposition::accept
                                  : failures == SpfFailures::junk   ? Disposition::junk
                                  : failures == SpfFailures::reject ? Disposition::reject
                                                                    : Disposition::accept;
            EXPECT_EQ(judgement.disposition, expected) << row.record;
            EXPECT_EQ(judgement.findings.empty(), expected == Disposition::accept) << row.record;
            EXPECT_EQ(judgement.reply.has_value(), expected == Disposition::reject) << row.record;
        }
}

TEST_F(SpfResultsTest, AreToldInTheTraceAndInTheFields) {
    resolver.set("dead.test", dns::Type::txt, dns::Status::failed);
    for (const auto& row : spf_rows) {
        const auto judgement = judge_row(row, config::SpfFailures::accept);
        EXPECT_THAT(judgement.sentence, HasSubstr(row.sentence)) << row.record;
        EXPECT_THAT(judgement.fields, HasSubstr(fmt::format("\r\n\tspf={} ", row.result))) << row.record;
        EXPECT_THAT(judgement.fields, HasSubstr(fmt::format("\r\nReceived-SPF: {} (", row.result)))
            << row.record;
    }
}

// RFC 7208 §8.6 lets us take or put off what could not be checked; it is taken, since who sends cannot mend
// our DNS. RFC 7489 §6.6.2: where his domain asks for more, it may come later.
TEST_F(SpfResultsTest, ATemporaryErrorIsNoReasonToRefuseForGoodForDmarcEither) {
    resolver.set("dead.test", dns::Type::txt, dns::Status::failed);
    settings.verify.spf_fail = config::SpfFailures::reject;
    text("unsure.test", "v=spf1 include:dead.test -all");
    text("_dmarc.unsure.test", "v=DMARC1; p=reject");
    const auto unsure = judge("From: a@unsure.test\r\n\r\n", {.address = "192.0.2.9"}, "<a@unsure.test>");
    EXPECT_EQ(unsure.disposition, Disposition::defer);
    EXPECT_THAT(unsure.fields, HasSubstr("\r\n\tspf=temperror "));
    EXPECT_THAT(unsure.fields, HasSubstr("\r\n\tdmarc=temperror "));
    EXPECT_THAT(unsure.sentence, HasSubstr("could not be checked now"));
    text("_dmarc.plain.test", "v=DMARC1; p=reject");
    const SpfRow wrong{"v=spf1 nonsense -all", "permerror", ""};
    EXPECT_EQ(judge_row(wrong, config::SpfFailures::accept).disposition, Disposition::reject)
        << "what is wrong for good vouches for nothing";
}

}  // namespace
}  // namespace hongyan::spam
