#include "imap/commands/status.h"

#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

// RFC 8438 §3: the size of a mailbox may need 63 bits.
TEST(Status, ManyGigabytesAreToldAsTheyAre) {
    imap_world::World world;
    const auto mail = world.account().view();
    auto inbox = mail.mailbox(store::inbox).value();
    inbox.counts.bytes = 9'000'000'000'000'000'001;
    Standing standing;
    standing.account = imap_world::ann;
    std::string out;
    auto numbers = Numbers::may_change;
    Commit commit;
    Desk desk{standing, world.store(), world.account(), out, numbers, commit};
    const wire::StatusItem wanted[] = {wire::StatusItem::size};
    ASSERT_TRUE(commands::put_status(desk, mail, inbox, "INBOX", wanted));
    EXPECT_EQ(out, "* STATUS INBOX (SIZE 9000000000000000001)\r\n");
}

}  // namespace
}  // namespace hongyan::imap
