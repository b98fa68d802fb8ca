// What others have done is told though a look at it fails in the middle, whichever of its reads it is, or
// more comes meanwhile.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/selected.h"
#include "support/failing_reads.h"
#include "support/imap_world.h"
#include "support/passing_engine.h"

namespace hongyan::imap {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using How = FailingReads::How;

constexpr std::size_t more_reads_than_there_are = 1'000;

// Three messages that are recent to nobody.
struct Scene {
    Scene() {
        for (const auto* subject : {"one", "two", "three"})
            world.deliver(fmt::format("Subject: {}\r\n\r\n", subject));
        client.after("a LOGIN ann secret\r\na SELECT INBOX\r\na SELECT INBOX\r\n");
    }
    void see(std::uint32_t uid) {
        const store::FlagChange seen{.flags = {store::Flag::seen}};
        check(world.account().change_flags(store::inbox, {store::Uid(uid)}, seen).has_value(), "it is seen");
    }

    FailingReads* engine = new FailingReads;
    imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
};

class NewsFail : public testing::TestWithParam<How> {};
INSTANTIATE_TEST_SUITE_P(, NewsFail, testing::Values(How::error, How::exception));

// STORE looks for news first, and the session goes on where that fails. Who would not hear of all has to come
// again.
TEST_P(NewsFail, AllIsToldOrTheSessionEnds) {
    bool has_failed = true;
    for (std::size_t reads = 0; has_failed; ++reads) {
        ASSERT_LT(reads, more_reads_than_there_are);
        SCOPED_TRACE(fmt::format("after {} reads", reads));
        Scene scene;
        scene.client.after("s SEARCH RETURN (UPDATE) SUBJECT four\r\nu SEARCH RETURN (UPDATE) UNSEEN\r\n");
        scene.client.after("o SORT RETURN (UPDATE) (SUBJECT) UTF-8 ALL\r\n");
        scene.see(1);
        ASSERT_TRUE(scene.world.account().expunge(store::inbox, {store::Uid(2)}, store::Which::all));
        scene.world.deliver("Subject: four\r\n\r\n");
        scene.engine->fail_after(reads, GetParam());
        std::string said;
        try {
            said = scene.client.after("c STORE 3 +FLAGS (\\Flagged)\r\n");
        } catch (const std::runtime_error&) {
            continue;  // the server ends the session
        }
        has_failed = !scene.engine->disarm();
        said += scene.client.after("d NOOP\r\n");
        if (said.contains("* BYE ")) continue;
        EXPECT_THAT(said, HasSubstr("* 1 FETCH (FLAGS (\\Seen))\r\n"));
        EXPECT_THAT(said, HasSubstr("* 2 EXPUNGE\r\n"));
        // Before the EXPUNGE or behind it.
        EXPECT_THAT(said, AnyOf(HasSubstr("* 4 EXISTS\r\n"), HasSubstr("* 3 EXISTS\r\n")));
        for (const std::string tag : {"s", "u", "o"})
            EXPECT_THAT(said, AnyOf(HasSubstr(fmt::format("* ESEARCH (TAG \"{}\") ADDTO (", tag)),
                                    HasSubstr(fmt::format("* NO [NOUPDATE \"{}\"] ", tag))));
        EXPECT_THAT(said, HasSubstr("* ESEARCH (TAG \"u\") REMOVEFROM (0 1)\r\n"));
        EXPECT_THAT(said, HasSubstr("* ESEARCH (TAG \"u\") REMOVEFROM (0 2)\r\n"));
    }
}

// Nor is it lost to whom a message is recent (RFC 3501 §2.3.2).
TEST(Recent, IsWhatNobodyCouldOpenTheMailboxFor) {
    bool has_failed = true;
    for (std::size_t reads = 0; has_failed; ++reads) {
        ASSERT_LT(reads, more_reads_than_there_are);
        SCOPED_TRACE(fmt::format("after {} reads", reads));
        Scene scene;
        scene.world.deliver("Subject: four\r\n\r\n");
        const auto account = scene.world.account();
        const auto inbox = account.view().mailbox(store::inbox).value();
        const auto open = [&] { return Selected::open(account, inbox, Access::read_write, Rights::all()); };
        scene.engine->fail_after(reads, How::error);
        const auto opened = open();
        has_failed = !scene.engine->disarm();
        const auto who_tells_of_it = opened ? opened : open();
        EXPECT_EQ(who_tells_of_it.value().recent(), 1U);
    }
}

// An engine on which something happens while it is looked at.
class Interrupted final : public PassingEngine {
public:
    explicit Interrupted(std::unique_ptr<engine::Engine> inner = engine::make_memory_engine())
        : PassingEngine(*inner), inner_(std::move(inner)) {}

    // Before the next look but so many, once.
    void at_look(std::size_t number, std::function<void()> happens) {
        left_ = number;
        happens_ = std::move(happens);
    }
    // False: it has happened already.
    bool disarm() { return std::exchange(happens_, nullptr) != nullptr; }

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        if (happens_ && left_-- == 0) std::exchange(happens_, nullptr)();
        return PassingEngine::snapshot(scope);
    }

private:
    std::unique_ptr<engine::Engine> inner_;
    std::size_t left_ = 0;
    std::function<void()> happens_;
};

TEST(Recent, IsAMessageToOneSessionWheneverItComes) {
    bool has_come = true;
    for (std::size_t looks = 0; has_come; ++looks) {
        ASSERT_LT(looks, more_reads_than_there_are);
        SCOPED_TRACE(fmt::format("before look {}", looks));
        auto* const engine = new Interrupted;
        imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
        const auto account = world.account();
        const auto inbox = account.view().mailbox(store::inbox).value();
        auto mailbox = Selected::open(account, inbox, Access::read_write, Rights::all()).value();
        world.deliver("Subject: one\r\n\r\n");
        engine->at_look(looks, [&world] { world.deliver("Subject: two\r\n\r\n"); });
        std::string said;
        ASSERT_TRUE(mailbox.tell_changes(said, account, Numbers::may_change, {}));
        has_come = !engine->disarm();
        ASSERT_TRUE(mailbox.tell_changes(said, account, Numbers::may_change, {}));
        EXPECT_EQ(mailbox.recent(), has_come ? 2U : 1U) << said;
        const auto other = Selected::open(account, inbox, Access::read_write, Rights::all());
        EXPECT_EQ(other.value().recent(), 0U);
    }
}

// Of flags of which the client did not want to hear, until now.
TEST(NewsPutOff, OfFlagsAreToldThoughTheFirstLookForThemFails) {
    bool has_failed = true;
    for (std::size_t reads = 0; has_failed; ++reads) {
        ASSERT_LT(reads, more_reads_than_there_are);
        SCOPED_TRACE(fmt::format("after {} reads", reads));
        Scene scene;
        const auto account = scene.world.account();
        auto mailbox = Selected::open(account, account.view().mailbox(store::inbox).value(),
                                      Access::read_write, Rights::all())
                           .value();
        scene.see(1);
        std::string said;
        const Manner without{.with_flags = false};
        ASSERT_TRUE(mailbox.tell_changes(said, account, Numbers::must_hold_still, without));
        EXPECT_EQ(said, "");
        scene.see(2);
        scene.engine->fail_after(reads, How::error);
        const auto told = mailbox.tell_changes(said, account, Numbers::must_hold_still, {});
        has_failed = !scene.engine->disarm();
        EXPECT_EQ(told.has_value(), !has_failed);
        ASSERT_TRUE(mailbox.tell_changes(said, account, Numbers::must_hold_still, {}));
        EXPECT_THAT(said, HasSubstr("* 1 FETCH (FLAGS (\\Seen))\r\n"));
        EXPECT_THAT(said, HasSubstr("* 2 FETCH (FLAGS (\\Seen))\r\n"));
    }
}

}  // namespace
}  // namespace hongyan::imap
