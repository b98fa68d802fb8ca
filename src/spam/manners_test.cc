// What clients say of themselves.
#include "spam/manners.h"

#include "engine/memory_engine.h"
#include "net/memory_resolver.h"
#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

class MannersTest : public testing::Test {
protected:
    MannersTest() { EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value())); }

    std::string code(std::string_view said, std::string_view from = "192.0.2.1") const {
        const auto found = look_at_hello(said, from, own);
        return found.empty() ? std::string() : found.front().code;
    }
    // What it hears at MAIL, or else the codes of what is found.
    std::string verdict(config::HelloHandling handling, const smtp::Client& client) {
        Manners judge(own, handling, {directory, workers, names});
        const auto visit = judge.visit(client, log::Log(output));
        if (!visit) return "not asked";
        for (int i = 0; i < 2; ++i)
            if (const auto refused = run(visit->sender({}))) return said(refused);
        Judgement judgement;
        run(visit->message({}, judgement));
        return codes(judgement);
    }

    OwnNames own{.hostname = "mail.here.test", .addresses = {dns::IpAddress::parse("198.51.100.1").value()}};
    ManualClock clock;
    SystemRandom random;
    log::Output output{clock};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    directory::Directory directory{*engine, clock, random};
    net::Workers workers{1, 10};
    net::MemoryResolver names;
};

TEST_F(MannersTest, ANameThatIsNotTheClientsIsFound) {
    EXPECT_EQ(code("mx.far.test"), "");
    EXPECT_EQ(code("[192.0.2.1]"), "");
    EXPECT_EQ(code("[IPv6:2001:db8::1]", "2001:db8::1"), "");
    EXPECT_EQ(code("[192.0.2.2]"), "hello-literal");
    EXPECT_EQ(code("[far.test]"), "hello-syntax");
    EXPECT_EQ(code("192.0.2.1"), "hello-syntax");
    EXPECT_EQ(code("a b"), "hello-syntax");
    EXPECT_EQ(code("localhost"), "hello-no-domain");
    EXPECT_EQ(code("Mail.HERE.test"), "hello-own-name");
    EXPECT_EQ(code("[198.51.100.1]"), "hello-own-name");
    EXPECT_EQ(code("198.51.100.1"), "hello-own-name");
    EXPECT_EQ(code("[198.51.100.1]", "198.51.100.1"), "") << "it is";
    EXPECT_EQ(code("[IPv6:::ffff:198.51.100.1]"), "hello-own-name") << "the same address";
    EXPECT_EQ(code("[IPv6:::ffff:c633:6401]"), "hello-own-name");
    EXPECT_EQ(code("::ffff:198.51.100.1"), "hello-own-name");
    EXPECT_EQ(code("[IPv6:::ffff:192.0.2.1]"), "") << "the client's";
    EXPECT_EQ(code("[IPv6:::198.51.100.1]"), "hello-literal");
}

TEST_F(MannersTest, WhoClaimsToBeUsIsScoredOrRefused) {
    using enum config::HelloHandling;
    const auto client = [](std::string name) {
        return smtp::Client{.address = "192.0.2.1", .said_name = std::move(name)};
    };
    EXPECT_EQ(verdict(score, client("Here.TEST")), "hello-own-name") << "a domain of ours, and found once";
    EXPECT_EQ(verdict(score, client("www.here.test")), "");
    EXPECT_EQ(verdict(score, client("mail.here.test")), "hello-own-name");
    EXPECT_EQ(verdict(reject, client("here.test")),
              "550 5.7.1 It says that it is here.test, which is us (hello-own-name)");
    EXPECT_EQ(verdict(reject, client("[198.51.100.1]")),
              "550 5.7.1 It says that it is [198.51.100.1], which is us (hello-own-name)");
    EXPECT_EQ(verdict(reject, client("mx.far.test")), "");
    EXPECT_EQ(verdict(reject, client("[192.0.2.2]")), "hello-literal") << "RFC 5321 §4.1.4";
}

// No interface has that address, but our name leads to it.
TEST_F(MannersTest, OurPublicAddressBehindNatIsOurs) {
    using enum config::HelloHandling;
    names.add("mail.here.test", dns::A{dns::IpAddress::parse("203.0.113.7").value()});
    names.add("mail.here.test", dns::Aaaa{dns::IpAddress::parse("2001:db8::7").value()});
    const auto client = [](std::string name, std::string from = "192.0.2.1", bool early = false) {
        return smtp::Client{.address = std::move(from), .said_name = std::move(name), .talked_early = early};
    };
    EXPECT_EQ(verdict(score, client("[203.0.113.7]")), "hello-own-name");
    EXPECT_EQ(verdict(score, client("203.0.113.7")), "hello-own-name");
    EXPECT_EQ(verdict(score, client("[IPv6:2001:db8::7]")), "hello-own-name");
    EXPECT_EQ(verdict(score, client("[203.0.113.7]", "192.0.2.1", true)), "hello-own-name early-talker");
    EXPECT_EQ(verdict(reject, client("[203.0.113.7]")),
              "550 5.7.1 It says that it is [203.0.113.7], which is us (hello-own-name)");
    EXPECT_EQ(verdict(score, client("[203.0.113.7]", "203.0.113.7")), "") << "it is";
    EXPECT_EQ(verdict(score, client("[203.0.113.8]")), "hello-literal");
    EXPECT_EQ(verdict(score, client("[IPv6:2001:db8::8]")), "hello-literal");
    names.set("mail.here.test", dns::Type::a, dns::Status::failed);
    EXPECT_EQ(verdict(score, client("[203.0.113.7]")), "hello-literal") << "DNS does not say";
}

TEST_F(MannersTest, OurMachinesBehindNatMayGoByOurAddress) {
    using enum config::HelloHandling;
    names.add("mail.here.test", dns::A{dns::IpAddress::parse("203.0.113.7").value()});
    names.add("mail.here.test", dns::A{dns::IpAddress::parse("198.51.100.1").value()});
    own.inside = {config::Network::parse("10.0.0.0/8").value()};
    const auto verdict_on = [&](std::string name, std::string from) {
        return verdict(reject, {.address = std::move(from), .said_name = std::move(name)});
    };
    for (const auto* address : {"[203.0.113.7]", "[198.51.100.1]"}) {
        EXPECT_EQ(verdict_on(address, "10.1.2.3"), "") << address;
        EXPECT_THAT(verdict_on(address, "11.1.2.3"), testing::StartsWith("550 5.7.1 ")) << address;
    }
    EXPECT_EQ(verdict_on("[192.0.2.9]", "10.1.2.3"), "hello-literal") << "that is nobody's here";
    for (const auto* address : {"203.0.113.7", "198.51.100.1"}) {
        EXPECT_EQ(verdict_on(address, "10.1.2.3"), "hello-syntax") << "whose number it is, it is no name";
        EXPECT_THAT(verdict_on(address, "11.1.2.3"), testing::StartsWith("550 5.7.1 ")) << address;
    }
    for (const auto* address : {"[203.0.113.7]", "[198.51.100.1]"})
        EXPECT_EQ(verdict(reject, {.address = "10.1.2.3", .said_name = address, .talked_early = true}),
                  "early-talker")
            << address;
    EXPECT_THAT(verdict_on("here.test", "10.1.2.3"), testing::StartsWith("550 5.7.1 "))
        << "a name is no matter of NAT";
}

TEST_F(MannersTest, OnlyStrangersAreLookedAt) {
    using enum config::HelloHandling;
    EXPECT_EQ(verdict(reject, {.address = "192.0.2.1", .said_name = "here.test", .account = "ann@here.test"}),
              "not asked");
    EXPECT_EQ(verdict(reject, {.said_name = "here.test"}), "not asked");
    EXPECT_EQ(verdict(reject, {.address = "192.0.2.1", .said_name = "mx.far.test", .talked_early = true}),
              "early-talker");
}

}  // namespace
}  // namespace hongyan::spam
