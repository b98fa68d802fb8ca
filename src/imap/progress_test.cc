#include "imap/progress.h"

#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

// RFC 9585 §4
TEST(Progress, IsToldFromTimeToTime) {
    ManualClock clock;
    Progress progress("A1");
    std::string out;
    progress.tell(out, clock.now(), 0, 100);
    clock.advance(std::chrono::seconds(9));
    progress.tell(out, clock.now(), 10, 100);
    EXPECT_EQ(out, "");
    clock.advance(std::chrono::seconds(1));
    progress.tell(out, clock.now(), 20, 100);
    EXPECT_EQ(out, "* OK [INPROGRESS (\"A1\" 20 100)] Still working on this\r\n");
    out.clear();
    clock.advance(std::chrono::seconds(9));
    progress.tell(out, clock.now(), 30, 100);
    clock.advance(std::chrono::seconds(60));
    progress.tell(out, clock.now(), 100, 100);
    EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace hongyan::imap
