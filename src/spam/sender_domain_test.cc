// Whether a sender can be replied to.
#include "spam/sender_domain.h"

#include "net/memory_resolver.h"
#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

using config::SenderDomains;

class SenderDomainTest : public testing::Test {
protected:
    SenderDomainTest() {
        const auto root = dns::Name();
        names.add("null.test", dns::Mx{.preference = 0, .exchange = root});
        names.add("good.test",
                  dns::Mx{.preference = 10, .exchange = dns::Name::parse("mx.good.test").value()});
        names.add("web.test", dns::A{dns::IpAddress::parse("192.0.2.80").value()});
        names.add("six.test", dns::Aaaa{dns::IpAddress::parse("2001:db8::80").value()});
        names.add("empty.test", dns::Txt{"v=spf1 -all"});
        names.add("late.test", dns::Txt{"v=spf1 -all"});
        names.set("late.test", dns::Type::a, dns::Status::failed);
        names.set("broken.test", dns::Type::mx, dns::Status::failed);
    }

    // What the client hears at MAIL, or else the codes of what is found.
    std::string verdict(std::string_view sender, SenderDomains handling = SenderDomains::reject,
                        const smtp::Client& client = {.address = "192.0.2.1"}) {
        SenderDomain judge(handling, std::chrono::seconds(1), names);
        const auto visit = judge.visit(client, log::Log(output));
        if (!visit) return "not asked";
        smtp::CheckSender asked{.client = client, .sender = {}, .parameters = {}};
        if (!sender.empty()) asked.sender = to_path(sender);
        if (const auto refused = run(visit->sender(asked))) return said(refused);
        Judgement judgement;
        run(visit->message(mail(client, "a@good.test", {}), judgement));
        return codes(judgement);
    }

    // What becomes of a message with that header from a@good.test, with the codes and the reply.
    std::string judged(std::string_view header, SenderDomains handling = SenderDomains::reject) {
        SenderDomain judge(handling, std::chrono::seconds(1), names);
        const smtp::Client client{.address = "192.0.2.1"};
        const auto visit = judge.visit(client, log::Log(output));
        const auto came =
            mail(client, "a@good.test", {"ann@here.test"}, fmt::format("{}\r\n\r\nHello\r\n", header));
        const smtp::CheckSender asked{.client = client, .sender = came.envelope.sender, .parameters = {}};
        EXPECT_EQ(said(run(visit->sender(asked))), "");
        Judgement judgement;
        run(visit->message(came, judgement));
        return fmt::format("{} {}{}{}", to_string(judgement.disposition), codes(judgement),
                           judgement.reply ? " " : "", said(judgement.reply));
    }

    ManualClock clock;
    log::Output output{clock};
    net::MemoryResolver names;
};

// Notes until when it may take to answer, and answers nothing.
class Watching final : public net::Resolver {
public:
    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        asked.push_back(question.name.text());
        deadlines.push_back(deadline);
        dns::RawAnswer answer;
        answer.status = dns::Status::failed;
        co_return answer;
    }
    std::vector<std::string> asked;
    std::vector<net::Deadline> deadlines;
};

// Whoever writes the header decides how many authors there are, and where their names are served.
TEST_F(SenderDomainTest, AllAuthorsTogetherHaveOnePatience) {
    Watching watching;
    SenderDomain judge(SenderDomains::score, std::chrono::seconds(1), watching);
    const smtp::Client client{.address = "192.0.2.1"};
    const auto visit = judge.visit(client, log::Log(output));
    Judgement judgement;
    run(visit->message(mail(client, "a@good.test", {"ann@here.test"},
                            "From: a@one.test, b@two.test, c@three.test\r\n\r\nHello\r\n"),
                       judgement));
    EXPECT_THAT(watching.asked, testing::UnorderedElementsAre("one.test", "two.test", "three.test"));
    ASSERT_FALSE(watching.deadlines.empty());
    EXPECT_THAT(watching.deadlines, testing::Each(watching.deadlines.front()));
}

// RFC 7505 §4.1
TEST_F(SenderDomainTest, ADomainThatTakesNoMailSendsNone) {
    for (const auto handling : {SenderDomains::score, SenderDomains::reject})
        EXPECT_THAT(verdict("eve@null.test", handling),
                    testing::AllOf(testing::StartsWith("550 5.7.27 null.test takes no mail"),
                                   testing::EndsWith("(null-mx)")));
}

// RFC 7505 §4.1: RFC5322.From likewise, where a strict judge sits.
TEST_F(SenderDomainTest, AnAuthorWhoTakesNoMailIsScoredOrRefused) {
    EXPECT_EQ(judged("From: eve@null.test", SenderDomains::score), "accept null-mx");
    EXPECT_EQ(judged("From: eve@null.test"),
              "reject null-mx 550 5.7.27 null.test takes no mail, so nobody could tell "
              "you of a failure (null-mx)");
    EXPECT_THAT(judged("From: a@good.test, eve@null.test"),
                testing::StartsWith("reject null-mx 550 5.7.27 "));
    EXPECT_EQ(judged("From: a@good.test"), "accept ");
    EXPECT_EQ(judged("From: a@none.test"), "accept ") << "only MAIL FROM has to exist";
    EXPECT_EQ(judged("From: a@broken.test"), "accept ");
    EXPECT_EQ(judged("From: nobody:;"), "accept ");
    EXPECT_EQ(judged("Subject: no author"), "accept ");
}

TEST_F(SenderDomainTest, OneToWhichNobodyCanReplyIsScoredOrRefused) {
    EXPECT_EQ(verdict("eve@none.test", SenderDomains::score), "sender-domain");
    EXPECT_EQ(verdict("eve@none.test"),
              "550 5.1.8 There is no domain none.test to which a reply could go (sender-domain)");
    EXPECT_EQ(verdict("eve@empty.test", SenderDomains::score), "") << "it exists";
    EXPECT_THAT(verdict("eve@empty.test"), testing::StartsWith("550 5.1.8 "));
}

TEST_F(SenderDomainTest, AnMxOrAnAddressIsEnough) {
    for (const auto* sender : {"eve@good.test", "eve@web.test", "eve@six.test"})
        EXPECT_EQ(verdict(sender), "") << sender;
}

TEST_F(SenderDomainTest, WhatIsNotKnownForNowIsPutOffWhereItMatters) {
    for (const auto* sender : {"eve@broken.test", "eve@late.test"}) {
        EXPECT_THAT(verdict(sender), testing::StartsWith("451 4.4.3 ")) << sender;
        EXPECT_EQ(verdict(sender, SenderDomains::score), "") << sender;
    }
}

TEST_F(SenderDomainTest, BouncesLiteralsAndOurOwnPeopleAreNotAskedAbout) {
    EXPECT_EQ(verdict(""), "");
    EXPECT_EQ(verdict("eve@[192.0.2.1]"), "");
    EXPECT_EQ(names.times_asked(), 0);
    EXPECT_EQ(
        verdict("ann@null.test", SenderDomains::reject, {.address = "192.0.2.1", .account = "ann@here.test"}),
        "not asked");
    EXPECT_EQ(verdict("ann@null.test", SenderDomains::reject, {.protocol = smtp::Protocol::lmtp}),
              "not asked");
}

}  // namespace
}  // namespace hongyan::spam
