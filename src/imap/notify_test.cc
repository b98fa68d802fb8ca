// News that come about while others are told (RFC 5465).
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/keys.h"
#include "support/imap_world.h"
#include "support/interrupted_engine.h"

namespace hongyan::imap {
namespace {

using testing::HasSubstr;

store::MailboxName name(std::string_view text) { return store::MailboxName::parse(text).value(); }

// Ann's client in a world where others come before one of the snapshots that a command takes.
class Moment {
public:
    Moment() {
        world.deliver("Subject: one\r\n\r\n");
        client.after("a LOGIN ann secret\r\na SELECT INBOX\r\n");
    }

    store::MailboxId create(std::string_view text, const store::Account& of) {
        return of.create(name(text)).value().id;
    }
    // False: the command took fewer snapshots.
    bool interrupt(std::string_view command, std::size_t snapshot, std::function<void()> others) {
        engine->before_snapshot_number = engine->snapshots + snapshot;
        engine->before_snapshot = std::move(others);
        said += client.after(command);
        const bool have_come = !engine->before_snapshot;
        engine->before_snapshot = {};
        return have_come;
    }
    void look_again() {
        client.mail_changed();
        said += client.after("x NOOP\r\n");
    }

    InterruptedEngine* engine = new InterruptedEngine;
    imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
    std::string said;
};

// RFC 5465 §3.1: what is delivered while the client begins to watch is told at once or with the next news.
TEST(NotifyMoments, NoDeliveryFallsBetweenTwoLooks) {
    bool have_come = true;
    for (std::size_t snapshot = 1; have_come; ++snapshot) {
        Moment moment;
        const auto bob = moment.world.store().account(imap_world::bob);
        const auto team = moment.create("Team", bob);
        const store::Rights reading{store::Right::lookup, store::Right::read};
        ASSERT_TRUE(bob.change_rights(team, imap_world::ann, {store::RightsChange::How::replace, reading}));
        have_come = moment.interrupt(
            "b NOTIFY SET STATUS (subtree \"Other Users\" (MessageNew MessageExpunge))\r\n", snapshot,
            [&] { moment.world.deliver("Subject: x\r\n\r\n", team, imap_world::bob); });
        moment.look_again();
        if (have_come) EXPECT_THAT(moment.said, HasSubstr(" MESSAGES 1)")) << "before snapshot " << snapshot;
    }
}

// A mailbox that goes while it is told of keeps nothing from being told of the others.
TEST(NotifyMoments, AMailboxThatGoesHidesNoNewsOfOthers) {
    bool have_come = true;
    for (std::size_t snapshot = 1; have_come; ++snapshot) {
        Moment moment;
        const auto ann = moment.world.account();
        const auto mine = moment.create("Mine", ann), theirs = moment.create("Theirs", ann);
        moment.client.after("b NOTIFY SET (personal (MessageNew MessageExpunge))\r\n");
        moment.world.deliver("Subject: x\r\n\r\n", theirs);
        have_come = moment.interrupt("c COPY 1 Mine\r\n", snapshot, [&] { ASSERT_TRUE(ann.remove(mine)); });
        moment.look_again();
        EXPECT_THAT(moment.said, HasSubstr("* STATUS Theirs (")) << "before snapshot " << snapshot;
    }
}

// RFC 5465 §5.6: nor is it told twice.
TEST(NotifyMoments, AnAnnotationThatCannotBeReadHidesNoneOfOthers) {
    Moment moment;
    const auto ann = moment.world.account();
    const auto first = moment.create("First", ann), second = moment.create("Second", ann);
    moment.client.after("b NOTIFY SET (personal (MailboxMetadataChange))\r\n");
    const store::Note note{store::shared_notes, "/comment", "x"};
    for (const auto mailbox : {first, second}) ASSERT_TRUE(ann.annotate(mailbox, std::span(&note, 1)));
    ASSERT_TRUE(moment.world.store().engine().transact(
        engine::Scope::account(imap_world::ann), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(store::keys::annotation(first, store::shared_notes, "/comment"), "\x01\x02");
            return {};
        }));
    moment.look_again();
    EXPECT_THAT(moment.said, HasSubstr("* METADATA Second /shared/comment\r\n"));
    moment.said.clear();
    moment.look_again();
    EXPECT_THAT(moment.said, testing::Not(HasSubstr("METADATA")));
}

// An account that shared something goes, and with it what was shared.
TEST(NotifyMoments, AnAccountThatIsRemovedHidesNoNewsOfOthers) {
    Moment moment;
    auto& store = moment.world.store();
    const auto team = moment.create("Team", store.account(imap_world::bob));
    const store::Rights reading{store::Right::lookup, store::Right::read};
    ASSERT_TRUE(store.account(imap_world::bob)
                    .change_rights(team, imap_world::ann, {store::RightsChange::How::replace, reading}));
    moment.client.after(
        "b NOTIFY SET (personal (MessageNew MessageExpunge MailboxName)) "
        "(subtree \"Other Users\" (MessageNew MessageExpunge MailboxName))\r\n");
    ASSERT_TRUE(store.remove_account(imap_world::bob));
    const auto archive = moment.world.account().view().find(name("Archive")).value().id;
    moment.world.deliver("Subject: x\r\n\r\n", archive);
    moment.look_again();
    EXPECT_THAT(moment.said, HasSubstr("* STATUS Archive ("));
    EXPECT_THAT(
        moment.said,
        HasSubstr("* LIST (\\NonExistent \\HasNoChildren) \"/\" \"Other Users/bob@example.test/Team\"\r\n"));
}

}  // namespace
}  // namespace hongyan::imap
