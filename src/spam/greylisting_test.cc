// Who is put off at first, and who is not (RFC 6647).
#include "spam/greylisting.h"

#include "engine/memory_engine.h"
#include "net/memory_resolver.h"
#include "reputation/reputation.h"
#include "spam/authentication.h"
#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

using namespace std::chrono_literals;

class GreylistingTest : public testing::Test {
protected:
    GreylistingTest() {
        EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value()));
        names.add("far.test", dns::Txt{"v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.0/24 -all"});
    }

    std::unique_ptr<Visit> visit(std::string_view address) {
        Greylisting::Settings settings{.spf = spf};
        settings.good_clients = {ListRule::parse("wl.test weight=-2").value(),
                                 ListRule::parse("bl.test weight=2").value()};
        judge = std::make_unique<Greylisting>(
            std::move(settings),
            Greylisting::Parts{reputation.greylist(), reputation::Trust(reputation.notebook(), 1),
                               reputation.sending().correspondents(), directory, workers, names, clock});
        return judge->visit(smtp::Client{.address = std::string(address), .said_name = "mx.far.test"},
                            log::Log(output));
    }
    std::string ask(Visit& visit, std::string_view sender, std::string_view recipient = "ann@here.test") {
        reputation.notebook().flush();
        smtp::CheckRecipient asked{
            .client = {}, .sender = {}, .parameters = {}, .recipient = {.path = to_path(recipient)}};
        if (!sender.empty()) asked.sender = to_path(sender);
        (void)run(visit.sender({.client = {}, .sender = asked.sender, .parameters = {}}));
        return said(run(visit.recipient(asked)));
    }
    std::string ask(std::string_view address, std::string_view sender) {
        return ask(*visit(address), sender);
    }
    // A message from there was judged like that.
    void judged(std::string_view address, Disposition disposition, std::string_view spf_domain = {},
                std::vector<Placement> placements = {}) {
        auto known = std::make_shared<Authenticated>();
        if (!spf_domain.empty()) {
            known->found.mail_from.verdict = verify::SpfVerdict::pass;
            known->found.mail_from.domain = spf_domain;
        }
        Judgement judgement;
        judgement.disposition = disposition;
        judgement.placements = std::move(placements);
        judgement.authenticated = known;
        visit(address)->kept({}, judgement, {smtp::Reply{250, "2.0.0", "Ok"}});
        (void)run(net::on_worker(workers, [] { return 0; }));  // behind what was to be learned
        reputation.notebook().flush();
    }

    bool spf = true;
    ManualClock clock;
    log::Output output{clock};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    reputation::Reputation reputation{*engine, clock};
    SeededRandom random{1};
    directory::Directory directory{*engine, clock, random};
    net::MemoryResolver names;
    net::Workers workers{1, 100};
    std::unique_ptr<Greylisting> judge;
};

const std::string put_off =
    "451 4.7.1 You have not been here before: please come back in 60 seconds (greylisting)";

// RFC 6647 §2.4
TEST_F(GreylistingTest, WhoIsNewIsPutOffAndWhoComesBackPasses) {
    EXPECT_EQ(ask("192.0.2.1", "eve@far.test"), put_off);
    EXPECT_EQ(ask("192.0.2.1", ""), put_off) << "bounces too";
    clock.advance(61s);
    EXPECT_EQ(ask("192.0.2.77", "eve@far.test"), "") << "from its network";
}

TEST_F(GreylistingTest, OurOwnPeopleAndOtherMailersAreNotAsked) {
    (void)visit("192.0.2.1");
    EXPECT_EQ(judge->visit({.address = "192.0.2.1", .account = "ann@here.test"}, log::Log(output)), nullptr);
    EXPECT_EQ(judge->visit({.address = "192.0.2.1", .protocol = smtp::Protocol::lmtp}, log::Log(output)),
              nullptr);
    EXPECT_EQ(judge->visit({}, log::Log(output)), nullptr);
}

TEST_F(GreylistingTest, ToWhomTheRecipientHasWrittenIsNotPutOff) {
    const std::vector<std::string> eve{"eve@far.test"};
    const auto account = [&](const char* name) {
        ASSERT_TRUE(directory.add_account({.name = name, .password = directory::ImportedHash{"{PLAIN}x"}}));
    };
    account("ann@here.test");
    account("bob@here.test");
    ASSERT_TRUE(directory.add_alias("sales@here.test",
                                    std::vector<std::string>{"bob@here.test", "ann+sales@here.test"}));
    ASSERT_TRUE(directory.add_alias("office@here.test", std::vector<std::string>{"bob@here.test"}));
    reputation.sending().correspondents().remember("ann@here.test", eve);
    const auto session = visit("192.0.2.1");
    for (const auto* name : {"Ann@here.test", "ann+shop@here.test", "sales@here.test"})
        EXPECT_EQ(ask(*session, "eve@far.test", name), "") << name;
    for (const auto* name : {"bob@here.test", "office@here.test", "nobody@here.test"})
        EXPECT_EQ(ask(*session, "eve@far.test", name), put_off) << name;
    EXPECT_EQ(ask("192.0.2.1", "eve@far.test"), "");
    EXPECT_EQ(ask("192.0.2.1", "bob@far.test"), put_off);
}

TEST_F(GreylistingTest, AListOfGoodClientsVouches) {
    names.add("2.0.0.127.wl.test", dns::A{dns::IpAddress::parse("127.0.0.2").value()});
    names.add("2.0.0.127.bl.test", dns::A{dns::IpAddress::parse("127.0.0.2").value()});
    names.add("1.100.51.198.wl.test", dns::A{dns::IpAddress::parse("127.0.0.2").value()});
    names.add("2.100.51.198.bl.test", dns::A{dns::IpAddress::parse("127.0.0.2").value()});
    EXPECT_EQ(ask("198.51.100.1", "eve@far.test"), "");
    EXPECT_EQ(ask("198.51.100.2", "eve@far.test"), put_off) << "another list";
    const auto asked = names.times_asked();
    const auto session = visit("198.51.100.3");
    EXPECT_EQ(ask(*session, "eve@far.test", "ann@here.test"), put_off);
    const auto once = names.times_asked() - asked;
    EXPECT_EQ(ask(*session, "eve@far.test", "bob@here.test"), put_off);
    EXPECT_EQ(names.times_asked() - asked, once) << "a client is asked about once in a session";
}

TEST_F(GreylistingTest, GoodMailEarnsItsNetworkAndItsDomainTrust) {
    judged("192.0.2.1", Disposition::accept, "far.test");
    EXPECT_EQ(ask("192.0.2.9", "other@else.test"), "") << "the network";
    EXPECT_EQ(ask("203.0.113.1", "new@far.test"), "") << "another of those that the domain's SPF names";
    EXPECT_EQ(ask("198.51.100.1", "new@far.test"), put_off) << "no SPF vouches";
    EXPECT_EQ(ask("203.0.113.1", "new@else.test"), put_off);
    spf = false;
    EXPECT_EQ(ask("203.0.113.1", "new@far.test"), put_off) << "a setting";
}

TEST_F(GreylistingTest, JunkLosesTrustAndWhatWasPutOffSaysNothing) {
    judged("192.0.2.1", Disposition::accept, "far.test");
    judged("192.0.2.1", Disposition::defer, "far.test");
    judged("192.0.2.1", Disposition::accept, "far.test", {{.is_junk = true}});
    EXPECT_EQ(ask("203.0.113.1", "new@far.test"), "");
    judged("192.0.2.1", Disposition::junk, "far.test");
    EXPECT_EQ(ask("192.0.2.9", "other@else.test"), put_off);
    EXPECT_EQ(ask("203.0.113.1", "newer@far.test"), put_off);
    judged("203.0.113.1", Disposition::accept);
    judged("203.0.113.1", Disposition::reject);
    EXPECT_EQ(ask("203.0.113.2", "newest@far.test"), put_off);
}

}  // namespace
}  // namespace hongyan::spam
