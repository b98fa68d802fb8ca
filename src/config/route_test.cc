#include "config/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::config {
namespace {

using testing::HasSubstr;

TEST(Route, LeadsFromADomainOrASender) {
    struct Row {
        std::string_view text;
        std::string_view domain, sender;
    };
    const Row rows[] = {
        {"* relay.example.net", "*", ""},
        {"Example.ORG relay.example.net", "example.org", ""},
        {".example.org  relay.example.net", ".example.org", ""},
        {"例子.测试 relay.example.net", "例子.测试", ""},
        {"from:Ann@Here.test relay.example.net", "", "ann@here.test"},
        {"from:@here.test relay.example.net", "", "@here.test"},
    };
    for (const auto& row : rows) {
        const auto route = Route::parse(row.text);
        ASSERT_TRUE(route) << row.text << ": " << route.error().message;
        EXPECT_EQ(route->domain, row.domain);
        EXPECT_EQ(route->sender, row.sender);
        EXPECT_EQ(route->hop.host, "relay.example.net");
        EXPECT_EQ(Route::parse(route->to_string()), *route);
    }
}

TEST(Route, SaysHowTheHostIsSpokenTo) {
    using Protocol = NextHop::Protocol;
    struct Row {
        std::string_view text;
        Protocol protocol;
        std::string_view host;
        std::uint16_t port;
        bool looks_up_mx;
        RouteTls tls;
    };
    const Row rows[] = {
        {"relay.example.net", Protocol::smtp, "relay.example.net", 25, true, RouteTls::opportunistic},
        {"smtp:relay.example.net:2525", Protocol::smtp, "relay.example.net", 2525, true,
         RouteTls::opportunistic},
        {"[relay.example.net]", Protocol::smtp, "relay.example.net", 25, false, RouteTls::opportunistic},
        {"[192.0.2.1]:26 tls=none", Protocol::smtp, "192.0.2.1", 26, false, RouteTls::none},
        {"[2001:db8::1]", Protocol::smtp, "2001:db8::1", 25, false, RouteTls::opportunistic},
        {"[relay.example.net] tls=implicit", Protocol::smtp, "relay.example.net", 465, false,
         RouteTls::implicit},
        {"[relay.example.net] user=ann", Protocol::smtp, "relay.example.net", 587, false, RouteTls::required},
        {"[relay.example.net]:465 user=ann", Protocol::smtp, "relay.example.net", 465, false,
         RouteTls::implicit},
        {"[127.0.0.1]:25 user=ann tls=none", Protocol::smtp, "127.0.0.1", 25, false, RouteTls::none},
        {"lmtp:box.example.net", Protocol::lmtp, "box.example.net", 24, false, RouteTls::opportunistic},
        {"lmtp:[127.0.0.1]:2424", Protocol::lmtp, "127.0.0.1", 2424, false, RouteTls::opportunistic},
        {"lmtp:unix:/run/lmtp", Protocol::lmtp, "", 0, false, RouteTls::none},
    };
    for (const auto& row : rows) {
        const auto hop = NextHop::parse(row.text);
        ASSERT_TRUE(hop) << row.text << ": " << hop.error().message;
        EXPECT_EQ(hop->protocol, row.protocol) << row.text;
        EXPECT_EQ(hop->host, row.host) << row.text;
        EXPECT_EQ(hop->port, row.port) << row.text;
        EXPECT_EQ(hop->looks_up_mx, row.looks_up_mx) << row.text;
        EXPECT_EQ(hop->tls, row.tls) << row.text;
    }
    EXPECT_EQ(NextHop::parse("lmtp:unix:/run/lmtp")->socket, "/run/lmtp");
    EXPECT_TRUE(NextHop::parse("direct")->direct);
}

TEST(Route, ProvidersBringWhatTheyNeed) {
    for (const auto& provider : providers()) {
        const auto token = provider.log_in == LogInBy::token ? " token=/run/token" : "";
        const auto hop = NextHop::parse(fmt::format("{}:me@example.net{}", provider.name, token));
        ASSERT_TRUE(hop) << hop.error().message;
        EXPECT_EQ(hop->host, provider.host);
        EXPECT_EQ(hop->port, provider.port);
        EXPECT_EQ(hop->user, "me@example.net");
        EXPECT_EQ(hop->provider, &provider);
        EXPECT_FALSE(hop->looks_up_mx);
        EXPECT_TRUE(hop->tls == RouteTls::required || hop->tls == RouteTls::implicit);
    }
    const auto hop = NextHop::parse("qq:12345@qq.com secret=/etc/hongyan/qq messages=5 connections=1");
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->messages, 5U);
    EXPECT_EQ(hop->connections, 1U);
    EXPECT_EQ(hop->secret, "/etc/hongyan/qq");
}

TEST(Route, WhatIsWrongIsSaid) {
    const std::pair<std::string, std::string_view> rows[] = {
        {"", "not a route"},
        {"example.org", "not a route"},
        {"a..b relay.example.net", "not a domain"},
        {"from:ann relay.example.net", "not a sender"},
        {"from:ann@ relay.example.net", "not a sender"},
        {"* relay.example.net:0", "not a host"},
        {"* relay.example.net:70000", "not a host"},
        {"* [relay.example.net", "not a host"},
        {"* 2001:db8::1", "not a host"},
        {"* relay.example.net tls=maybe", "none, opportunistic, required or implicit"},
        {"* relay.example.net tls=none tls=none", "twice"},
        {"* relay.example.net colour=red", "no option"},
        {"* relay.example.net secret=/x", "needs user"},
        {"* relay.example.net user=a secret=x", "absolute path"},
        {"* relay.example.net user=a secret=/x token=/y", "not both"},
        {"* relay.example.net user=a connections=0", "1 to 1000"},
        {"* gmail:", "name to log in"},
        {"* outlook:me@example.net", "token=FILE"},
        {"* lmtp:unix:run", "absolute path"},
        {"* direct tls=none", "no options"},
        {"* relay.example.net user=" + std::string(1000, 'x'), "1000 bytes"},
    };
    for (const auto& [text, complaint] : rows) {
        const auto route = Route::parse(text);
        ASSERT_FALSE(route) << text;
        EXPECT_THAT(route.error().message, HasSubstr(complaint)) << text;
    }
}

}  // namespace
}  // namespace hongyan::config
