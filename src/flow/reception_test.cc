// What SMTP sessions are answered before a message has come.
#include <thread>

#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(FlowTest, RecipientsAreKnownOrRefused) {
    struct Row {
        std::string_view address;
        std::string_view reply;
    };
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    alias("away@here.test", {"far@there.test"});
    ASSERT_TRUE(directory.change_account(add("off@here.test"), {.disabled = true}));
    for (const auto& row : {Row{"<ann@here.test>", "250 2.1.5"}, Row{"<Ann+list@HERE.test>", "250 2.1.5"},
                            Row{"<team@here.test>", "250 2.1.5"}, Row{"<away@here.test>", "250 2.1.5"},
                            Row{"<postmaster>", "250 2.1.5"}, Row{"<nobody@here.test>", "550 5.1.1"},
                            Row{"<off@here.test>", "550 5.2.1"}, Row{"<ann@there.test>", "550 5.7.1"},
                            Row{"<ann@[192.0.2.1]>", "550 5.7.1"}})
        EXPECT_EQ(recipient(row.address), row.reply) << row.address;
}

// RFC 5321 §4.5.1. The host's name is no domain here; bounces come from it.
TEST_F(FlowTest, ThePostmasterOfTheHostIsOurs) {
    for (const auto* name : {"<postmaster@mail.here.test>", "<PostMaster@Mail.Here.Test>"}) {
        EXPECT_EQ(recipient(name), "250 2.1.5") << name;
        EXPECT_EQ(recipient(name, {.address = "10.1.2.3"}), "250 2.1.5") << name;
    }
    EXPECT_THAT(deliver(mail({"<postmaster@mail.here.test>"}, {.address = "10.1.2.3"})),
                ElementsAre("250 2.0.0"));
    EXPECT_EQ(inbox_of(ann).size(), 1U) << "the first of all accounts";
    EXPECT_TRUE(queued().empty());
    EXPECT_EQ(recipient("<ann@mail.here.test>"), "550 5.7.1");
    EXPECT_EQ(recipient("<postmaster@there.test>"), "550 5.7.1");
}

TEST_F(FlowTest, OnlyFriendsMaySendElsewhere) {
    EXPECT_EQ(recipient("<a@there.test>", {.address = "192.0.2.1"}), "550 5.7.1");
    EXPECT_EQ(recipient("<a@there.test>", {.address = "10.1.2.3"}), "250 2.1.5");
    EXPECT_EQ(recipient("<a@there.test>", {.address = "192.0.2.1", .account = "ann@here.test"}), "250 2.1.5");
    EXPECT_EQ(recipient("<a@there.test>", {.address = "10.1.2.3", .protocol = smtp::Protocol::lmtp}),
              "550 5.7.1");
}

TEST_F(FlowTest, AFullMailboxIsSaidAtRcpt) {
    add("full@here.test", {.bytes = 100});
    EXPECT_EQ(recipient("<full@here.test>", {}, 100), "250 2.1.5");
    EXPECT_EQ(recipient("<full@here.test>", {}, 101), "452 4.2.2");
}

TEST_F(FlowTest, WhoLoggedInWritesUnderHisOwnAddresses) {
    alias("sales@here.test", {"ann@here.test", "bob@here.test"});
    EXPECT_EQ(sender("<ann@here.test>", "ann@here.test"), "250 2.1.0");
    EXPECT_EQ(sender("<ann+x@here.test>", "ann@here.test"), "250 2.1.0");
    EXPECT_EQ(sender("<sales@here.test>", "ann@here.test"), "250 2.1.0");
    EXPECT_EQ(sender("<>", "ann@here.test"), "250 2.1.0");
    EXPECT_EQ(sender("<bob@here.test>", "ann@here.test"), "550 5.7.1");
    EXPECT_EQ(sender("<ann@there.test>", "ann@here.test"), "550 5.7.1");
    EXPECT_EQ(sender("<bob@here.test>", ""), "250 2.1.0");
    policy.sender_must_be_own = false;
    EXPECT_EQ(sender("<bob@here.test>", "ann@here.test"), "250 2.1.0");
}

TEST_F(FlowTest, WhomAHoldIsForIsAskedAtRcpt) {
    add("full@here.test", {.messages = 1});
    EXPECT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    const auto held = [this](std::string_view address) {
        return reply_to(smtp::CheckRecipient{{},
                                             {},
                                             {.hold_until = clock.now() + std::chrono::hours(1)},
                                             {.path = message::parse_path(address).value()}});
    };
    EXPECT_EQ(held("<full@here.test>"), "250 2.1.5") << "there may be room by then";
    EXPECT_EQ(held("<nobody@here.test>"), "550 5.1.1");
    EXPECT_EQ(held("<eve@there.test>"), "550 5.7.1");
    EXPECT_EQ(held("<postmaster>"), "501 5.1.3");
}

TEST_F(FlowTest, NothingIsSentToWhomTheAccountSuppresses) {
    ASSERT_TRUE(queue.suppress("ann@here.test", "gone@there.test", "asked\nfor it"));
    const auto reply = std::get<smtp::Reply>(
        ask(smtp::CheckRecipient{{.address = "192.0.2.1", .account = "ann@here.test"},
                                 {},
                                 {},
                                 {.path = message::parse_path("<Gone@there.test>").value()}}));
    EXPECT_EQ(reply.code, 550);
    EXPECT_EQ(reply.status, "5.1.1");
    EXPECT_THAT(reply.lines[0], AllOf(HasSubstr("since 20"), testing::EndsWith(": asked")));
    EXPECT_THAT(reply.lines[1], HasSubstr("hongyan suppression remove ann@here.test"));
    EXPECT_EQ(recipient("<gone@there.test>", {.address = "192.0.2.1", .account = "bob@here.test"}),
              "250 2.1.5");
    EXPECT_EQ(recipient("<gone@there.test>", {.address = "10.0.0.1"}), "250 2.1.5") << "no account's mail";
}

TEST_F(FlowTest, WhoNeedsMemoryWaitsForItAndNotForEver) {
    EXPECT_EQ(reply_to(smtp::AwaitRoom{1'000'000}), "250 2.0.0");
    world.memory = std::make_shared<Budget>(100);
    ASSERT_TRUE(world.memory->take_favour());
    Share other(world.memory);
    ASSERT_TRUE(other.grow_to(80));
    policy.room_patience = std::chrono::milliseconds(1);
    EXPECT_EQ(reply_to(smtp::AwaitRoom{20}), "250 2.0.0");
    EXPECT_EQ(reply_to(smtp::AwaitRoom{21}), "452 4.3.1");
    policy.room_patience = std::chrono::minutes(1);
    std::jthread later([&] { other.release(); });  // while the question waits, or before
    EXPECT_EQ(reply_to(smtp::AwaitRoom{21}), "250 2.0.0");
}

TEST_F(FlowTest, NamesAreToldToOwnPeopleOnly) {
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    const auto verify = [&](smtp::Verify::What what, std::string_view name, std::string_view account) {
        return std::get<smtp::Reply>(
            ask(smtp::Verify{{.account = std::string(account)}, what, std::string(name)}));
    };
    using enum smtp::Verify::What;
    EXPECT_EQ(verify(mailbox, "ann@here.test", "").lines, (std::vector<std::string>{"<ann@here.test>"}));
    EXPECT_EQ(verify(mailbox, "nobody@here.test", "").code, 550);
    EXPECT_EQ(verify(mailbox, "Ann", "").code, 252);
    EXPECT_EQ(verify(list, "team@here.test", "").code, 252);
    EXPECT_EQ(verify(list, "team@here.test", "bob@here.test").lines,
              (std::vector<std::string>{"<ann@here.test>", "<far@there.test>"}));
}

TEST_F(FlowTest, EtrnIsAnsweredProperly) {
    EXPECT_EQ(reply_to(smtp::StartQueue{{.address = "192.0.2.1"}, "there.test"}), "459 4.7.1");
    EXPECT_EQ(reply_to(smtp::StartQueue{{.address = "10.0.0.1"}, "there.test"}), "458 4.3.0");
}

}  // namespace
}  // namespace hongyan::flow
