#include "dns/hosts_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

using testing::ElementsAre;

class HostsFileTest : public testing::Test {
public:
    std::optional<RawAnswer> answer(std::string_view host, Type type) const {
        return file.answer({.name = Name::parse(host).value(), .type = type});
    }
    std::vector<std::string> addresses_of(std::string_view host, Type type) const {
        const auto found = answer(host, type);
        if (!found) return {"unknown"};
        EXPECT_EQ(found->status, found->records.empty() ? Status::no_data : Status::found) << host;
        EXPECT_EQ(found->canonical, Name::parse(host).value());
        EXPECT_FALSE(found->secure);
        std::vector<std::string> texts;
        for (const auto& octets : found->records)
            texts.push_back(IpAddress::from_octets(octets).value().to_string());
        return texts;
    }

    HostsFile file = HostsFile::parse(
        "# of this network\n"
        "127.0.0.1\tlocalhost\r\n"
        "::1 localhost ip6-localhost # this machine\n"
        "\n"
        "fe80::1%lo0 scoped.example\n"
        "nonsense relay.example\n"
        "192.0.2.1\n"
        "192.0.2.2 #nobody.example\n"
        " 192.0.2.7  Relay.Example relay. a..b 例子.测试#x\n"
        "192.0.2.8 relay.example");
};

TEST_F(HostsFileTest, KnowsTheAddressesOfItsNamesHoweverTheyAreWritten) {
    EXPECT_THAT(addresses_of("relay.example", Type::a), ElementsAre("192.0.2.7", "192.0.2.8"));
    EXPECT_THAT(addresses_of("RELAY", Type::a), ElementsAre("192.0.2.7"));
    EXPECT_THAT(addresses_of("xn--fsqu00a.xn--0zwm56d", Type::a), ElementsAre("192.0.2.7"));
    EXPECT_THAT(addresses_of("localhost", Type::a), ElementsAre("127.0.0.1"));
    EXPECT_THAT(addresses_of("localhost", Type::aaaa), ElementsAre("::1"));
}

TEST_F(HostsFileTest, AnAddressOfOneFamilyIsAllThereIs) {
    EXPECT_THAT(addresses_of("relay.example", Type::aaaa), ElementsAre());
    EXPECT_THAT(addresses_of("ip6-localhost", Type::a), ElementsAre());
}

TEST_F(HostsFileTest, KnowsNothingElse) {
    for (const auto type : {Type::mx, Type::txt, Type::tlsa, Type::ptr})
        EXPECT_FALSE(answer("relay.example", type));
    for (const auto* host : {"scoped.example", "nobody.example", "sub.relay.example", "example", "x"})
        EXPECT_FALSE(answer(host, Type::a)) << host;
}

TEST_F(HostsFileTest, KnowsWhichNamesItHas) {
    EXPECT_TRUE(file.has(Name::parse("Relay.example").value()));
    EXPECT_TRUE(file.has(Name::parse("ip6-localhost").value()));
    for (const auto* host : {"nobody.example", "sub.relay.example", "example"})
        EXPECT_FALSE(file.has(Name::parse(host).value())) << host;
}

TEST_F(HostsFileTest, MayBeEmpty) {
    for (const auto* text : {"", "\n", "#", "192.0.2.1"}) {
        file = HostsFile::parse(text);
        EXPECT_FALSE(answer("relay.example", Type::a)) << text;
    }
}

}  // namespace
}  // namespace hongyan::dns
