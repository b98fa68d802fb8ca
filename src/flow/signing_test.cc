// Mail that leaves is signed by its author's domain, and what is passed on is sealed.
#include "flow/signing.h"

#include "base/encoding.h"
#include "flow/flow_fixture.h"
#include "verify/answers_for_test.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class SigningTest : public FlowTest {
public:
    // Two keys of here.test that sign, with their records in DNS.
    void make_keys() {
        std::vector<directory::NewSigningKey> keys;
        keys.push_back({"r", crypto::PrivateKey::generate_rsa(1024)});
        keys.push_back({"e", crypto::PrivateKey::generate_ed25519()});
        for (const auto& [selector, key] : keys) {
            const verify::DkimKey record{.type = key.type(), .octets = key.public_octets()};
            zone.text(selector + "._domainkey.here.test", record.to_record());
        }
        const auto here = directory::DomainName::parse("here.test").value();
        ASSERT_TRUE(directory.add_signing_keys(here, keys));
        const directory::SigningKeyChange changes[] = {{"r", directory::KeyState::active},
                                                       {"e", directory::KeyState::active}};
        ASSERT_TRUE(directory.change_signing_keys(here, changes));
    }
    verify::DkimReport verified(std::string_view message) {
        const auto mail = verify::Mail::whole(message);
        return zone.conclude<verify::DkimReport>(
            [&](verify::KnownAnswers& answers) { return verify_dkim(*mail, clock.now(), answers); });
    }
    smtp::Deliver submission(std::string text) {
        return mail({"<far@there.test>"}, {.address = "192.0.2.1", .account = "ann@here.test"},
                    std::move(text));
    }

    verify::TestZone zone;
};

constexpr std::string_view letter = "From: Ann <ann@here.test>\r\nSubject: hello\r\n\r\nHello\r\n";

TEST_F(SigningTest, WhatAccountsSendIsSignedWithEveryKeyAndWhatWeAddIsCovered) {
    make_keys();
    EXPECT_THAT(deliver(submission(std::string(letter))), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(1));
    const auto sent = queue.read(queued()[0]).value();
    const auto report = verified(sent);
    ASSERT_THAT(report.signatures, SizeIs(2));
    for (const auto& signature : report.signatures) {
        EXPECT_EQ(signature.verdict, verify::DkimVerdict::pass) << signature.reason;
        EXPECT_EQ(signature.domain, "here.test");
    }
    auto changed = sent;
    changed.replace(changed.find("Message-ID: <") + 13, 1, "%");
    EXPECT_EQ(verified(changed).verdict(), verify::DkimVerdict::fail) << "the Message-ID is ours and signed";
}

TEST_F(SigningTest, OnlyOurPeoplesMailIsSignedAndOnlyByItsAuthorsDomain) {
    make_keys();
    alias("away@here.test", {"far@there.test"});
    EXPECT_THAT(deliver(mail({"<away@here.test>"}, {.address = "192.0.2.1"}, std::string(letter))),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued()[0].prefix, Not(HasSubstr("DKIM-Signature"))) << "a stranger has sent it";
    EXPECT_THAT(deliver(submission("From: a@there.test\r\n\r\n")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued()[1].prefix, Not(HasSubstr("DKIM-Signature"))) << "its author is not of ours";
    EXPECT_THAT(deliver(submission("From: a@here.test, b@there.test\r\n\r\n")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued()[2].prefix, Not(HasSubstr("DKIM-Signature"))) << "it has two authors' domains";
}

TEST_F(SigningTest, NobodySignsUnderAnothersName) {
    make_keys();
    constexpr std::string_view of_bob = "From: Bob <bob@here.test>\r\nSubject: hello\r\n\r\nHello\r\n";
    policy.sender_must_be_own = true;
    EXPECT_THAT(deliver(submission(std::string(of_bob))), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued()[0].prefix, Not(HasSubstr("DKIM-Signature"))) << "ann has sent it";
    const std::string long_name(300, 'x');
    std::string many;
    for (std::size_t i = 0; i < message::max_listed_addresses; ++i) many += "ann@here.test, ";
    for (const auto& author : {std::string("bob@here.test."), long_name + "@here.test",
                               "ann@here.test, " + long_name + "@here.test", std::string("<>, bob@here.test"),
                               many + "bob@here.test"}) {
        EXPECT_THAT(deliver(submission(fmt::format("From: {}\r\n\r\nHello\r\n", author))),
                    ElementsAre("250 2.0.0"));
        EXPECT_THAT(queued().back().prefix, Not(HasSubstr("DKIM-Signature"))) << author.substr(0, 400);
    }
    policy.sender_must_be_own = false;
    EXPECT_THAT(deliver(submission(std::string(of_bob))), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued().back().prefix, HasSubstr("DKIM-Signature"))
        << "the settings let her write as she likes";
}

TEST_F(SigningTest, WithoutAKeyMailGoesAsItIs) {
    EXPECT_THAT(deliver(submission(std::string(letter))), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued()[0].prefix, Not(HasSubstr("DKIM-Signature")));
}

// Finds what the test says, as the judge of authentication would.
class Finder : public spam::Judge {
public:
    std::unique_ptr<spam::Visit> visit(const smtp::Client&, const log::Log&) override {
        class Visit : public spam::Visit {
            net::Task<void> message(const smtp::Deliver&, spam::Judgement& judgement) override {
                auto found = std::make_shared<spam::Authenticated>();
                found->found.mail_from = {.verdict = verify::SpfVerdict::pass, .domain = "there.test"};
                found->found.helo = found->found.mail_from;
                judgement.authenticated = std::move(found);
                co_return;
            }
        };
        return std::make_unique<Visit>();
    }
};

TEST_F(SigningTest, WhatIsPassedOnIsSealed) {
    make_keys();
    world.judges = std::make_shared<spam::Panel>();
    world.judges->seat({std::make_shared<Finder>()});
    alias("away@here.test", {"far@there.test"});
    EXPECT_THAT(deliver(mail({"<away@here.test>"}, {.address = "192.0.2.1"}, std::string(letter))),
                ElementsAre("250 2.0.0"));
    const auto sent = queue.read(queued()[0]).value();
    const auto passed_on = verify::Mail::whole(sent);
    const auto chain = zone.conclude<verify::ArcOutcome>(
        [&](verify::KnownAnswers& answers) { return verify_arc(*passed_on, Instant{}, answers); });
    EXPECT_EQ(chain.verdict, verify::ArcVerdict::pass) << chain.reason;
    EXPECT_THAT(chain.sealers, ElementsAre("here.test"));
    EXPECT_THAT(chain.first_results, HasSubstr("mail.here.test;"));
    EXPECT_THAT(chain.first_results, HasSubstr("spf=pass"));
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {.address = "192.0.2.1"}, std::string(letter))),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann)[0], Not(HasSubstr("ARC-Seal"))) << "what stays here needs none";
}

}  // namespace
}  // namespace hongyan::flow
