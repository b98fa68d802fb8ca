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

TEST_F(RestTest, ASettingOfZeroTriesEachTime) {
    Rest never(0s, [this] { return now; });
    never.failed(out_of_reach, "cannot connect");
    EXPECT_FALSE(never.reason());
}

}  // namespace
}  // namespace hongyan::spam
