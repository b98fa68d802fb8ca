#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/mail_hosts.h"
#include "dns/special_use.h"

namespace hongyan::dns {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Name name(std::string_view text) {
    const auto parsed = Name::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Name());
}

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

// --- names

TEST(Name, IsTheSameHoweverItIsWritten) {
    for (const char* text :
         {"例子.测试", "例子.测试.", "xn--fsqu00a.xn--0zwm56d", "XN--FSQU00A.xn--0zwm56d."})
        EXPECT_EQ(name(text).text(), "xn--fsqu00a.xn--0zwm56d") << text;
    EXPECT_EQ(name("_25._TCP.Mx.Example.NET").text(), "_25._tcp.mx.example.net");
}

TEST(Name, WhatCannotBeAskedForIsRefused) {
    const std::string long_label(64, 'a');
    std::string long_name;
    for (int i = 0; i < 64; ++i) long_name += "abc.";
    for (const auto& text :
         {std::string(), std::string(".."), std::string("a..b"), std::string(".a"), std::string("a b"),
          std::string("a\\.b"), std::string("a\0b", 3), long_label, long_name, std::string("\xff.test")})
        EXPECT_FALSE(Name::parse(text)) << text;
}

TEST(Name, GoesRoundThroughARecord) {
    for (const char* text : {"mx.example.net", "a", "_dmarc.example.org"}) {
        const auto wire = name(text).to_wire();
        std::string_view in = wire;
        EXPECT_EQ(*Name::take(in), name(text));
        EXPECT_TRUE(in.empty());
        for (std::size_t cut = 0; cut < wire.size(); ++cut) {
            in = std::string_view(wire).substr(0, cut);
            EXPECT_FALSE(Name::take(in)) << text << " cut at " << cut;
        }
    }
    EXPECT_EQ(Name().to_wire(), std::string(1, '\0'));
}

TEST(Name, ALabelWithADotInItIsNoName) {
    std::string_view in("\3a.b\0", 5);
    EXPECT_FALSE(Name::take(in));
}

TEST(Name, KnowsWhatIsBelowIt) {
    EXPECT_TRUE(name("mx.example.net").is_within(name("example.net")));
    EXPECT_TRUE(name("example.net").is_within(name("example.net")));
    EXPECT_FALSE(name("anexample.net").is_within(name("example.net")));
    EXPECT_EQ(name("example.net").under("_mta-sts")->text(), "_mta-sts.example.net");
}

// --- addresses

TEST(IpAddress, IsReadFromLiterals) {
    EXPECT_EQ(IpAddress::parse_literal("[192.0.2.1]"), address("192.0.2.1"));
    EXPECT_EQ(IpAddress::parse_literal("[IPv6:2001:db8::1]"), address("2001:db8::1"));
    for (const char* text : {"[]", "[", "192.0.2.1", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[192.0.2]",
                             "[192.0.2.1", "[IPv6:]", "[x:1]"})
        EXPECT_FALSE(IpAddress::parse_literal(text)) << text;
}

TEST(IpAddress, WhatIsSetAsideIsToldFromTheInternet) {
    const struct {
        const char* address;
        std::string_view use;
    } rows[] = {
        {"192.0.2.1", ""},
        {"8.8.8.8", ""},
        {"2001:db8::1", ""},
        {"172.32.0.1", ""},
        {"11.0.0.1", ""},
        {"0.0.0.0", "this network"},
        {"10.255.0.1", "private"},
        {"172.31.255.255", "private"},
        {"192.168.0.1", "private"},
        {"100.127.0.1", "private"},
        {"127.0.0.53", "loopback"},
        {"169.254.169.254", "link-local"},
        {"224.0.0.1", "multicast"},
        {"255.255.255.255", "reserved"},
        {"::", "this network"},
        {"::1", "loopback"},
        {"fd00::1", "private"},
        {"fe80::1", "link-local"},
        {"ff02::1", "multicast"},
        {"::ffff:127.0.0.1", "loopback"},
        {"64:ff9b::a00:1", "private"},
        {"2002:a00:1::", "private"},
        {"2002:c000:201::", ""},
    };
    for (const auto& row : rows) EXPECT_EQ(special_use(address(row.address)), row.use) << row.address;
}

TEST(IpAddress, HasANameInReverse) {
    EXPECT_EQ(address("192.0.2.1").reverse_name(), "1.2.0.192.in-addr.arpa");
    EXPECT_EQ(address("2001:db8::1").reverse_name(),
              "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

// --- records

template <typename Record>
void goes_round(const Record& record) {
    const auto again = Record::parse(record.to_rdata());
    ASSERT_TRUE(again) << to_string(Record::type);
    EXPECT_EQ(*again, record);
}

TEST(Record, GoesRound) {
    goes_round(A{address("192.0.2.1")});
    goes_round(Aaaa{address("2001:db8::1")});
    goes_round(Mx{10, name("mx.example.net")});
    goes_round(Mx{0, Name()});
    goes_round(Txt{""});
    goes_round(Txt{std::string(600, 't')});
    goes_round(Cname{name("a.example.net")});
    goes_round(Ptr{name("a.example.net")});
    goes_round(Srv{1, 2, 993, name("imap.example.net")});
    goes_round(Tlsa{3, 1, 1, std::string(32, 'x')});
}

TEST(Record, MalformedOnesAreRefused) {
    EXPECT_FALSE(A::parse(std::string(16, '\0')));
    EXPECT_FALSE(Aaaa::parse(std::string(4, '\0')));
    EXPECT_FALSE(Mx::parse("\1"));
    EXPECT_FALSE(Mx::parse(Mx{1, name("a")}.to_rdata() + "x"));
    EXPECT_FALSE(Txt::parse(""));
    EXPECT_FALSE(Txt::parse("\5abc"));
    EXPECT_FALSE(Srv::parse("12345"));
    EXPECT_FALSE(Tlsa::parse("\3\1"));
}

TEST(Tlsa, OnlySomeAreOfUseForMail) {
    const std::string digest(32, 'x');
    EXPECT_TRUE((Tlsa{3, 1, 1, digest}).is_usable());
    EXPECT_TRUE((Tlsa{2, 0, 2, digest + digest}).is_usable());
    EXPECT_TRUE((Tlsa{3, 1, 0, "key"}).is_usable());
    for (const auto& record :
         {Tlsa{0, 1, 1, digest}, Tlsa{1, 1, 1, digest}, Tlsa{4, 1, 1, digest}, Tlsa{3, 2, 1, digest},
          Tlsa{3, 1, 3, digest}, Tlsa{3, 1, 1, digest + "x"}, Tlsa{3, 1, 2, digest}, Tlsa{3, 1, 0, ""}})
        EXPECT_FALSE(record.is_usable());
}

TEST(Answer, MalformedRecordsAreLeftOut) {
    RawAnswer raw{.status = Status::found,
                  .secure = true,
                  .records = {"\1", Mx{1, name("a")}.to_rdata()},
                  .ttl = {},
                  .canonical = {},
                  .why = {}};
    EXPECT_THAT(read<Mx>(raw).records, ElementsAre(Mx{1, name("a")}));
    raw.records.pop_back();
    EXPECT_EQ(read<Mx>(raw).status, Status::failed);
}

// --- where mail goes

Answer<Mx> mx(std::vector<Mx> records) {
    return {.status = Status::found,
            .secure = false,
            .records = std::move(records),
            .ttl = {},
            .canonical = {},
            .why = {}};
}

Answer<Mx> no_mx(Status status) {
    return {.status = status, .secure = false, .records = {}, .ttl = {}, .canonical = {}, .why = "why"};
}

const Name domain = name("example.net");

auto choose(const Answer<Mx>& answer, std::vector<Name> ours = {}, std::uint64_t seed = 1) {
    SeededRandom random(seed);
    return choose_hosts(domain, answer, ours, random);
}

std::vector<std::string> hosts(const std::expected<MailHosts, NoRoute>& chosen) {
    std::vector<std::string> out;
    if (chosen)
        for (const auto& host : chosen->hosts) out.push_back(host.name.text());
    else
        out.push_back(chosen.error().status);
    return out;
}

TEST(MailHosts, AreTriedByPreference) {
    EXPECT_THAT(hosts(choose(mx({{20, name("b")}, {10, name("a")}, {30, name("c")}, {30, name("a")}}))),
                ElementsAre("a", "b", "c"));
}

TEST(MailHosts, OfEqualPreferenceTakeTurns) {
    std::set<std::vector<std::string>> orders;
    for (std::uint64_t seed = 0; seed < 100; ++seed)
        orders.insert(hosts(choose(mx({{10, name("a")}, {10, name("b")}, {10, name("c")}}), {}, seed)));
    EXPECT_EQ(orders.size(), 6U);
}

TEST(MailHosts, WithoutMxTheDomainItselfIsTheHost) {
    const auto chosen = choose(no_mx(Status::no_data));
    EXPECT_THAT(hosts(chosen), ElementsAre("example.net"));
    EXPECT_TRUE(chosen->implicit);
}

TEST(MailHosts, WhereThereIsNoneTheReasonIsToldAndWhetherItLasts) {
    struct Row {
        Answer<Mx> answer;
        const char* status;
        bool permanent;
    };
    const Row rows[] = {
        {no_mx(Status::no_domain), "5.1.2", true},       {no_mx(Status::failed), "4.4.3", false},
        {no_mx(Status::bogus), "4.4.3", false},          {mx({{0, Name()}}), "5.1.10", true},
        {mx({{0, Name()}, {5, Name()}}), "5.4.4", true}, {mx({{10, name("192.0.2.1")}}), "5.4.4", true},
    };
    for (const auto& row : rows) {
        const auto chosen = choose(row.answer);
        ASSERT_FALSE(chosen) << row.status;
        EXPECT_EQ(chosen.error().status, row.status);
        EXPECT_EQ(chosen.error().permanent, row.permanent);
        EXPECT_THAT(chosen.error().text, HasSubstr("example.net"));
    }
}

TEST(MailHosts, ANullMxBesideOthersDoesNotCount) {
    EXPECT_THAT(hosts(choose(mx({{0, Name()}, {5, name("a")}}))), ElementsAre("a"));
    EXPECT_TRUE(is_null_mx(mx({{0, Name()}})));
    EXPECT_FALSE(is_null_mx(mx({{0, Name()}, {5, name("a")}})));
    EXPECT_FALSE(is_null_mx(no_mx(Status::no_data)));
}

TEST(MailHosts, WeSendToNobodyWhoWouldSendItBack) {
    const auto answer = mx({{10, name("a")}, {20, name("us")}, {20, name("b")}, {30, name("c")}});
    EXPECT_THAT(hosts(choose(answer, {name("us")})), ElementsAre("a"));
    EXPECT_THAT(hosts(choose(answer, {name("a")})), ElementsAre("5.4.6"));
    EXPECT_THAT(hosts(choose(no_mx(Status::no_data), {domain})), ElementsAre("5.4.6"));
}

TEST(MailHosts, AreOnlySoMany) {
    std::vector<Mx> many;
    for (std::uint16_t i = 0; i < 500; ++i) many.push_back({i, name(fmt::format("mx{}", i))});
    const auto chosen = choose(mx(many));
    EXPECT_EQ(chosen->hosts.size(), RouteLimits().hosts);
    EXPECT_EQ(chosen->hosts.back().name.text(), "mx19");
}

template <typename Record>
Answer<Record> at(std::vector<const char*> addresses, bool secure = false) {
    Answer<Record> answer{.status = addresses.empty() ? Status::no_data : Status::found,
                          .secure = secure,
                          .records = {},
                          .ttl = {},
                          .canonical = {},
                          .why = {}};
    for (const auto* text : addresses) answer.records.push_back({address(text)});
    return answer;
}

template <typename Record>
Answer<Record> trouble(Status status) {
    return {.status = status, .secure = false, .records = {}, .ttl = {}, .canonical = {}, .why = "why"};
}

auto reach(const Answer<A>& ipv4, const Answer<Aaaa>& ipv6, std::vector<IpAddress> avoid = {}) {
    SeededRandom random(1);
    return choose_addresses(domain, ipv4, ipv6, avoid, random);
}

TEST(HostAddresses, OfBothFamiliesTakeTurns) {
    const auto chosen = reach(at<A>({"192.0.2.1", "192.0.2.2"}), at<Aaaa>({"2001:db8::1"}));
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->addresses.size(), 3U);
    EXPECT_TRUE(chosen->addresses[0].is_ipv6());
    EXPECT_FALSE(chosen->addresses[1].is_ipv6());
}

TEST(HostAddresses, OneFamilyIsEnoughAndNoneIsTold) {
    EXPECT_TRUE(reach(at<A>({"192.0.2.1"}), trouble<Aaaa>(Status::failed)));
    EXPECT_TRUE(reach(trouble<A>(Status::no_domain), at<Aaaa>({"2001:db8::1"})));
    EXPECT_EQ(reach(at<A>({}), at<Aaaa>({})).error().status, "5.4.4");
    EXPECT_EQ(reach(at<A>({}), trouble<Aaaa>(Status::failed)).error().status, "4.4.3");
    EXPECT_EQ(reach(trouble<A>(Status::bogus), at<Aaaa>({})).error().status, "4.4.3");
}

TEST(HostAddresses, WhichAreOursAreALoop) {
    const auto chosen = reach(at<A>({"192.0.2.1", "192.0.2.9"}), at<Aaaa>({}), {address("192.0.2.9")});
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().status, "5.4.6");
}

TEST(HostAddresses, AreSecureIfAllThatWasAnsweredIs) {
    EXPECT_TRUE(reach(at<A>({"192.0.2.1"}, true), at<Aaaa>({}, true))->secure);
    EXPECT_TRUE(reach(at<A>({"192.0.2.1"}, true), trouble<Aaaa>(Status::failed))->secure);
    EXPECT_FALSE(reach(at<A>({"192.0.2.1"}, true), at<Aaaa>({"2001:db8::1"}))->secure);
    EXPECT_FALSE(reach(at<A>({"192.0.2.1"}), at<Aaaa>({}, true))->secure);
}

}  // namespace
}  // namespace hongyan::dns
