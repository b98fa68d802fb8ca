// What becomes of mail that somebody judges.
#include "flow/judged.h"

#include "directory/records.h"
#include "flow/flow_fixture.h"
#include "support/passing_engine.h"

namespace hongyan::flow {
namespace {

using spam::Disposition;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// What a judge is to do, and what it has been asked.
struct Script {
    std::optional<smtp::Reply> to_sender = {}, to_recipient = {}, to_unknown = {};
    std::function<void(const smtp::Deliver&, spam::Judgement&)> to_message = [](const auto&, auto&) {};
    bool speaks_to_accounts = true;
    std::vector<std::string> heard = {};
};

class ScriptedVisit : public spam::Visit {
public:
    explicit ScriptedVisit(Script& script) : script_(script) {}

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& asked) override {
        script_.heard.push_back(
            fmt::format("MAIL {} {}", asked.client.said_name, smtp::to_string(asked.sender)));
        co_return script_.to_sender;
    }
    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        script_.heard.push_back("RCPT " + smtp::to_string(asked.recipient.path));
        co_return script_.to_recipient;
    }
    net::Task<void> message(const smtp::Deliver& came, spam::Judgement& judgement) override {
        script_.heard.push_back("DATA");
        script_.to_message(came, judgement);
        co_return;
    }
    net::Task<std::optional<smtp::Reply>> unknown(const smtp::UnknownCommand& asked) override {
        script_.heard.push_back("unknown " + asked.line);
        co_return script_.to_unknown;
    }
    net::Task<void> abandon() override {
        script_.heard.push_back("abandon");
        co_return;
    }
    net::Task<void> leave() override {
        script_.heard.push_back("leave");
        co_return;
    }
    void kept(const smtp::Deliver&, const spam::Judgement&, const smtp::Replies& replies) override {
        script_.heard.push_back("kept " + smtp::to_text(replies.front()));
    }

private:
    Script& script_;
};

class ScriptedJudge : public spam::Judge {
public:
    explicit ScriptedJudge(Script& script) : script_(script) {}
    std::unique_ptr<spam::Visit> visit(const smtp::Client& client, const log::Log&) override {
        if (!client.account.empty() && !script_.speaks_to_accounts) return nullptr;
        script_.heard.push_back("visit " + client.account);
        return std::make_unique<ScriptedVisit>(script_);
    }

private:
    Script& script_;
};

class JudgedTest : public FlowTest {
public:
    JudgedTest() {
        world.judges = std::make_shared<spam::Panel>();
        world.judges->seat({std::make_shared<ScriptedJudge>(first), std::make_shared<ScriptedJudge>(second)});
        world.refusals = std::make_shared<Refusals>(*engine, queue, clock, world.log);
    }

    void finds(Script& script, Disposition disposition, std::optional<smtp::Reply> reply = {}) {
        script.to_message = [=](const smtp::Deliver&, spam::Judgement& judgement) {
            judgement.findings.push_back({.code = "test", .words = "The words are bad", .score = 2.5});
            judgement.demand(disposition, reply);
        };
    }

    std::vector<std::string> told_of(std::string_view text) {
        wait_for_refusals();
        std::vector<std::string> all;
        for (const auto id : queue.mentioned(text, {}).value())
            for (const auto& record : queue.story(id).value().records)
                all.push_back(
                    fmt::format("{} <{}> {}", to_string(record.what), record.recipient, record.judged));
        return all;
    }
    // On which ground the last message to ann was refused, as the history has it.
    std::string ground_of_refusal() {
        wait_for_refusals();
        const auto ids = queue.mentioned("ann@here.test", {}).value();
        return ids.empty() ? "none" : queue.story(ids.back()).value().records.back().ground;
    }
    std::vector<std::string> mail_in(directory::AccountId account, std::string_view name) {
        std::vector<std::string> messages;
        const auto view = store.account(account).view();
        const auto mailbox = view.find(store::MailboxName::parse(name).value());
        if (!mailbox) return {"no such mailbox"};
        for (const auto& entry : view.entries(mailbox->id).value())
            messages.push_back(view.read(entry.message).value());
        return messages;
    }
    store::Mailbox mailbox_of(directory::AccountId account, std::string_view name) {
        return store.account(account).view().find(store::MailboxName::parse(name).value()).value();
    }

    // In place of all whom the client has named.
    void redirect_to(std::string_view path) {
        first.to_message = [path = message::parse_path(path).value()](const smtp::Deliver& came,
                                                                      spam::Judgement& judgement) {
            judgement.envelope = came.envelope;
            judgement.envelope->recipients = {{.path = path}};
        };
    }

    smtp::Answer ask_broken_world(smtp::Question question);
    std::vector<std::string> carried_out(const World& where, const smtp::Deliver& came,
                                         const spam::Judgement& judgement) {
        smtp::Replies replies;
        auto talk = [&]() -> net::Task<> {
            replies = co_await carry_out(where, policy, where.log, came, judgement);
        };
        run(talk());
        return codes_of(replies);
    }

    Script first, second;
};

TEST_F(JudgedTest, EachQuestionGoesToAllInTheirOrder) {
    Reception reception(world, std::make_shared<const Policy>(policy), world.log);
    const smtp::Client client{.address = "192.0.2.1", .said_name = "there.test"};
    auto message = mail({"<ann@here.test>"}, client);
    auto talk = [&]() -> net::Task<> {
        smtp::Question sender = smtp::CheckSender{client, message.envelope.sender, {}};
        co_await reception.answer(std::move(sender));
        smtp::Question recipient =
            smtp::CheckRecipient{client, message.envelope.sender, {}, message.envelope.recipients[0]};
        co_await reception.answer(std::move(recipient));
        smtp::Question data = message;
        co_await reception.answer(std::move(data));
        message.client.account = "ann@here.test";
        second.speaks_to_accounts = false;
        smtp::Question again = smtp::CheckSender{message.client, message.envelope.sender, {}};
        co_await reception.answer(std::move(again));
        co_await reception.leave();
    };
    run(talk());
    EXPECT_THAT(second.heard, ElementsAre("visit ", "MAIL there.test out@there.test", "RCPT ann@here.test",
                                          "DATA", StartsWith("kept 250 2.0.0 Ok"), "leave"));
    EXPECT_THAT(first.heard, SizeIs(10));
    EXPECT_EQ(first.heard[6], "visit ann@here.test") << "who has logged in is another client";
    EXPECT_EQ(first.heard[8], "abandon") << "an account does not send as others";
    EXPECT_EQ(first.heard[9], "leave");
}

TEST_F(JudgedTest, WhatIsNoCommandIsToldToThoseWhoVisitAlready) {
    const smtp::UnknownCommand nonsense{.client = {}, .line = "NONSENSE 1"};
    EXPECT_EQ(reply_to(nonsense), "500 5.5.1");
    EXPECT_THAT(first.heard, IsEmpty());
    Reception reception(world, std::make_shared<const Policy>(policy), world.log);
    std::string said;
    auto talk = [&]() -> net::Task<> {
        smtp::Question sender = smtp::CheckSender{{}, message::parse_path("<out@there.test>").value(), {}};
        co_await reception.answer(std::move(sender));
        second.to_unknown = smtp::Reply{550, "5.7.1", "Go away"};
        smtp::Question unknown = nonsense;
        said = smtp::to_text(std::get<smtp::Reply>(co_await reception.answer(std::move(unknown))));
    };
    run(talk());
    EXPECT_EQ(said, "550 5.7.1 Go away");
    EXPECT_THAT(first.heard, testing::Contains("unknown NONSENSE 1"));
}

// Whoever has set something aside for a transaction hears that it comes to nothing.
TEST_F(JudgedTest, ATransactionThatComesToNothingIsToldOf) {
    Reception reception(world, std::make_shared<const Policy>(policy), world.log);
    auto talk = [&]() -> net::Task<> {
        const smtp::CheckSender sender{{}, message::parse_path("<out@there.test>").value(), {}};
        smtp::Question mail = sender, reset = smtp::Abandon{}, again = sender;
        co_await reception.answer(std::move(mail));
        co_await reception.answer(std::move(reset));
        second.to_sender = smtp::Reply{550, "5.7.1", "Go away"};
        co_await reception.answer(std::move(again));
    };
    run(talk());
    EXPECT_THAT(first.heard,
                ElementsAre("visit ", "MAIL  out@there.test", "abandon", "MAIL  out@there.test", "abandon"))
        << "the first has let the sender pass, the second has not";
}

// An engine that breaks where it is asked for room or read, as no engine should.
class Broken final : public PassingEngine {
public:
    using PassingEngine::PassingEngine;
    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        return is_broken ? throw std::runtime_error("broken") : PassingEngine::snapshot(scope);
    }
    bool is_broken = false;
    Result<void> room_for(std::uint64_t) const override { throw std::runtime_error("broken"); }
};

smtp::Answer JudgedTest::ask_broken_world(smtp::Question question) {
    Broken broken(*engine);
    store::Store broken_store(broken, clock);
    directory::Directory broken_directory(broken, clock, random);
    broken.is_broken = true;
    World broken_world{broken_store, broken_directory, queue, workers, log_in_workers, clock, world.log};
    broken_world.judges = world.judges;
    broken_world.refusals = world.refusals;
    Reception reception(broken_world, std::make_shared<const Policy>(policy), world.log);
    std::optional<smtp::Answer> answer;
    auto talk = [&]() -> net::Task<> { answer = co_await reception.answer(std::move(question)); };
    run(talk());
    return answer.value();
}

// What a judge has set aside for a message would otherwise be kept until the next one.
TEST_F(JudgedTest, AFaultOfOursAtMailIsToldOfToo) {
    const smtp::CheckSender asked{{}, message::parse_path("<out@there.test>").value(), {}};
    EXPECT_THAT(smtp::to_text(std::get<smtp::Reply>(ask_broken_world(asked))), StartsWith("451 4.3.0 "));
    EXPECT_THAT(first.heard, ElementsAre("visit ", "MAIL  out@there.test", "abandon"));
}

TEST_F(JudgedTest, AFaultOfOursAtTheMessageIsToldOfToo) {
    const auto answer = ask_broken_world(mail({"<ann@here.test>", "<bob@here.test>"}));
    ASSERT_THAT(std::get<smtp::Replies>(answer), SizeIs(1));
    EXPECT_THAT(smtp::to_text(std::get<smtp::Replies>(answer).front()), StartsWith("451 4.3.0 "));
    EXPECT_THAT(first.heard, ElementsAre("visit ", "DATA", "abandon"));
    EXPECT_THAT(told_of("out@there.test"),
                ElementsAre("refused <ann@here.test> ", "refused <bob@here.test> "));
}

TEST_F(JudgedTest, WhatNobodyHasTimeForIsToldOfAsJudged) {
    net::Workers busy{1, 0};
    World busy_world{store, directory, queue, busy, log_in_workers, clock, world.log};
    busy_world.refusals = world.refusals;
    spam::Judgement junk;
    junk.findings = {{.code = "test", .words = "The words are bad"}};
    junk.disposition = Disposition::junk;
    const auto came = mail({"<ann@here.test>", "<bob@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    EXPECT_THAT(carried_out(busy_world, came, junk), ElementsAre("451 4.3.2", "451 4.3.2"));
    EXPECT_THAT(told_of("out@there.test"), ElementsAre("refused <ann@here.test> test: The words are bad",
                                                       "refused <bob@here.test> test: The words are bad"));
}

TEST_F(JudgedTest, WhatIsJunkForOneGoesToTheInboxOfAnother) {
    second.to_message = [this](const smtp::Deliver&, spam::Judgement& judgement) {
        judgement.findings.push_back({.code = "all", .words = "For all"});
        judgement.fields = "X-All: 1\r\n";
        judgement.placements = {{.account = ann,
                                 .findings = {{.code = "own", .words = "Ann says so", .score = 5}},
                                 .is_junk = true,
                                 .fields = "X-Own: ann\r\n"},
                                {.account = {}, .fields = "X-Own: rest\r\n"}};
    };
    alias("away@here.test", {"far@there.test"});
    for (const auto protocol : {smtp::Protocol::esmtp, smtp::Protocol::lmtp}) {
        const auto codes =
            deliver(mail({"<ann@here.test>", "<bob@here.test>", "<away@here.test>"}, {.protocol = protocol}));
        EXPECT_THAT(codes, testing::Each("250 2.0.0"));
    }
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(mail_in(ann, "Junk"), testing::Each(HasSubstr("\r\nX-Own: ann\r\nX-All: 1\r\nReceived: ")));
    EXPECT_THAT(mail_in(ann, "Junk"), SizeIs(2));
    EXPECT_THAT(inbox_of(bob), testing::Each(HasSubstr("\r\nX-Own: rest\r\nX-All: 1\r\nReceived: ")));
    EXPECT_THAT(inbox_of(bob), SizeIs(2));
    EXPECT_THAT(mail_in(bob, "Junk"), IsEmpty());
    ASSERT_THAT(queued(), SizeIs(2));
    EXPECT_FALSE(queued()[0].is_junk);
    EXPECT_THAT(queued()[0].prefix, HasSubstr("X-Own: rest\r\nX-All: 1\r\n"));
    EXPECT_THAT(told_of("ann@here.test"),
                testing::Contains("placed <ann@here.test> all: For all\nown: Ann says so (+5)").Times(2));
    EXPECT_THAT(told_of("bob@here.test"), testing::Contains("placed <bob@here.test> ").Times(2));
}

TEST_F(JudgedTest, SendersAndRecipientsAreRefused) {
    first.to_sender = smtp::Reply{554, "5.7.1", "No"};
    EXPECT_EQ(sender("<out@there.test>", ""), "554 5.7.1");
    EXPECT_THAT(second.heard, ElementsAre("visit ", "abandon")) << "one refusal is enough";
    second.to_recipient = smtp::Reply{451, "4.7.1", "Later"};
    EXPECT_EQ(recipient("<ann@here.test>"), "451 4.7.1");
    EXPECT_EQ(recipient("<nobody@here.test>"), "550 5.1.1") << "the world is asked first";
}

TEST_F(JudgedTest, AMessageIsRefusedWithTheReasonInTheHistory) {
    finds(first, Disposition::reject, smtp::Reply{550, "5.7.26", "Not signed"});
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {}, "Message-ID: <one@there.test>\r\n\r\n")),
                ElementsAre("550 5.7.26"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(told_of("<one@there.test>"),
                ElementsAre("refused <ann@here.test> test: The words are bad (+2.5)"));
    EXPECT_THAT(second.heard, ElementsAre("visit ")) << "nothing is stricter than to reject";
    EXPECT_THAT(first.heard, testing::Contains("kept 550 5.7.26 Not signed"));
    finds(first, Disposition::defer);
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("451 4.7.1", "451 4.7.1"));
}

// Grounds that no real judge has while all is well (tests/scenarios/test_refusals.py has the others).
TEST_F(JudgedTest, ARefusalIsKeptWithItsGround) {
    finds(first, Disposition::reject);
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("550 5.7.1"));
    EXPECT_EQ(ground_of_refusal(), "unwanted");
    finds(first, Disposition::defer);
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.7.1"));
    EXPECT_EQ(ground_of_refusal(), "unwanted-now");
    finds(first, Disposition::defer, smtp::ground("judge-busy").plain());
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.3.2"));
    EXPECT_EQ(ground_of_refusal(), "judge-busy");
    first.to_message = [](const auto&, auto&) { throw std::runtime_error("broken"); };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.3.0"));
    EXPECT_EQ(ground_of_refusal(), "judge-broken");
    first.to_message = [](const auto&, auto&) {};
    policy.judges_patience = std::chrono::milliseconds(0);
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.7.1"));
    EXPECT_EQ(ground_of_refusal(), "judged-too-long");
    EXPECT_THAT(inbox_of(ann), IsEmpty());
}

TEST_F(JudgedTest, AJudgeThatBreaksPutsOff) {
    first.to_message = [](const auto&, auto&) { throw std::runtime_error("broken"); };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.3.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(told_of("ann@here.test"), ElementsAre(HasSubstr("judge-broken")));
}

TEST_F(JudgedTest, JunkGoesIntoTheMailboxForIt) {
    finds(second, Disposition::junk);
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(mail_in(ann, "Junk"), SizeIs(1));
    EXPECT_THAT(told_of("ann@here.test"),
                ElementsAre("placed <ann@here.test> test: The words are bad (+2.5)"));
    ASSERT_TRUE(store.account(ann).remove(mailbox_of(ann, "Junk").id));
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(mail_in(ann, "Junk"), SizeIs(1)) << "it is made again";
    EXPECT_EQ(mailbox_of(ann, "Junk").use, store::SpecialUse::junk);
    EXPECT_THAT(mail_in(bob, "Junk"), SizeIs(1));
    ASSERT_TRUE(
        store.account(bob).rename(mailbox_of(bob, "Junk").id, store::MailboxName::parse("垃圾").value()));
    EXPECT_THAT(deliver(mail({"<bob@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(mail_in(bob, "垃圾"), SizeIs(2)) << "whatever its name";
}

// RFC 3461 §5.2.2: "delivered" is said of what has been.
TEST_F(JudgedTest, JunkWithoutAMailboxForItIsNotToldAsDelivered) {
    finds(second, Disposition::junk);
    const auto cem = add("cem@here.test");
    auto message = mail({"<bob@here.test>", "<cem@here.test>"}, {.protocol = smtp::Protocol::lmtp});
    message.envelope.sender = message::parse_path("<ann@here.test>").value();
    for (auto& recipient : message.envelope.recipients) recipient.notify = {.said = true, .success = true};
    ASSERT_TRUE(store.account(bob).remove(mailbox_of(bob, "Junk").id));
    ASSERT_TRUE(queue.reserve_ids());
    bool has_failed = false;
    fault = [&](std::uint64_t) -> Result<void> {
        if (std::exchange(has_failed, true)) return {};
        return fail(Error::Kind::io, "the disk is broken");
    };
    EXPECT_THAT(deliver(message), ElementsAre("451 4.3.0", "250 2.0.0"));
    EXPECT_THAT(mail_in(cem, "Junk"), SizeIs(1));
    EXPECT_THAT(inbox_of(ann),
                ElementsAre(AllOf(HasSubstr("cem@here.test"), Not(HasSubstr("bob@here.test")))));
}

TEST_F(JudgedTest, JunkThatWaitsForRoomIsJunkStill) {
    finds(second, Disposition::junk);
    const auto full = add("full@here.test", {.messages = 1});
    alias("team@here.test", {"ann@here.test", "full@here.test"});
    EXPECT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(mail_in(full, "Junk"), SizeIs(1));
    EXPECT_THAT(deliver(mail({"<team@here.test>"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_TRUE(queued()[0].is_junk);
}

TEST_F(JudgedTest, WhatIsQuarantinedWaitsForSomebodyToReleaseIt) {
    finds(first, Disposition::quarantine);
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    ASSERT_THAT(queued(), SizeIs(1));
    const auto entry = queued()[0];
    ASSERT_THAT(entry.recipients, SizeIs(2));
    for (const auto& recipient : entry.recipients) {
        EXPECT_EQ(recipient.state, queue::RecipientState::held);
        EXPECT_EQ(recipient.last_reply, "test: The words are bad");
    }
    EXPECT_THAT(told_of("bob@here.test"), ElementsAre("accepted <> test: The words are bad (+2.5)"));
    EXPECT_EQ(queue.change({.id = entry.id}, queue::Control::release).value().recipients, 2U);
    EXPECT_EQ(queue.statistics(0).value().ready, 2U);
    EXPECT_THAT(deliver(mail({"<postmaster>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(queued(), SizeIs(1)) << "a name that means nothing later is not kept for later";
}

TEST_F(JudgedTest, WhatIsDiscardedLeavesATrace) {
    finds(first, Disposition::discard);
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("250 2.0.0", "250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(told_of("bob@here.test"), ElementsAre(StartsWith("discarded <ann@here.test> test:"),
                                                      StartsWith("discarded <bob@here.test> test:")));
    bool has_failed = false;
    fault = [&](std::uint64_t) -> Result<void> {
        if (std::exchange(has_failed, true)) return {};
        return fail(Error::Kind::io, "the disk is broken");
    };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {}, "Message-ID: <2@there.test>\r\n\r\n")),
                ElementsAre("451 4.3.0"))
        << "no trace, no acknowledgement";
    EXPECT_THAT(told_of("<2@there.test>"), ElementsAre(StartsWith("refused <ann@here.test> test:")));
}

TEST_F(JudgedTest, WhatIsAcceptedBearsFieldsAndIsToldOf) {
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    second.to_message = [](const smtp::Deliver&, spam::Judgement& judgement) {
        judgement.sentence = "Signed by there.test; passed";
        judgement.fields = "Authentication-Results: mail.here.test; none\r\n";
    };
    EXPECT_THAT(deliver(mail({"<team@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(
        inbox_of(ann),
        ElementsAre(AllOf(StartsWith("Return-Path:"),
                          HasSubstr("\r\nAuthentication-Results: mail.here.test; none\r\nReceived: "))));
    EXPECT_THAT(queued()[0].prefix, HasSubstr("Authentication-Results: mail.here.test; none\r\nReceived: "));
    EXPECT_THAT(told_of("team@here.test"),
                ElementsAre("placed <team@here.test> Signed by there.test; passed"));
    EXPECT_THAT(told_of("far@there.test"),
                ElementsAre("placed <team@here.test> Signed by there.test; passed"));
}

TEST_F(JudgedTest, AJudgeMayChangeTheMessageAndWhoGetsIt) {
    first.to_message = [](const smtp::Deliver& came, spam::Judgement& judgement) {
        judgement.message = std::make_shared<const std::string>("Subject: changed\r\n\r\nOther\r\n");
        judgement.envelope = came.envelope;
        judgement.envelope->recipients = {{.path = message::parse_path("<bob@here.test>").value()}};
    };
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("250 2.0.0", "250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(inbox_of(bob), ElementsAre(AllOf(HasSubstr("changed"), Not(HasSubstr("hello")))));
    first.to_message = [](const smtp::Deliver& came, spam::Judgement& judgement) {
        judgement.envelope = came.envelope;
        judgement.envelope->recipients.clear();
    };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(told_of("ann@here.test"), ElementsAre(StartsWith("discarded")));
}

TEST_F(JudgedTest, WhomAJudgeAddsMayBeElsewhereAndKeepsNobodyElseFromTheMessage) {
    first.to_message = [](const smtp::Deliver& came, spam::Judgement& judgement) {
        judgement.envelope = came.envelope;
        for (const auto* path : {"<archive@elsewhere.test>", "<nobody@here.test>"})
            judgement.envelope->recipients.push_back({.path = message::parse_path(path).value()});
    };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {.address = "192.0.2.1"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].recipients.at(0).address, "archive@elsewhere.test");
}

// The sender keeps it: neither is it lost, nor does it get to those from whom the filter took it.
TEST_F(JudgedTest, WhatAFilterSendsToNobodyIsNotTakenOver) {
    redirect_to("<nobody@here.test>");
    EXPECT_THAT(deliver(mail({"<ann@here.test>"})), ElementsAre("451 4.3.5"));
    EXPECT_EQ(ground_of_refusal(), "filter-astray");
    EXPECT_THAT(deliver(mail({"<ann@here.test>", "<bob@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("451 4.3.5", "451 4.3.5"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(told_of("out@there.test"), ElementsAre("refused <ann@here.test> ", "refused <ann@here.test> ",
                                                       "refused <bob@here.test> "));
}

TEST_F(JudgedTest, WhomAJudgeAddsInACircleIsNobodysReasonToRefuse) {
    alias("archive@here.test", {"far@there.test"});
    first.to_message = [](const smtp::Deliver& came, spam::Judgement& judgement) {
        judgement.envelope = came.envelope;
        judgement.envelope->recipients.push_back(
            {.path = message::parse_path("<archive@here.test>").value()});
    };
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {}, "Delivered-To: archive@here.test\r\n\r\n")),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(JudgedTest, AFaultOfOursAtWhomAJudgeAddsPutsOff) {
    add("archive@here.test");
    const auto key = directory::name_key(directory::Name::parse("archive@here.test").value());
    UnreadableKey unreadable(*engine, key);
    directory::Directory half(unreadable, clock, random);
    World world_of_half{store, half, queue, workers, log_in_workers, clock, world.log};
    spam::Judgement judgement;
    auto came = mail({"<ann@here.test>"});
    judgement.envelope = came.envelope;
    judgement.envelope->recipients.push_back({.path = message::parse_path("<archive@here.test>").value()});
    EXPECT_THAT(carried_out(world_of_half, came, judgement), ElementsAre(StartsWith("451 ")));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
}

}  // namespace
}  // namespace hongyan::flow
