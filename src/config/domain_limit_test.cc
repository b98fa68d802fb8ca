#include "config/domain_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::config {
namespace {

using testing::HasSubstr;

TEST(DomainLimit, SaysHowMuchADomainIsGiven) {
    struct Row {
        std::string_view text, domain;
        std::uint64_t connections, messages;
    };
    const Row rows[] = {{"Example.ORG messages=60", "example.org", 0, 60},
                        {".example.org  connections=2 messages=1", ".example.org", 2, 1},
                        {"例子.测试 connections=1000", "例子.测试", 1000, 0},
                        {"* messages=1000000", "*", 0, 1'000'000}};
    for (const auto& row : rows) {
        const auto limit = DomainLimit::parse(row.text);
        ASSERT_TRUE(limit) << row.text << ": " << limit.error().message;
        EXPECT_EQ(limit->domain, row.domain);
        EXPECT_EQ(limit->connections, row.connections);
        EXPECT_EQ(limit->messages, row.messages);
        EXPECT_EQ(DomainLimit::parse(limit->to_string()), *limit);
    }
}

TEST(DomainLimit, OfAProviderIsKnown) {
    const auto limit = DomainLimit::parse("qq:").value();
    ASSERT_NE(limit.provider, nullptr);
    EXPECT_THAT(limit.provider->domains, testing::Contains("foxmail.com"));
    EXPECT_EQ(DomainLimit::parse(limit.to_string()), limit);
    EXPECT_EQ(DomainLimit::parse("qq: messages=90")->messages, 90U);
}

TEST(DomainLimit, SaysWhatIsWrong) {
    struct Row {
        std::string_view text, why;
    };
    const Row rows[] = {{"", "is not a limit such as"},
                        {"example.org", "does not say connections"},
                        {"example.org messages=0", "a number from 1 to 1000000"},
                        {"example.org connections=1001", "a number from 1 to 1000"},
                        {"example.org messages=1 messages=2", "said twice"},
                        {"example.org speed=9", "is no limit"},
                        {"example.org 60", "is no limit"},
                        {"a..b messages=1", "is not a domain"},
                        {"pigeon: messages=1", "is no provider"}};
    for (const auto& row : rows) {
        const auto limit = DomainLimit::parse(row.text);
        ASSERT_FALSE(limit) << row.text;
        EXPECT_THAT(limit.error().message, HasSubstr(row.why)) << row.text;
    }
}

}  // namespace
}  // namespace hongyan::config
