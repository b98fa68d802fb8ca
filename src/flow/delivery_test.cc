// Messages that have come: into mailboxes, into the queue, and what the log says of it.
#include "flow/delivery.h"

#include <fstream>
#include <stdexcept>

#include "base/testing/scratch_folder.h"
#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class DeliveryTest : public FlowTest {
public:
    // What is said of it once it is committed as planned.
    std::vector<std::string> kept(const smtp::Deliver& message, DeliveryPlan plan) {
        smtp::Replies replies;
        auto talk = [&]() -> net::Task<> {
            replies = co_await flow::deliver(world, world.log, message, std::move(plan));
        };
        run(talk());
        return codes_of(replies);
    }
};

TEST_F(FlowTest, EveryMailboxGetsTheMessageWithItsOwnTrace) {
    EXPECT_THAT(
        deliver(mail({"<ann@here.test>", "<bob@here.test>"},
                     {.address = "192.0.2.1", .said_name = "there.test", .protocol = smtp::Protocol::esmtp})),
        ElementsAre("250 2.0.0"));
    const auto received = inbox_of(ann);
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_THAT(received[0],
                AllOf(StartsWith("Return-Path: <out@there.test>\r\nDelivered-To: ann@here.test\r\n"
                                 "Received: from there.test ([192.0.2.1])\r\n"),
                      HasSubstr("for <ann@here.test>"), Not(HasSubstr("bob")),
                      testing::EndsWith("+0000\r\nSubject: hello\r\n\r\nHello\r\n")));
    EXPECT_THAT(inbox_of(bob), ElementsAre(HasSubstr("Delivered-To: bob@here.test")));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(FlowTest, AFirstLineThatBeginsWithABlankGoesOnWithNoFieldOfOurs) {
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<eve@there.test>"}, {.account = "ann@here.test"},
                             " ; dmarc=pass\r\nFrom: <ann@here.test>\r\n\r\nHello\r\n")),
                ElementsAre("250 2.0.0"));
    const auto end =
        testing::EndsWith("\r\nX-Hongyan-Nameless: ; dmarc=pass\r\nFrom: <ann@here.test>\r\n\r\nHello\r\n");
    EXPECT_THAT(inbox_of(ann), ElementsAre(end));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(queue.read(queued()[0]).value(), end);
}

TEST_F(FlowTest, AnAccountThatSeveralRecipientsLeadToGetsTheMessageOnce) {
    alias("team@here.test", {"ann@here.test", "bob@here.test"});
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<team@here.test>", "<ann+x@here.test>"})),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
}

TEST_F(FlowTest, WhatIsElsewhereWaitsInTheQueue) {
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    auto message = mail({"<team@here.test>", "<eve@there.test>"}, {.account = "ann@here.test"});
    message.envelope.parameters = {
        .body = smtp::Body::eight_bit, .wanted_return = smtp::Return::headers, .envelope_id = "id"};
    message.envelope.recipients[1].notify = {.said = true, .success = true};
    message.envelope.recipients[1].original = smtp::OriginalRecipient{"rfc822", "e@there.test"};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    ASSERT_THAT(queued(), SizeIs(2)) << "what an alias passes on says so";
    const auto passed_on = queued()[1];
    EXPECT_THAT(passed_on.prefix, StartsWith("Delivered-To: team@here.test\r\nReceived: "));
    ASSERT_THAT(passed_on.recipients, SizeIs(1));
    EXPECT_EQ(passed_on.recipients[0].address, "far@there.test");
    const auto entry = queued()[0];
    EXPECT_EQ(entry.sender, "out@there.test");
    EXPECT_EQ(entry.account, "ann@here.test");
    EXPECT_EQ(entry.body, "8BITMIME");
    EXPECT_EQ(entry.wanted_return, "HDRS");
    EXPECT_EQ(entry.envelope_id, "id");
    EXPECT_FALSE(entry.message_id.empty()) << "by which it is traced";
    ASSERT_THAT(entry.recipients, SizeIs(1));
    EXPECT_EQ(entry.recipients[0].address, "eve@there.test");
    EXPECT_EQ(entry.recipients[0].notify, "SUCCESS");
    EXPECT_EQ(entry.recipients[0].original, "rfc822;e@there.test");
    EXPECT_THAT(queue.read(entry).value(),
                AllOf(StartsWith("Received: "), Not(HasSubstr("for <")), HasSubstr("\r\nMessage-ID: <"),
                      HasSubstr("\r\nDate: "), testing::EndsWith("Subject: hello\r\n\r\nHello\r\n")));
}

TEST_F(FlowTest, WhatTheSenderWishesGoesWithTheEntry) {
    auto message = mail({"<eve@there.test>"}, {.account = "ann@here.test"},
                        "Message-ID:\r\n <1@here.test>\r\nTLS-Required: No\r\n\r\nTLS-Required: no\r\n");
    message.envelope.begun = clock.now() - std::chrono::seconds(10);
    message.envelope.parameters.priority = -3;
    message.envelope.parameters.deliver_by = smtp::DeliverBy{
        .remaining = std::chrono::minutes(2), .mode = smtp::DeliverBy::Mode::give_back, .trace = true};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    message.envelope.parameters = {.requiretls = true};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(2));
    const auto entry = queued()[0];
    EXPECT_EQ(entry.priority, -3);
    EXPECT_EQ(entry.hold_until, Instant{});
    EXPECT_EQ(entry.deliver_by, (queue::DeliverBy{.mode = queue::DeliverBy::Mode::send_back,
                                                  .deadline = clock.now() + std::chrono::seconds(110),
                                                  .trace = true}));
    EXPECT_FALSE(entry.requiretls);
    EXPECT_TRUE(entry.tls_optional);
    EXPECT_EQ(entry.message_id, "<1@here.test>");
    EXPECT_THAT(entry.prefix, HasSubstr("\tPRIORITY -3;"));
    EXPECT_TRUE(queued()[1].requiretls);
    EXPECT_FALSE(queued()[1].tls_optional) << "RFC 8689 §4.1: the parameter counts";
}

TEST_F(FlowTest, TlsIsOptionalWhereTheHeaderSaysSoOnce) {
    const std::pair<std::string, bool> rows[] = {
        {"Subject: x\r\n\r\nTLS-Required: No\r\n", false},
        {"TLS-Required: Yes\r\n\r\n", false},
        {"TLS-Required: No\r\nTLS-Required: No\r\n\r\n", false},
        {"tls-required:no\r\n\r\n", true},
    };
    for (const auto& [text, optional] : rows) {
        EXPECT_THAT(deliver(mail({"<eve@there.test>"}, {.account = "ann@here.test"}, text)), SizeIs(1));
        EXPECT_EQ(queued().back().tls_optional, optional) << text;
        EXPECT_THAT(queued().back().message_id,
                    AllOf(StartsWith("<"), testing::EndsWith("@mail.here.test>")));
    }
}

TEST_F(FlowTest, WhatIsHeldIsHeldForAnyone) {
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    auto message =
        mail({"<bob@here.test>", "<team@here.test>", "<eve@there.test>"}, {.account = "ann@here.test"});
    message.envelope.begun = clock.now() - std::chrono::seconds(10);
    message.envelope.parameters.hold_for = std::chrono::hours(1);
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(inbox_of(bob), IsEmpty());
    ASSERT_THAT(queued(), SizeIs(1));
    const auto entry = queued()[0];
    const auto release = clock.now() + std::chrono::minutes(60) - std::chrono::seconds(10);
    EXPECT_EQ(entry.hold_until, release);
    std::vector<std::string> addresses;
    for (const auto& recipient : entry.recipients) {
        addresses.push_back(recipient.address);
        EXPECT_EQ(recipient.next_attempt, release);
    }
    EXPECT_THAT(addresses, ElementsAre("bob@here.test", "team@here.test", "eve@there.test"));
}

TEST_F(FlowTest, SubmittedMailKeepsTheFieldsItHas) {
    const std::string text = "Date: Sat, 21 Nov 2026 07:48:06 +0000\r\nMessage-ID: <a@b>\r\n\r\n";
    EXPECT_THAT(deliver(mail({"<bob@here.test>"}, {.account = "ann@here.test"}, text)),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob)[0], testing::EndsWith("+0000\r\n" + text));
}

TEST_F(FlowTest, AllOrNothingGetsAMessageByOneReply) {
    add("full@here.test", {.bytes = 10});
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<full@here.test>", "<far@there.test>"},
                             {.account = "ann@here.test"})),
                ElementsAre("452 4.2.2"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(FlowTest, AListGoesToThoseWhoHaveRoomAndWaitsForTheOthers) {
    const auto full = add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    alias("team@here.test", {"ann@here.test", "full@here.test", "far@there.test"});
    EXPECT_EQ(recipient("<team@here.test>"), "250 2.1.5");
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver(mail({"<team@here.test>"})), ElementsAre("451 4.3.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty()) << "all of it or nothing";
    EXPECT_THAT(queued(), IsEmpty());
    fault = [](std::uint64_t) -> Result<void> { return {}; };
    EXPECT_THAT(deliver(mail({"<team@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_THAT(inbox_of(full), SizeIs(1));
    const auto entries = queued();
    ASSERT_THAT(entries, SizeIs(2));
    std::vector<std::string> waiting;
    for (const auto& entry : entries)
        for (const auto& one : entry.recipients) waiting.push_back(one.address);
    EXPECT_THAT(waiting, ElementsAre("full@here.test", "far@there.test"));
}

TEST_F(FlowTest, AListWithoutAnyRoomIsTriedAgain) {
    add("full@here.test", {.messages = 1});
    add("also@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>", "<also@here.test>"})), ElementsAre("250 2.0.0"));
    alias("team@here.test", {"also@here.test", "full@here.test"});
    EXPECT_EQ(recipient("<team@here.test>"), "452 4.2.2");
    EXPECT_THAT(deliver(mail({"<team@here.test>"})), ElementsAre("452 4.2.2"));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(FlowTest, LmtpHasAReplyForEach) {
    add("full@here.test", {.bytes = 10});
    const auto message =
        mail({"<ann@here.test>", "<full@here.test>", "<nobody@here.test>", "<ann+x@here.test>"},
             {.protocol = smtp::Protocol::lmtp});
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0", "452 4.2.2", "550 5.1.1", "250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
}

// RFC 2033 §4.2: who is answered 4xx is tried again, so that nothing that he leads to may have been kept.
TEST_F(DeliveryTest, LmtpKeepsAllThatAnAliasLeadsToOrNothing) {
    alias("team@here.test", {"ann@here.test", "bob@here.test", "far@there.test"});
    const auto cem = add("cem@here.test");
    const auto message = mail({"<team@here.test>", "<cem@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    auto plan = plan_delivery(world, policy, message);
    const auto of_ann = std::ranges::find(plan.placings, ann, &DeliveryPlan::Placing::account);
    ASSERT_NE(of_ann, plan.placings.end());
    plan.parts[of_ann->part].work = [](engine::Transaction&) -> Result<void> {
        return fail(Error::Kind::over_quota, "by order");
    };
    EXPECT_THAT(kept(message, std::move(plan)), ElementsAre("452 4.2.2", "250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), IsEmpty());
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(inbox_of(cem), SizeIs(1));
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0", "250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
}

// Those who wait for room are in one entry of the queue, whichever alias leads to them: it is kept with all
// or with none, or the next attempt of one alias would queue its members again.
TEST_F(DeliveryTest, LmtpKeepsRecipientsThatShareAnEntryTogether) {
    add("full@here.test", {.bytes = 1, .messages = 0});
    add("full2@here.test", {.bytes = 1, .messages = 0});
    alias("team@here.test", {"ann@here.test", "full@here.test"});
    alias("crew@here.test", {"bob@here.test", "full2@here.test"});
    const auto cem = add("cem@here.test");
    const auto message =
        mail({"<team@here.test>", "<cem@here.test>", "<crew@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    auto plan = plan_delivery(world, policy, message);
    const auto of_ann = std::ranges::find(plan.placings, ann, &DeliveryPlan::Placing::account);
    ASSERT_NE(of_ann, plan.placings.end());
    plan.parts[of_ann->part].work = [](engine::Transaction&) -> Result<void> {
        return fail(Error::Kind::io, "by order");
    };
    EXPECT_THAT(kept(message, std::move(plan)), ElementsAre("451 4.3.0", "250 2.0.0", "451 4.3.0"));
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_THAT(inbox_of(bob), IsEmpty());
    EXPECT_THAT(inbox_of(cem), SizeIs(1));
    const auto again = mail({"<team@here.test>", "<crew@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    EXPECT_THAT(deliver(again), ElementsAre("250 2.0.0", "250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(queued().front().recipients, SizeIs(2));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
}

TEST_F(FlowTest, WhoWasThereAtRcptAndIsNoLongerIsTriedAgain) {
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<nobody@here.test>"})), ElementsAre("451 4.2.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
}

TEST_F(FlowTest, AFaultIsTemporary) {
    const std::pair<Error::Kind, std::string_view> rows[] = {{Error::Kind::no_space, "452 4.3.1"},
                                                             {Error::Kind::io, "451 4.3.0"},
                                                             {Error::Kind::corrupt, "451 4.3.0"}};
    for (const auto& [kind, reply] : rows) {
        fault = [kind](std::uint64_t) -> Result<void> { return fail(kind, "by order"); };
        EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre(reply));
        fault = [](std::uint64_t) -> Result<void> { return {}; };
        EXPECT_THAT(inbox_of(ann), IsEmpty());
    }
}

// The lines of the log while `work` is done.
template <typename Work>
std::vector<std::string> logged(log::Output& output, Work work) {
    const ScratchFolder folder;
    const auto file = folder.path() / "log";
    EXPECT_TRUE(output.apply({log::Format::human, log::Level::info, file.string()}));
    work();
    EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""}));
    std::vector<std::string> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

TEST_F(FlowTest, EveryRecipientHasALineWithTheSessionAndTheMessage) {
    add("full@here.test", {.bytes = 10});
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    auto message = mail({"<bob@here.test>", "<team@here.test>"}, {.account = "ann@here.test"});
    const auto good = logged(output, [&] { deliver(message); });
    const auto id = queued().front().id;
    const auto prefix = fmt::format("[session-7] [{}] ", to_string(id));
    EXPECT_THAT(good,
                ElementsAre(HasSubstr(prefix + "delivered from=out@there.test to=bob@here.test size=25 "),
                            HasSubstr(prefix + "delivered from=out@there.test to=team@here.test "),
                            HasSubstr(prefix + "queued from=out@there.test to=team@here.test ")));
    message = mail({"<ann@here.test>", "<full@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    const auto mixed = logged(output, [&] { deliver(message); });
    EXPECT_THAT(
        mixed,
        ElementsAre(
            HasSubstr(" delivered from=out@there.test to=ann@here.test"),
            AllOf(HasSubstr("[session-7]"), HasSubstr(" not kept from=out@there.test "),
                  HasSubstr("code=452 status=4.2.2 reason=\"The mailbox is full\" ground=over-quota why="),
                  HasSubstr("bytes are used of 10"))));
}

TEST_F(FlowTest, AFaultIsLoggedWithItsReason) {
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "sector 17 is broken"); };
    const auto lines = logged(output, [&] { deliver(mail({"<ann@here.test>"})); });
    EXPECT_THAT(lines,
                ElementsAre(AllOf(HasSubstr("code=451 status=4.3.0 "), HasSubstr("sector 17 is broken"))));
}

// It is kept, and told so: otherwise it would come again. And the others hear of it: what is leased to who
// sends is sent by nobody else for a day.
TEST_F(FlowTest, WhoCannotHearOfItMakesNoFailureOfWhatIsKept) {
    const auto deaf = store.on_change([](auto, auto) { throw std::runtime_error("by order"); });
    std::vector<Fresh> handed;
    ASSERT_TRUE(queue.begin());
    world.handover = std::make_shared<Handover>();
    world.handover->connect([&](Fresh fresh) { handed.push_back(std::move(fresh)); });
    world.handover->want(true);
    const auto message =
        mail({"<ann@here.test>", "<bob@here.test>", "<eve@there.test>"}, {.account = "ann@here.test"});
    const auto lines = logged(output, [&] { EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0")); });
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    const auto untold = AllOf(HasSubstr("not told"), HasSubstr("by order"));
    EXPECT_THAT(lines, ElementsAre(untold, untold, HasSubstr("delivered"), HasSubstr("delivered"),
                                   HasSubstr("queued")));
    ASSERT_THAT(handed, SizeIs(1));
    EXPECT_EQ(handed[0].entry.id, queued().at(0).id);
}

TEST_F(FlowTest, WhoCannotTakeWhatIsHandedOverKeepsNobodyElseFromHearing) {
    ASSERT_TRUE(queue.begin());
    world.handover = std::make_shared<Handover>();
    world.handover->connect([](const Fresh&) { throw std::runtime_error("by order"); });
    world.handover->want(true);
    int heard = 0;
    const auto watch = store.on_change([&](auto, auto) { ++heard; });
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<eve@there.test>"}, {.account = "ann@here.test"})),
                ElementsAre("250 2.0.0"));
    EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace hongyan::flow
