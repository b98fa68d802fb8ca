// When a filter is asked again that was away.
#include "spam/rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::spam {
namespace {

using namespace std::chrono_literals;
using enum Rest::Failure;

class RestTest : public testing::Test {
protected:
    Rest::Time now{};
    Rest rest{30s, [this] { return now; }};
};

TEST_F(RestTest, WhoCannotBeReachedIsLeftAlone) {
    EXPECT_FALSE(rest.reason());
    rest.failed(out_of_reach, "cannot connect");
    EXPECT_THAT(rest.reason(),
                testing::Optional(std::string("it is not tried for 30 seconds, for cannot connect")));
    now += 29s;
    EXPECT_TRUE(rest.reason());
}

TEST_F(RestTest, OneTriesAgainAndTheOthersWhenThatHasWorked) {
    rest.failed(out_of_reach, "cannot connect");
    now += 30s;
    EXPECT_FALSE(rest.reason()) << "the first";
    EXPECT_TRUE(rest.reason()) << "the next";
    rest.worked();
    EXPECT_FALSE(rest.reason());
    EXPECT_FALSE(rest.reason());
}

TEST_F(RestTest, WhoBreaksIsGivenThreeChances) {
    rest.failed(broken, "it closed the connection");
    rest.failed(broken, "it closed the connection");
    EXPECT_FALSE(rest.reason());
    rest.worked();
    rest.failed(broken, "it closed the connection");
    rest.failed(broken, "it closed the connection");
    EXPECT_FALSE(rest.reason());
    rest.failed(broken, "it closed the connection");
    EXPECT_TRUE(rest.reason());
}

// Who says MAIL and leaves finds out nothing about the ends of messages, and keeps nobody from it.
TEST_F(RestTest, IsOverWhenThatWorksWhichHasFailed) {
    using enum Rest::Stage;
    for (int i = 0; i < 3; ++i) rest.failed(broken, "it closed the connection", end);
    EXPECT_TRUE(rest.reason());
    EXPECT_FALSE(rest.reason(sender)) << "a connection that is there";
    EXPECT_TRUE(rest.reason(end));
    now += 30s;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(rest.reason(greeting));
        rest.worked(greeting);
        EXPECT_FALSE(rest.reason(sender));
        rest.worked(sender);
    }
    EXPECT_FALSE(rest.reason(end)) << "this is the one that tries";
    EXPECT_TRUE(rest.reason(end));
    EXPECT_TRUE(rest.reason(greeting)) << "until that is known";
    rest.worked(sender);
    EXPECT_TRUE(rest.reason(end));
    rest.worked(end);
    EXPECT_FALSE(rest.reason(end));
    EXPECT_FALSE(rest.reason(end));
}

TEST_F(RestTest, WhoCouldNotBeReachedIsBackWhenItGreets) {
    using enum Rest::Stage;
    rest.failed(out_of_reach, "cannot connect");
    rest.worked(end);
    EXPECT_TRUE(rest.reason(greeting)) << "that was an old connection";
    EXPECT_FALSE(rest.reason(end)) << "of which there may be more";
    now += 30s;
    EXPECT_FALSE(rest.reason(greeting));
    EXPECT_TRUE(rest.reason(greeting));
    rest.worked(greeting);
    EXPECT_FALSE(rest.reason(greeting));
    EXPECT_FALSE(rest.reason(greeting));
}

TEST_F(RestTest, ABreakAtTheEndIsNotForgottenAtASender) {
    using enum Rest::Stage;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(rest.reason(greeting)) << i;
        rest.worked(greeting);
        rest.worked(sender);
        rest.failed(broken, "it closed the connection", end);
    }
    EXPECT_TRUE(rest.reason(greeting));
}

TEST_F(RestTest, ASettingOfZeroTriesEachTime) {
    Rest never(0s, [this] { return now; });
    never.failed(out_of_reach, "cannot connect");
    EXPECT_FALSE(never.reason());
}

}  // namespace
}  // namespace hongyan::spam
