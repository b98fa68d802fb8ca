#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "dsn/compose.h"
#include "engine/memory_engine.h"
#include "flow/log_in.h"
#include "flow/reception.h"
#include "net/loops.h"

namespace hongyan::flow {
namespace {

using namespace std::chrono_literals;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// A house with two people, and a loop on which questions are answered.
class FlowTest : public testing::Test {
public:
    FlowTest() {
        EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value()));
        EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""}));
        ann = add("ann@here.test");
        bob = add("bob@here.test");
    }

    directory::AccountId add(std::string_view name, const store::Quota& quota = {}) {
        const auto id = directory
                            .add_account({.name = std::string(name),
                                          .password = directory::ImportedHash{"{PLAIN}secret"}})
                            .value();
        EXPECT_TRUE(store.create_account(id, quota));
        return id;
    }
    void alias(std::string_view name, const std::vector<std::string>& targets) {
        EXPECT_TRUE(directory.add_alias(name, targets));
    }

    smtp::Answer ask(const smtp::Question& question) {
        const Reception reception(world, std::make_shared<const Policy>(policy),
                                  world.log.for_session("session-7"));
        net::asio::io_context context(1);
        std::optional<smtp::Answer> answer;
        auto talk = [&]() -> net::Task<> { answer = co_await reception.answer(question); };
        net::asio::co_spawn(context.get_executor(), talk(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
        return answer.value();
    }
    std::string reply_to(const smtp::Question& question) {
        const auto reply = std::get<smtp::Reply>(ask(question));
        return fmt::format("{} {}", reply.code, reply.status);
    }
    std::string recipient(std::string_view address, smtp::Client client = {}, std::uint64_t size = 0) {
        return reply_to(smtp::CheckRecipient{
            std::move(client), {}, {.size = size}, {.path = message::parse_path(address).value()}});
    }
    std::string sender(std::string_view address, std::string_view account) {
        return reply_to(
            smtp::CheckSender{{.account = std::string(account)}, message::parse_path(address).value(), {}});
    }

    smtp::Deliver mail(const std::vector<std::string_view>& recipients, smtp::Client client = {},
                       std::string text = "Subject: hello\r\n\r\nHello\r\n") {
        smtp::Deliver message{.client = std::move(client),
                              .envelope = {.sender = message::parse_path("<out@there.test>").value()},
                              .message = std::make_shared<const std::string>(std::move(text))};
        for (const auto address : recipients)
            message.envelope.recipients.push_back({.path = message::parse_path(address).value()});
        return message;
    }
    std::vector<std::string> deliver(const smtp::Deliver& message) {
        std::vector<std::string> codes;
        const auto answer = ask(message);
        for (const auto& reply : std::get<smtp::Replies>(answer))
            codes.push_back(fmt::format("{} {}", reply.code, reply.status));
        return codes;
    }
    std::vector<std::string> inbox_of(directory::AccountId account) {
        std::vector<std::string> messages;
        const auto view = store.account(account).view();
        for (const auto& entry : view.entries(store::inbox).value())
            messages.push_back(view.read(entry.message).value());
        return messages;
    }
    std::vector<queue::Entry> queued() { return queue.list({}).value(); }

    ManualClock clock;
    SeededRandom random{1};
    std::function<Result<void>(std::uint64_t)> fault = [](std::uint64_t) -> Result<void> { return {}; };
    std::unique_ptr<engine::Engine> engine =
        engine::make_memory_engine({.before_write = [this](std::uint64_t batch) { return fault(batch); }});
    store::Store store{*engine, clock};
    directory::Directory directory{
        *engine, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(crypto::seal_key_size)))};
    queue::Queue queue{*engine, clock};
    net::Workers workers{1, 10}, log_in_workers{1, 10};
    log::Output output{clock};
    World world{store, directory, queue, workers, log_in_workers, clock, log::Log(output)};
    Policy policy{.hostname = "mail.here.test",
                  .relay_networks = {config::Network::parse("10.0.0.0/8").value()}};
    directory::AccountId ann, bob;
};

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
    ASSERT_THAT(queued(), SizeIs(1));
    const auto entry = queued()[0];
    EXPECT_EQ(entry.sender, "out@there.test");
    EXPECT_EQ(entry.account, "ann@here.test");
    EXPECT_EQ(entry.body, "8BITMIME");
    EXPECT_EQ(entry.wanted_return, "HDRS");
    EXPECT_EQ(entry.envelope_id, "id");
    EXPECT_FALSE(entry.message_id.empty()) << "by which it is traced";
    ASSERT_THAT(entry.recipients, SizeIs(2));
    EXPECT_EQ(entry.recipients[0].address, "far@there.test");
    EXPECT_EQ(entry.recipients[1].address, "eve@there.test");
    EXPECT_EQ(entry.recipients[1].notify, "SUCCESS");
    EXPECT_EQ(entry.recipients[1].original, "rfc822;e@there.test");
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

class HistoryTest : public FlowTest {
public:
    std::vector<std::string> told_of(std::string_view text) {
        std::vector<std::string> all;
        for (const auto id : queue.mentioned(text, {}).value())
            for (const auto& record : queue.story(id).value().records)
                all.push_back(
                    fmt::format("{} {} {}", to_string(record.what), record.recipient, record.placed_with));
        return all;
    }
    std::string placed(std::string_view recipient, directory::AccountId account) {
        return fmt::format("placed {} {}", recipient, account.value());
    }
};

TEST_F(HistoryTest, WhatIsPlacedIsToldWithTheDelivery) {
    alias("team@here.test", {"ann@here.test", "bob@here.test", "far@there.test"});
    const std::string text = "Message-ID: <one@there.test>\r\n\r\nHello\r\n";
    EXPECT_THAT(
        deliver(mail({"<team@here.test>"}, {.address = "192.0.2.1", .said_name = "there.test"}, text)),
        ElementsAre("250 2.0.0"));
    for (const auto* name : {"team@here.test", "<one@there.test>", "out@there.test"})
        EXPECT_THAT(told_of(name), ElementsAre(placed("team@here.test", ann), placed("team@here.test", bob)));
    ASSERT_THAT(queued(), SizeIs(1));
    const auto story = queue.story(queued()[0].id).value();
    ASSERT_THAT(story.records, SizeIs(2)) << "the queue's part is the same message";
    EXPECT_EQ(story.records[0].attempt.address, "192.0.2.1");
    EXPECT_EQ(story.records[0].attempt.host, "there.test");
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver(mail({"<bob@here.test>"})), ElementsAre("451 4.3.0"));
    EXPECT_THAT(told_of("bob@here.test"), IsEmpty());
}

TEST_F(HistoryTest, InLmtpOnlyThatIsToldWhichWentWell) {
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(deliver(mail({"<bob@here.test>", "<full@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("250 2.0.0", "452 4.2.2"));
    EXPECT_THAT(told_of("full@here.test"), SizeIs(1));
    EXPECT_THAT(told_of("bob@here.test"), ElementsAre(placed("bob@here.test", bob)));
}

TEST_F(HistoryTest, WhatIsRefusedAfterItCameIsTold) {
    world.refusals = std::make_shared<Refusals>(*engine, queue, clock, world.log);
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("452 4.2.2"));
    EXPECT_TRUE(engine->transact(engine::Scope::global(), [](auto&) { return Result<void>{}; }));
    EXPECT_THAT(told_of("full@here.test"), ElementsAre(HasSubstr("placed"), "refused full@here.test 0"));
}

TEST_F(HistoryTest, WhoWantsNoneHasNone) {
    queue.apply({.history = {}});
    EXPECT_THAT(deliver(mail({"<bob@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(told_of("bob@here.test"), IsEmpty());
}

class ReturnedTest : public FlowTest {
public:
    // Ann's message to bob@far.test has been taken by his server.
    queue::EntryId sent() {
        EXPECT_TRUE(queue.begin());
        auto message = mail({"<bob@far.test>"}, {.account = "ann@here.test"});
        message.envelope.sender = message::parse_path("<ann@here.test>").value();
        EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
        auto taking = queue.take(queue.ready("far.test", {}).value().dues, 1h);
        EXPECT_TRUE(engine->transact(taking.part.scope, taking.part.work));
        const auto& due = taking.found->dues.at(0);
        const auto part = queue.settle({{.who = {due.id, due.index},
                                         .token = taking.found->lease.token,
                                         .state = queue::RecipientState::delivered,
                                         .attempt = {.time = clock.now(), .reply = "250 Ok"}}});
        EXPECT_TRUE(engine->transact(part.scope, part.work));
        return due.id;
    }
    void bounce(queue::EntryId id, std::string_view about, std::string_view to, std::string_view status) {
        auto message =
            mail({to}, {},
                 fmt::format("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                             "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                             "Original-Envelope-Id: {}\r\nReporting-MTA: dns; mx.far.test\r\n\r\n"
                             "Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: {}\r\n"
                             "Diagnostic-Code: smtp; 550 {} nobody\r\n\r\n--b--\r\n",
                             dsn::envelope_id_for(to_string(id), policy.hostname), about, status, status));
        message.envelope.sender = {};
        EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    }
    std::size_t records_of(queue::EntryId id) { return queue.story(id).value().records.size(); }
    bool is_suppressed() { return queue.suppression("ann@here.test", "bob@far.test").value().has_value(); }
};

TEST_F(ReturnedTest, ABounceIsTiedToItsMessage) {
    const auto id = sent();
    clock.advance(1min);
    bounce(id, "Bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_THAT(inbox_of(ann), SizeIs(1)) << "it is delivered like any other";
    const auto story = queue.story(id).value();
    ASSERT_THAT(story.records, SizeIs(2));
    EXPECT_EQ(story.records[1].what, queue::Happened::failed);
    EXPECT_EQ(story.records[1].attempt.host, "mx.far.test");
    EXPECT_EQ(story.records[1].attempt.reply, "bounced back: 550 5.1.1 nobody");
    EXPECT_TRUE(is_suppressed());
}

TEST_F(ReturnedTest, WhatAStrangerMayHaveMadeUpIsNot) {
    const auto id = sent();
    bounce(id, "eve@far.test", "<ann@here.test>", "5.1.1");
    bounce(id, "bob@far.test", "<bob@here.test>", "5.1.1");
    bounce(id.next(), "bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_EQ(records_of(id), 1U);
    EXPECT_FALSE(is_suppressed());
    bounce(id, "bob@far.test", "<ann@here.test>", "5.7.1");
    EXPECT_EQ(records_of(id), 2U);
    EXPECT_FALSE(is_suppressed()) << "a policy";
}

class SuccessTest : public FlowTest {
public:
    smtp::Deliver from_ann(std::string_view to) {
        auto message = mail({to});
        message.envelope.sender = message::parse_path("<ann@here.test>").value();
        message.envelope.recipients[0].notify = {.said = true, .success = true, .failure = true};
        message.envelope.recipients[0].original = smtp::OriginalRecipient{"rfc822", "first@away.test"};
        return message;
    }
};

TEST_F(SuccessTest, OfADeliveryIsToldInTheSameCommit) {
    EXPECT_THAT(deliver(from_ann("<bob@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(inbox_of(ann),
                ElementsAre(AllOf(StartsWith("Return-Path: <>"), HasSubstr("Action: delivered"),
                                  HasSubstr("Original-Recipient: rfc822;first@away.test"))));
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver(from_ann("<bob@here.test>")), ElementsAre("451 4.3.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
}

TEST_F(SuccessTest, IsNotToldWhereNobodyIsToHear) {
    auto bounce = from_ann("<bob@here.test>");
    bounce.envelope.sender = {};
    auto indifferent = from_ann("<bob@here.test>");
    indifferent.envelope.recipients[0].notify = {.said = true, .failure = true};
    for (const auto& message : {bounce, indifferent}) EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(SuccessTest, OfAnAliasWithSeveralMembersIsThatItWasExpanded) {
    alias("team@here.test", {"bob@here.test", "far@there.test"});
    alias("away@here.test", {"far@there.test"});
    EXPECT_THAT(deliver(from_ann("<team@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), ElementsAre(HasSubstr("Action: expanded")));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].recipients[0].notify, "FAILURE") << "RFC 3461 5.2.7.3 (c)";
    EXPECT_THAT(deliver(from_ann("<away@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_EQ(queued()[1].recipients[0].notify, "SUCCESS,FAILURE") << "the next server tells";
}

TEST_F(SuccessTest, WaitsForASenderWhoseMailboxIsFull) {
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    auto message = from_ann("<bob@here.test>");
    message.envelope.sender = message::parse_path("<full@here.test>").value();
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].sender, "");
    EXPECT_EQ(queued()[0].recipients[0].address, "full@here.test");
}

TEST_F(SuccessTest, IsNotClaimedOfOthersInLmtp) {
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    auto message = from_ann("<bob@here.test>");
    message.client.protocol = smtp::Protocol::lmtp;
    message.envelope.recipients.push_back(message.envelope.recipients[0]);
    message.envelope.recipients[1].path = message::parse_path("<full@here.test>").value();
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0", "452 4.2.2"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
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

class BigListTest : public FlowTest {
public:
    static constexpr std::size_t size = 20'000;

    smtp::Deliver list(const smtp::Client& client) {
        auto message = mail({}, client);
        for (std::size_t i = 0; i < size; ++i)
            message.envelope.recipients.push_back(
                {.path = message::parse_path(fmt::format("<member{}@list{}.test>", i, i % 7)).value()});
        return message;
    }
    std::set<std::string> addresses_queued() {
        std::set<std::string> addresses;
        for (const auto& entry : queued())
            for (const auto& recipient : entry.recipients) addresses.insert(recipient.address);
        return addresses;
    }
    // Those who are ready are leased and come to the end of `state`.
    void attempt_all(queue::RecipientState state) {
        for (const auto& destination : queue.ready_destinations({}, 100).value())
            for (;;) {
                auto taking = queue.take(queue.ready(destination, {.limit = 1000}).value().dues, 1h);
                ASSERT_TRUE(engine->transact(taking.part.scope, taking.part.work));
                if (taking.found->dues.empty()) break;
                std::vector<queue::Outcome> outcomes;
                for (const auto& due : taking.found->dues) {
                    outcomes.push_back({.who = {due.id, due.index},
                                        .token = taking.found->lease.token,
                                        .state = state,
                                        .attempt = {.time = clock.now(), .reply = "550 5.1.1 no"}});
                    if (outcomes.size() == 100) settle(std::exchange(outcomes, {}));
                }
                settle(std::move(outcomes));
            }
    }
    void settle(std::vector<queue::Outcome> outcomes) {
        const auto part = queue.settle(std::move(outcomes));
        EXPECT_TRUE(engine->transact(part.scope, part.work));
    }
};

TEST_F(BigListTest, IsAcceptedChangedAndBroughtToItsEnd) {
    ASSERT_TRUE(queue.begin());
    ASSERT_THAT(deliver(list({.address = "10.0.0.1"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(addresses_queued(), SizeIs(size));
    EXPECT_EQ(queued().size(), size / queue::most_recipients);
    EXPECT_EQ(engine->statistics().blobs, 1U) << "the content is kept once";
    const queue::Selection selection{.sender = "out@there.test"};
    EXPECT_EQ(queue.change(selection, queue::Control::hold).value().recipients, size);
    EXPECT_EQ(queue.change(selection, queue::Control::release).value().recipients, size);
    attempt_all(queue::RecipientState::failed);
    EXPECT_THAT(queued(), IsEmpty());
    EXPECT_EQ(engine->statistics().blobs, 0U);
}

TEST_F(BigListTest, IsKeptAsAWholeOrNotAtAll) {
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver(list({.address = "10.0.0.1"})), ElementsAre("451 4.3.0"));
    EXPECT_THAT(queued(), IsEmpty());
    fault = [](std::uint64_t) -> Result<void> { return {}; };
    queue.apply({.limits = {.messages = 30}});
    EXPECT_THAT(deliver(list({.address = "10.0.0.1"})), ElementsAre("452 4.3.1"));
    EXPECT_THAT(queued(), IsEmpty()) << "not the first thirty parts of it";
    queue.apply({});
    EXPECT_THAT(deliver(list({.address = "10.0.0.1"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(addresses_queued(), SizeIs(size));
}

class ForwardTest : public FlowTest {
public:
    ForwardTest() {
        std::vector<crypto::Secret> keys;
        keys.emplace_back("0123456789abcdef");
        world.srs = std::make_shared<const forward::Srs>(std::move(keys));
        alias("away@here.test", {"far@there.test"});
    }
    std::vector<std::string> senders() {
        std::vector<std::string> found;
        for (const auto& entry : queued()) found.push_back(entry.sender);
        return found;
    }
};

TEST_F(ForwardTest, WhatAnAliasPassesOnHasASenderOfOurs) {
    EXPECT_THAT(deliver(mail({"<away@here.test>"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(senders(), SizeIs(1));
    const auto sender = senders()[0];
    EXPECT_THAT(sender, AllOf(StartsWith("SRS0="), testing::EndsWith("=there.test=out@here.test")));
    EXPECT_EQ(queued()[0].passed_on_for, "out@there.test");
    EXPECT_THAT(queue.mentioned("out@there.test", {}).value(), ElementsAre(queued()[0].id))
        << "it is found by who sent it";
    // Its bounce goes on to who sent it, and nothing else does.
    EXPECT_EQ(recipient("<" + sender + ">"), "250 2.1.5");
    auto bounce = mail({"<" + sender + ">"});
    bounce.envelope.sender = {};
    EXPECT_THAT(deliver(bounce), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(2));
    EXPECT_EQ(queued()[1].sender, "");
    EXPECT_THAT(queued()[1].recipients,
                ElementsAre(testing::Field(&queue::Recipient::address, "out@there.test")));
    EXPECT_EQ(recipient("<SRS0=AAAAAA=AA=there.test=out@here.test>"), "550 5.1.1") << "not made here";
    const auto from_somebody =
        reply_to(smtp::CheckRecipient{{},
                                      message::parse_path("<x@there.test>").value(),
                                      {},
                                      {.path = message::parse_path("<" + sender + ">").value()}});
    EXPECT_EQ(from_somebody, "550 5.1.1") << "not a bounce";
}

TEST_F(ForwardTest, OthersKeepTheirSender) {
    ASSERT_TRUE(directory.add_alias("kept@here.test", std::vector<std::string>{"far2@there.test"},
                                    directory::KeepSender::yes));
    EXPECT_THAT(deliver(mail({"<kept@here.test>"})), ElementsAre("250 2.0.0"));
    auto ours = mail({"<away@here.test>"});
    ours.envelope.sender = message::parse_path("<ann@here.test>").value();
    EXPECT_THAT(deliver(ours), ElementsAre("250 2.0.0"));
    auto bounce = mail({"<away@here.test>"});
    bounce.envelope.sender = {};
    EXPECT_THAT(deliver(bounce), ElementsAre("250 2.0.0"));
    EXPECT_THAT(deliver(mail({"<x@there.test>"}, {.address = "10.0.0.1"})), ElementsAre("250 2.0.0"));
    auto long_name = mail({"<away@here.test>"});
    const std::string name(60, 'a');
    long_name.envelope.sender = message::parse_path("<" + name + "@there.test>").value();
    EXPECT_THAT(deliver(long_name), ElementsAre("250 2.0.0"));
    policy.rewrites_senders = false;
    EXPECT_THAT(deliver(mail({"<away@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(senders(), ElementsAre("out@there.test", "ann@here.test", "", "out@there.test",
                                       name + "@there.test", "out@there.test"));
}

TEST_F(ForwardTest, OneMessageMayGoOnUnderTwoSenders) {
    EXPECT_THAT(
        deliver(mail({"<away@here.test>", "<x@there.test>", "<ann@here.test>"}, {.address = "10.0.0.1"})),
        ElementsAre("250 2.0.0"));
    EXPECT_THAT(senders(), testing::UnorderedElementsAre(StartsWith("SRS0="), "out@there.test"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
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

TEST_F(FlowTest, LmtpHasAReplyForEach) {
    add("full@here.test", {.bytes = 10});
    const auto message =
        mail({"<ann@here.test>", "<full@here.test>", "<nobody@here.test>", "<ann+x@here.test>"},
             {.protocol = smtp::Protocol::lmtp});
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0", "452 4.2.2", "550 5.1.1", "250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
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
    const auto file = std::filesystem::temp_directory_path() / fmt::format("hongyan-flow-{}.log", ::getpid());
    EXPECT_TRUE(output.apply({log::Format::human, log::Level::info, file.string()}));
    work();
    EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""}));
    std::vector<std::string> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::filesystem::remove(file);
    return lines;
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
    EXPECT_THAT(mixed,
                ElementsAre(HasSubstr(" delivered from=out@there.test to=ann@here.test"),
                            AllOf(HasSubstr("[session-7]"), HasSubstr(" not kept from=out@there.test "),
                                  HasSubstr("code=452 status=4.2.2 reason=\"The mailbox is full\" why="),
                                  HasSubstr("bytes are used of 10"))));
}

TEST_F(FlowTest, AFaultIsLoggedWithItsReason) {
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "sector 17 is broken"); };
    const auto lines = logged(output, [&] { deliver(mail({"<ann@here.test>"})); });
    EXPECT_THAT(lines,
                ElementsAre(AllOf(HasSubstr("code=451 status=4.3.0 "), HasSubstr("sector 17 is broken"))));
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

TEST_F(FlowTest, LogInsAreAnsweredByTheDirectory) {
    const auto verdict = [&](const sasl::Question& question) -> std::string {
        const auto answer = answer_log_in(directory, question);
        if (const auto* granted = std::get_if<sasl::Granted>(&answer)) return granted->account;
        return std::holds_alternative<sasl::Refused>(answer) ? "refused" : "keys";
    };
    using sasl::VerifyPassword;
    EXPECT_EQ(verdict(VerifyPassword{{"Ann@HERE.test", ""}, "secret"}), "ann@here.test");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", "ANN@here.test"}, "secret"}), "ann@here.test");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", "bob@here.test"}, "secret"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", ""}, "wrong"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"nobody@here.test", ""}, "secret"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"no name", ""}, "secret"}), "refused");
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha256}), "keys");
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha512}), "refused");
    ASSERT_TRUE(directory.change_account(ann, {.disabled = true}));
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha256}), "refused");
}

TEST_F(FlowTest, WhereLogInsPileUpMailGoesOn) {
    std::promise<void> over;
    std::promise<void> begun;
    const auto wait = [end = over.get_future().share()] { end.wait(); };
    ASSERT_TRUE(log_in_workers.submit([&begun, wait] {
        begun.set_value();
        wait();
    }));
    begun.get_future().wait();
    while (log_in_workers.submit(wait)) continue;
    const sasl::Question guess = sasl::VerifyPassword{{"ann@here.test", ""}, "wrong"};
    const auto answer = std::get<sasl::Answer>(ask(smtp::Authenticate{guess}));
    EXPECT_EQ(std::get<sasl::Refused>(answer).why, sasl::Refusal::unavailable);
    EXPECT_EQ(recipient("<ann@here.test>"), "250 2.1.5");
    const std::string large(300'000, 'x');  // so that a worker prepares it
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {}, "Subject: large\r\n\r\n" + large + "\r\n")),
                ElementsAre("250 2.0.0"));
    over.set_value();
}

TEST_F(FlowTest, OnlyWhoOptedInHasASecretAndOthersAreRefusedAlike) {
    const auto ask_for = [&](std::string_view name) {
        return answer_log_in(directory, sasl::FetchSecret{{std::string(name), ""}});
    };
    ASSERT_TRUE(directory.change_password(ann, crypto::Secret("secret"), directory::Recoverable::yes));
    const auto known = ask_for("Ann@here.test");
    EXPECT_EQ(std::get<sasl::KnownSecret>(known).account, "ann@here.test");
    EXPECT_EQ(std::get<sasl::KnownSecret>(known).secret, "secret");
    ASSERT_TRUE(directory.change_account(ann, {.disabled = true}));
    for (const auto* name : {"ann@here.test", "bob@here.test", "nobody@here.test", "no name", ""})
        EXPECT_EQ(std::get<sasl::Refused>(ask_for(name)).why, sasl::Refusal::wrong_credentials) << name;
}

TEST_F(FlowTest, ACertificateStandsForWhomItIsBoundToOrElseForAnAccountThatItNames) {
    const auto verdict = [&](const std::vector<std::string>& addresses,
                             std::string_view authzid) -> std::string {
        const auto answer =
            answer_log_in(directory, sasl::IdentifyCertificate{{"f1", addresses}, std::string(authzid)});
        const auto* granted = std::get_if<sasl::Granted>(&answer);
        if (granted != nullptr) return granted->account;
        const bool wrong = std::get<sasl::Refused>(answer).why == sasl::Refusal::wrong_credentials;
        return wrong ? "refused" : "broken";
    };
    EXPECT_EQ(verdict({}, ""), "refused");
    EXPECT_EQ(verdict({}, "ann@here.test"), "refused");
    EXPECT_EQ(verdict({"no address", "far@there.test", "Ann@here.test", "bob@here.test"}, ""),
              "ann@here.test");
    EXPECT_EQ(verdict({"ann@here.test", "bob@here.test"}, "BOB@here.test"), "bob@here.test");
    EXPECT_EQ(verdict({"ann@here.test"}, "bob@here.test"), "refused");
    EXPECT_EQ(verdict({"ann@here.test"}, "no name"), "refused");
    EXPECT_EQ(verdict({"no address"}, "no address"), "refused");

    ASSERT_TRUE(directory.add_certificate(bob, "f1"));
    EXPECT_EQ(verdict({"ann@here.test"}, ""), "bob@here.test");
    EXPECT_EQ(verdict({"ann@here.test"}, "ann@here.test"), "refused");
    ASSERT_TRUE(directory.change_account(bob, {.disabled = true}));
    EXPECT_EQ(verdict({"ann@here.test"}, ""), "refused");
}

}  // namespace
}  // namespace hongyan::flow
