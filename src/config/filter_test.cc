#include "config/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(FilterAddress, IsASocketOrAHostWithAPort) {
    struct Row {
        std::string_view text;
        FilterAddress address;
    };
    const Row rows[] = {
        {"unix:/run/filter.sock", {.socket = "/run/filter.sock"}},
        {"inet:127.0.0.1:8891", {.host = "127.0.0.1", .port = 8891}},
        {"inet:[::1]:8891", {.host = "::1", .port = 8891}},
        {"inet:filter.example.net:8891", {.host = "filter.example.net", .port = 8891}},
    };
    for (const auto& row : rows) {
        const auto address = FilterAddress::parse(row.text);
        ASSERT_TRUE(address) << row.text << ": " << address.error().message;
        EXPECT_EQ(*address, row.address) << row.text;
        EXPECT_EQ(address->to_string(), row.text);
    }
}

TEST(FilterAddress, IsNothingElse) {
    for (const auto* text : {"", "127.0.0.1:8891", "inet:127.0.0.1", "inet:127.0.0.1:0", "inet:[127.0.0.1:1",
                             "inet:[filter]:1", "inet::1", "unix:run/filter", "unix:", "inet:h:65536"})
        EXPECT_FALSE(FilterAddress::parse(text)) << text;
    EXPECT_FALSE(FilterAddress::parse("unix:/" + std::string(107, 'x')));
}

TEST(Milter, HasDefaultsAsPostfixHasThem) {
    const auto milter = Milter::parse("inet:127.0.0.1:8891");
    ASSERT_TRUE(milter);
    EXPECT_EQ(milter->name, "inet:127.0.0.1:8891");
    EXPECT_EQ(milter->otherwise, WithoutFilter::defer);
    EXPECT_TRUE(milter->relay && milter->submission && !milter->lmtp);
    EXPECT_EQ(milter->connect, 30s);
    EXPECT_EQ(milter->end, 5min);
}

TEST(Milter, TakesOptionsBehindTheAddress) {
    const auto milter = Milter::parse(
        " unix:/run/f name=dkim default=quarantine for=lmtp,relay connect=1s command=2s content=3s end=4s ");
    ASSERT_TRUE(milter) << milter.error().message;
    EXPECT_EQ(milter->name, "dkim");
    EXPECT_EQ(milter->otherwise, WithoutFilter::quarantine);
    EXPECT_TRUE(milter->relay && !milter->submission && milter->lmtp);
    EXPECT_EQ(milter->connect, 1s);
    EXPECT_EQ(milter->command, 2s);
    EXPECT_EQ(milter->content, 3s);
    EXPECT_EQ(milter->end, 4s);
}

TEST(Milter, SaysWhatIsWrong) {
    struct Row {
        std::string_view text, complaint;
    };
    const Row rows[] = {
        {"", "is not where a filter listens"},
        {"inet:a:1 colour=red", "is no option of a filter"},
        {"inet:a:1 name", "is no option of a filter"},
        {"inet:a:1 default=perhaps", "does not say defer, accept, reject or quarantine"},
        {"inet:a:1 for=", "does not say some of relay"},
        {"inet:a:1 for=relay,,lmtp", "does not say some of relay"},
        {"inet:a:1 for=imap", "does not say some of relay"},
        {"inet:a:1 end=10min", "does not say a time"},
        {"inet:a:1 end=1s end=2s", "is said twice"},
        {"inet:a:1 name=a/b", "does not say a name"},
    };
    for (const auto& row : rows) {
        const auto milter = Milter::parse(row.text);
        ASSERT_FALSE(milter) << row.text;
        EXPECT_THAT(milter.error().message, HasSubstr(row.complaint)) << row.text;
    }
}

}  // namespace
}  // namespace hongyan::config
