#include "outbound/complaints.h"

#include <gtest/gtest.h>

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;

constexpr Complaints::Time start{1000h};

TEST(Complaints, TellTheSameOnceAnHour) {
    Complaints complaints;
    int told = 0;
    for (auto now = start; now < start + 24h; now += 1min) told += complaints.is_due("7 leases", now) ? 1 : 0;
    EXPECT_EQ(told, 24);
}

TEST(Complaints, TellWhatIsNewWithinAMinute) {
    Complaints complaints;
    EXPECT_TRUE(complaints.is_due("7 leases", start));
    EXPECT_FALSE(complaints.is_due("8 leases", start + 30s));
    EXPECT_TRUE(complaints.is_due("8 leases", start + 60s));
    EXPECT_FALSE(complaints.is_due("7 leases", start + 2min));
    EXPECT_TRUE(complaints.is_due("nothing was read", start + 2min))
        << "what is not told keeps nothing from it";
}

}  // namespace
}  // namespace hongyan::outbound
