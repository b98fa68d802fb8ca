// The resolver and the way to mail hosts against the name server and the zones of run.py.
#include <cstdlib>
#include <fstream>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "net/both.h"
#include "net/endpoint.h"
#include "net/mail_route.h"

namespace hongyan::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr auto patience = 20s;  // longer than any machine needs

std::string told(const char* name) {
    const char* value = std::getenv(name);
    check(value != nullptr, "run.py starts these tests");
    return value;
}

ResolverSettings settings() {
    return {.servers = {told("HONGYAN_DNS_SERVER")},
            .trust_anchor = told("HONGYAN_DNS_ANCHORS"),
            .hosts = {},
            .cache = std::uint64_t{1} << 20U};
}

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

// A resolver and two loops; questions are asked on the second, so that answers must find their way.
class World {
public:
    explicit World(const ResolverSettings& how = settings())
        : resolver_(UnboundResolver::make(loops_[0], how).value()) {}

    Resolver& resolver() { return *resolver_; }

    template <typename Value>
    Value run(Task<Value> task) {
        std::promise<Value> promise;
        auto future = promise.get_future();
        asio::co_spawn(loops_[1].executor(), std::move(task), [&](std::exception_ptr error, Value value) {
            if (error)
                promise.set_exception(error);
            else
                promise.set_value(std::move(value));
        });
        return future.get();
    }
    template <typename Record>
    dns::Answer<Record> look_up(std::string_view host, Deadline deadline = after(patience)) {
        return run(net::look_up<Record>(*resolver_, name(host), deadline));
    }

private:
    Loops loops_{2};
    std::unique_ptr<UnboundResolver> resolver_;
};

TEST(Zones, SignedAnswersAreSecure) {
    World world;
    const auto mx = world.look_up<dns::Mx>("Signed.Test");
    ASSERT_EQ(mx.status, dns::Status::found) << mx.why;
    EXPECT_TRUE(mx.secure);
    EXPECT_EQ(mx.ttl, 300s);
    EXPECT_THAT(mx.records, UnorderedElementsAre(dns::Mx{10, name("mx1.signed.test")},
                                                 dns::Mx{20, name("mx2.signed.test")}));
    EXPECT_THAT(world.look_up<dns::Txt>("signed.test").records, ElementsAre(dns::Txt{"v=spf1 -all"}));
    const auto tlsa = world.look_up<dns::Tlsa>("_25._tcp.mx1.signed.test");
    EXPECT_TRUE(tlsa.secure);
    ASSERT_EQ(tlsa.records.size(), 1U);
    EXPECT_TRUE(tlsa.records.front().is_usable());
}

TEST(Zones, ThatThereIsNothingIsSecureToo) {
    World world;
    const auto no_data = world.look_up<dns::Mx>("mx1.signed.test");
    EXPECT_EQ(no_data.status, dns::Status::no_data);
    EXPECT_TRUE(no_data.secure);
    const auto no_domain = world.look_up<dns::Mx>("nowhere.signed.test");
    EXPECT_EQ(no_domain.status, dns::Status::no_domain);
    EXPECT_TRUE(no_domain.secure);
}

TEST(Zones, UnsignedAnswersAreNot) {
    World world;
    const auto mx = world.look_up<dns::Mx>("plain.test");
    EXPECT_EQ(mx.status, dns::Status::found) << mx.why;
    EXPECT_FALSE(mx.secure);
}

TEST(Zones, WrongSignaturesAreBogus) {
    World world;
    const auto mx = world.look_up<dns::Mx>("bogus.test");
    EXPECT_EQ(mx.status, dns::Status::bogus);
    EXPECT_FALSE(mx.why.empty());
    EXPECT_TRUE(mx.records.empty());
}

TEST(Zones, WithoutAnAnchorNothingIsSecureAndNothingBogus) {
    auto how = settings();
    how.trust_anchor.clear();
    World world(how);
    EXPECT_FALSE(world.look_up<dns::Mx>("signed.test").secure);
    EXPECT_EQ(world.look_up<dns::Mx>("bogus.test").status, dns::Status::found);
}

TEST(Zones, AliasesAreFollowed) {
    World world;
    const auto secure = world.look_up<dns::A>("alias.signed.test");
    EXPECT_EQ(secure.canonical, name("mx1.signed.test"));
    EXPECT_TRUE(secure.secure);
    const auto mixed = world.look_up<dns::A>("to-plain.signed.test");
    EXPECT_EQ(mixed.canonical, name("host.plain.test"));
    EXPECT_FALSE(mixed.secure);
}

TEST(Zones, AHostsFileIsRead) {
    const ScratchFolder scratch;
    std::ofstream(scratch.path() / "hosts") << "192.0.2.77 Relay.Lan\n";
    auto how = settings();
    how.hosts = scratch.path() / "hosts";
    World world(how);
    const auto answer = world.look_up<dns::A>("relay.lan");
    ASSERT_EQ(answer.records.size(), 1U) << answer.why;
    EXPECT_EQ(answer.records.front().address.to_string(), "192.0.2.77");
    EXPECT_FALSE(answer.secure);
}

// RFC 6761 §6.2 and §6.4: also names that servers are not to know, for whoever tries things out.
TEST(Zones, AHostsFileIsReadWhereServersAreNamed) {
    const ScratchFolder scratch;
    std::ofstream(scratch.path() / "hosts")
        << "192.0.2.7 mail.example.test\n192.0.2.8 mx.invalid\n192.0.2.9 signed.test\n"
           "192.0.2.7 example.net\n";
    auto how = settings();
    how.hosts = scratch.path() / "hosts";
    World world(how);
    const auto address_of = [&](std::string_view host) {
        const auto answer = world.look_up<dns::A>(host);
        return answer.records.empty() ? answer.why : answer.records.front().address.to_string();
    };
    EXPECT_EQ(address_of("mail.example.test"), "192.0.2.7");
    EXPECT_EQ(address_of("mx.invalid"), "192.0.2.8");
    EXPECT_EQ(world.look_up<dns::A>("mx1.signed.test").status, dns::Status::found)
        << "the servers know others";
    EXPECT_EQ(address_of("signed.test"), "192.0.2.9");
    EXPECT_EQ(address_of("example.net"), "192.0.2.7");
    EXPECT_EQ(world.look_up<dns::Aaaa>("example.net").status, dns::Status::no_data) << "all its addresses";
    for (const auto* domain : {"signed.test", "example.net"}) {
        EXPECT_EQ(world.look_up<dns::Mx>(domain).status, dns::Status::found) << "and what it has else";
        EXPECT_EQ(world.look_up<dns::Txt>(domain).status, dns::Status::found) << domain;
    }
    EXPECT_EQ(world.look_up<dns::A>("mail.example.net").status, dns::Status::found);
}

// So that it is its own mail host (RFC 5321 §5.1).
TEST(Zones, ANameThatOnlyAHostsFileKnowsExistsForAllQuestions) {
    const ScratchFolder scratch;
    std::ofstream(scratch.path() / "hosts") << "192.0.2.77 relay.signed.test relay.plain.test relay.lan\n";
    auto how = settings();
    how.hosts = scratch.path() / "hosts";
    World world(how);
    for (const auto* host : {"relay.signed.test", "relay.plain.test"}) {
        const auto mx = world.look_up<dns::Mx>(host);
        EXPECT_EQ(mx.status, dns::Status::no_data) << host;
        EXPECT_FALSE(mx.secure) << host;
        EXPECT_EQ(world.look_up<dns::Txt>(host).status, dns::Status::no_data) << host;
    }
    EXPECT_EQ(world.look_up<dns::Mx>("other.plain.test").status, dns::Status::no_domain);
    EXPECT_EQ(world.look_up<dns::Mx>("relay.lan").status, dns::Status::failed)
        << "what it has else the server does not tell; that it has nothing is not known";
}

// Takes questions and never answers.
class SilentServer {
public:
    SilentServer() {
        const auto any = Endpoint::parse("127.0.0.1:0").value();
        check(::bind(socket_.number(), any.data(), any.size()) == 0, "a port is free");
        constexpr timeval longest{.tv_sec = patience.count(), .tv_usec = 0};
        ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    }
    std::string address() const {
        return fmt::format("127.0.0.1@{}", Endpoint::local_of(socket_.number()).port());
    }
    void wait_for_question() const {
        char first = 0;
        check(::recv(socket_.number(), &first, 1, 0) == 1, "somebody asks");
    }

private:
    Descriptor socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST(Zones, ADeadServerIsWaitedForUntilTheDeadlineAndNoLonger) {
    const SilentServer silent;
    auto how = settings();
    how.servers = {silent.address()};
    World world(how);
    const auto answer = world.look_up<dns::Mx>("signed.test", after(200ms));
    EXPECT_EQ(answer.status, dns::Status::failed);
    EXPECT_THAT(answer.why, HasSubstr("in time"));
}

TEST(Zones, ManyQuestionsAtOnceAreAllAnswered) {
    World world;
    const auto all = [](Resolver& resolver) -> Task<int> {
        int found = 0;
        for (int i = 0; i < 50; ++i) {
            const auto host = name(i % 2 == 0 ? "mx1.signed.test" : "mx2.signed.test");
            const auto answer = co_await net::look_up<dns::A>(resolver, host, after(patience));
            found += answer.is_found() ? 1 : 0;
        }
        co_return found;
    };
    const auto twice = [&all](Resolver& resolver) -> Task<int> {
        const auto [one, two] = co_await both(all(resolver), all(resolver));
        co_return one + two;
    };
    EXPECT_EQ(world.run(twice(world.resolver())), 100);
}

TEST(Zones, AResolverThatGoesLeavesNobodyHanging) {
    const SilentServer silent;
    auto how = settings();
    how.servers = {silent.address()};
    Loops loops(2);
    auto resolver = UnboundResolver::make(loops[0], how).value();
    std::promise<dns::Status> promise;
    auto future = promise.get_future();
    const auto ask = [&](Resolver& whom) -> Task<> {
        // Long enough for the question to get to the server on any machine: who gives up before asks nobody.
        const auto answer = co_await net::look_up<dns::Mx>(whom, name("signed.test"), after(1s));
        promise.set_value(answer.status);
    };
    start(loops[1], ask(*resolver));
    silent.wait_for_question();
    resolver.reset();
    EXPECT_EQ(future.get(), dns::Status::failed);
}

// --- the way to the hosts

TEST(MailRoute, LeadsFromTheDomainToAddressesAndTlsa) {
    World world;
    SystemRandom random;
    const Ourselves nobody;
    const auto route =
        world.run(find_hosts(world.resolver(), name("signed.test"), nobody, random, after(patience)));
    ASSERT_TRUE(route) << route.error().text;
    EXPECT_TRUE(route->secure);
    ASSERT_EQ(route->hosts.size(), 2U);
    EXPECT_EQ(route->hosts[0].name, name("mx1.signed.test"));
    const auto addresses =
        world.run(find_addresses(world.resolver(), route->hosts[0].name, nobody, random, after(patience)));
    ASSERT_TRUE(addresses) << addresses.error().text;
    EXPECT_TRUE(addresses->secure);
    ASSERT_EQ(addresses->addresses.size(), 2U);
    EXPECT_EQ(addresses->addresses[0].to_string(), "2001:db8::1");
    const auto tlsa =
        world.run(find_tlsa(world.resolver(), route->hosts[0].name, *addresses, 25, after(patience)));
    EXPECT_EQ(tlsa.status, HostTlsa::Status::found);
    EXPECT_EQ(tlsa.base, name("mx1.signed.test"));
}

struct Row {
    const char* domain;
    const char* status;
};

TEST(MailRoute, EndsWhereThereIsNone) {
    World world;
    SystemRandom random;
    const Ourselves us{.names = {name("mx1.signed.test")}, .addresses = {}};
    for (const auto& [domain, status] : {Row{"null.signed.test", "5.1.10"}, Row{"none.signed.test", "5.1.2"},
                                         Row{"bogus.test", "4.4.3"}, Row{"signed.test", "5.4.6"}}) {
        const auto route = world.run(find_hosts(world.resolver(), name(domain), us, random, after(patience)));
        ASSERT_FALSE(route) << domain;
        EXPECT_EQ(route.error().status, status) << route.error().text;
    }
    const auto implicit =
        world.run(find_hosts(world.resolver(), name("hostonly.signed.test"), us, random, after(patience)));
    ASSERT_TRUE(implicit) << implicit.error().text;
    EXPECT_TRUE(implicit->implicit);
}

HostTlsa tlsa_of(World& world, std::string_view host) {
    SystemRandom random;
    const Ourselves nobody;
    const auto addresses =
        world.run(find_addresses(world.resolver(), name(host), nobody, random, after(patience)));
    EXPECT_TRUE(addresses) << host;
    return world.run(find_tlsa(world.resolver(), name(host), *addresses, 25, after(patience)));
}

// RFC 7672 §2.2.2.
TEST(MailRoute, DaneNeedsSignaturesAndFollowsAliases) {
    World world;
    EXPECT_EQ(tlsa_of(world, "host.plain.test").status, HostTlsa::Status::none);
    EXPECT_EQ(tlsa_of(world, "mx2.signed.test").status, HostTlsa::Status::none);
    EXPECT_EQ(tlsa_of(world, "alias.signed.test").base, name("mx1.signed.test"));
    const auto half = tlsa_of(world, "to-plain.signed.test");
    EXPECT_EQ(half.status, HostTlsa::Status::found);
    EXPECT_EQ(half.base, name("to-plain.signed.test"));
}

TEST(Resolver, WhatItCannotUseIsTold) {
    Loops loops(1);
    const ScratchFolder scratch;
    const auto nonsense = scratch.path() / "nonsense";
    std::ofstream(nonsense) << "this is no key\n";
    for (const auto& [servers, anchor, hosts] :
         {std::tuple<std::vector<std::string>, std::string, const char*>{{"nonsense"}, "", ""},
          {{}, nonsense.string(), ""},
          {{}, "/nowhere/root.key", ""},
          {{}, "", "/nowhere/hosts"}}) {
        const auto resolver =
            UnboundResolver::make(loops[0], {.servers = servers, .trust_anchor = anchor, .hosts = hosts});
        EXPECT_FALSE(resolver) << anchor << hosts;
    }
}

}  // namespace
}  // namespace hongyan::net
