// What is decided without a network: parcels, paces, verdicts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbound/pace.h"
#include "outbound/parcel.h"
#include "outbound/verdict.h"
#include "queue/queue_fixture.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using smtp_client::Fate;
using smtp_client::Stage;
using State = queue::RecipientState;

TEST(Pace, GrowsWithSuccessAndHalvesWithFailure) {
    Pace pace(10);
    EXPECT_EQ(pace.connections(), Pace::at_first);
    for (int i = 0; i < 1000; ++i) pace.succeeded();
    EXPECT_EQ(pace.connections(), 10U);
    pace.failed();
    EXPECT_EQ(pace.connections(), 5U);
    for (int i = 0; i < 10; ++i) pace.failed();
    EXPECT_EQ(pace.connections(), 1U);
    EXPECT_EQ(Pace(1).connections(), 1U);
}

TEST(Pace, SlowsByOneForEachRoundThatIsPutOff) {
    Pace pace(10);
    for (int i = 0; i < 1000; ++i) pace.succeeded();
    for (int i = 0; i < 9; ++i) pace.put_off();
    EXPECT_EQ(pace.connections(), 10U);
    pace.put_off();
    EXPECT_EQ(pace.connections(), 9U);
    for (int i = 0; i < 1000; ++i) pace.put_off();
    EXPECT_EQ(pace.connections(), 1U);
}

queue::Due due(std::uint64_t id, std::uint32_t index) {
    queue::Due due;
    due.id = queue::EntryId(id);
    due.index = index;
    return due;
}

TEST(Parcels, HoldOneMessageForAsManyRecipientsAsATransactionMayHave) {
    queue::Taken taken;
    taken.lease.token = 9;
    taken.dues = {due(1, 0), due(2, 0), due(1, 1), due(1, 2), due(2, 1)};
    const auto parcels = pack(taken, 2);
    ASSERT_EQ(parcels.size(), 3U);
    EXPECT_THAT(parcels[0].recipients, testing::ElementsAre(0, 1));
    EXPECT_THAT(parcels[1].recipients, testing::ElementsAre(0, 1));
    EXPECT_EQ(parcels[1].id, queue::EntryId(2));
    EXPECT_THAT(parcels[2].recipients, testing::ElementsAre(2));
    EXPECT_EQ(parcels[2].token, 9U);
}

// RFC 3461 §5.2.1 (a)
TEST(Parcels, AnEnvelopeIdIsPassedOnAndNeverMadeUp) {
    Load load;
    load.entry.id = queue::EntryId(7);
    load.entry.account = load.entry.sender = "ann@here.test";
    load.entry.recipients.emplace_back().address = "bob@there.test";
    EXPECT_EQ(outgoing_of(load, Instant{})->parameters.envelope_id, "");
    load.entry.envelope_id = "her own";
    EXPECT_EQ(outgoing_of(load, Instant{})->parameters.envelope_id, "her own");
}

// RFC 2852 §4.1.4.2
TEST(Parcels, AServerWithoutDeadlinesIsAskedToTellOfDelays) {
    const Instant now{std::chrono::hours(1'000'000)};
    struct Row {
        std::string_view notify;
        bool success, failure, delay;  // none: NEVER
    };
    const Row rows[] = {{"", false, true, true},
                        {"NEVER", false, false, false},
                        {"SUCCESS", true, false, true},
                        {"FAILURE,DELAY", false, true, true}};
    for (const auto& row : rows) {
        Load load;
        load.entry.sender = "ann@here.test";
        load.entry.deliver_by = {.mode = queue::DeliverBy::Mode::notify, .deadline = now + 2min};
        auto& recipient = load.entry.recipients.emplace_back();
        recipient.address = "bob@there.test";
        recipient.notify = row.notify;
        auto outgoing = outgoing_of(load, now).value();
        const auto as_it_came = outgoing.recipients[0].notify;
        ask_for_delays(load.entry, now, outgoing);
        const smtp::Notify wanted{
            .said = true, .success = row.success, .failure = row.failure, .delay = row.delay};
        EXPECT_EQ(outgoing.recipients[0].notify, wanted) << row.notify;
        for (const bool is_over : {false, true}) {
            outgoing.recipients[0].notify = as_it_came;
            load.entry.deliver_by.mode =
                is_over ? queue::DeliverBy::Mode::notify : queue::DeliverBy::Mode::send_back;
            ask_for_delays(load.entry, is_over ? now + 3min : now, outgoing);
            EXPECT_EQ(outgoing.recipients[0].notify, as_it_came) << row.notify;
        }
    }
}

// A message that has just come, leased to us, with two recipients.
class LoadTest : public testing::Test, public queue::QueueFixture {
public:
    LoadTest() {
        EXPECT_TRUE(queue.begin());
        auto fresh = std::make_shared<flow::Fresh>();
        fresh->entry = entry_of("text", {queue::to("bob@there.test"), queue::to("eve@there.test")});
        fresh->content = std::make_shared<const std::string>("text");
        fresh->orders = queue.orders();
        auto accepted = queue.accept(fresh->entry, engine::prepare_blob("text"), queue::longest_lease);
        commit({std::move(accepted.part)});
        parcel = pack(accepted.taken, 100).at(0);
        parcel.fresh = fresh;
        id = fresh->entry.id;
    }
    // What becomes of it from memory, and of the same as it is read.
    std::vector<std::string> loaded() {
        auto read = parcel;
        read.fresh = nullptr;
        std::vector<std::string> all;
        for (const auto& one : {parcel, read}) {
            const auto found = load(*engine, queue, one);
            all.emplace_back(found                                          ? "loaded"
                             : found.error().kind == Error::Kind::conflict  ? "given back"
                             : found.error().kind == Error::Kind::not_found ? "gone"
                                                                            : found.error().message);
        }
        return all;
    }

    Parcel parcel;
    queue::EntryId id;
};

TEST_F(LoadTest, WhatPeopleHaveChangedMeanwhileIsNotSent) {
    using queue::Control;
    using testing::Each;
    EXPECT_THAT(loaded(), Each("loaded"));
    ASSERT_TRUE(queue.change({.recipient = "eve@there.test"}, Control::hold));
    EXPECT_THAT(loaded(), Each("given back"));
    ASSERT_TRUE(queue.change({.id = id}, Control::release));
    EXPECT_THAT(loaded(), Each("loaded"));
    ASSERT_TRUE(queue.change({.recipient = "bob@there.test"}, Control::reroute, "else.test"));
    EXPECT_THAT(loaded(), Each("given back"));
    ASSERT_TRUE(queue.change({.recipient = "bob@there.test"}, Control::reroute, "there.test"));
    EXPECT_THAT(loaded(), Each("loaded"));
    ASSERT_TRUE(queue.pause("there.test", "too slow"));
    EXPECT_THAT(loaded(), Each("given back"));
    ASSERT_TRUE(queue.resume("there.test"));
    EXPECT_THAT(loaded(), Each("loaded"));
    ASSERT_TRUE(queue.change({.id = id}, Control::cancel));
    EXPECT_THAT(loaded(), Each("given back"));
    ASSERT_TRUE(queue.remove(id));
    EXPECT_THAT(loaded(), Each("gone"));
}

class VerdictTest : public testing::Test {
public:
    VerdictTest() {
        settings.schedule = {
            .delays = {5min, 1h}, .lifetime = 24h * 5, .notification_lifetime = 24h, .delay_warning = 4h};
        entry.sender = "ann@here.test";
        entry.arrival = now;
        recipient.address = "bob@there.test";
        recipient.index = 3;
    }

    Verdict judged(const smtp_client::Outcome& found, bool keeps_deadlines = false) {
        return judge(settings, entry, recipient, 7, found,
                     {.host = "mx.there.test", .keeps_deadlines = keeps_deadlines}, now, random);
    }
    static smtp_client::Outcome of(Fate fate, smtp::Reply reply) {
        smtp_client::Outcome outcome;
        outcome.fate = fate;
        outcome.status = reply.status;
        outcome.reply = std::move(reply);
        return outcome;
    }

    Settings settings;
    queue::Entry entry;
    queue::Recipient recipient;
    Instant now{std::chrono::hours(1'000'000)};
    SeededRandom random{1};
};

TEST_F(VerdictTest, WhatIsRefusedForEverFailsAndIsToldInTheServersWords) {
    const auto verdict = judged(of(Fate::failed, {550, "5.1.1", "No such user"}));
    EXPECT_EQ(verdict.outcome.state, State::failed);
    EXPECT_EQ(verdict.outcome.who.index, 3U);
    EXPECT_EQ(verdict.outcome.token, 7U);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::failed);
    EXPECT_EQ(verdict.notice->remote_reply, "550 5.1.1 No such user");
    EXPECT_EQ(verdict.notice->remote_host, "mx.there.test");
}

// RFC 3464 §2.3.5
TEST_F(VerdictTest, WhereNobodyAnsweredNoRemoteServerIsNamed) {
    const auto verdict =
        judged(smtp_client::refused(smtp_client::Stage::connection, "5.4.4", "no host can be reached"));
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->remote_host, "");
    EXPECT_EQ(verdict.notice->remote_reply, "");
    EXPECT_EQ(verdict.outcome.attempt.host, "mx.there.test") << "the history says whom we tried";
}

TEST_F(VerdictTest, NobodyIsToldWhoHasNoAddressOrWantsNoNews) {
    entry.sender.clear();
    EXPECT_FALSE(judged(of(Fate::failed, {550, "5.1.1", "No such user"})).notice);
    entry.sender = "ann@here.test";
    recipient.notify = "NEVER";
    EXPECT_FALSE(judged(of(Fate::failed, {550, "5.1.1", "No such user"})).notice);
}

TEST_F(VerdictTest, WhatIsPutOffIsTriedAgainWarnedOfOnceAndGivenUpInTheEnd) {
    const auto busy = of(Fate::deferred, {450, "4.2.1", "Busy"});
    auto verdict = judged(busy);
    EXPECT_EQ(verdict.outcome.state, State::waiting);
    EXPECT_GT(verdict.outcome.next_attempt, now + 4min);
    EXPECT_LT(verdict.outcome.next_attempt, now + 6min);
    EXPECT_FALSE(verdict.notice);

    now += 5h;
    recipient.attempts = 5;
    verdict = judged(busy);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::delayed);
    EXPECT_EQ(verdict.notice->retry_until, entry.arrival + 24h * 5);
    EXPECT_TRUE(verdict.outcome.delay_told);
    recipient.delay_told = true;
    EXPECT_FALSE(judged(busy).notice);

    now += 24h * 5;
    verdict = judged(busy);
    EXPECT_EQ(verdict.outcome.state, State::expired);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::failed);
}

TEST_F(VerdictTest, OnlyAnAddressThatDoesNotExistIsSuppressed) {
    struct Row {
        std::string_view status;
        bool suppressed;
    };
    for (const auto& [status, suppressed] : {Row{"5.1.1", true}, Row{"5.1.2", true}, Row{"5.1.10", true},
                                             Row{"5.7.1", false}, Row{"5.2.2", false}, Row{"5.1.8", false}}) {
        auto refused = of(Fate::failed, {550, status, "No"});
        refused.status = status;
        EXPECT_EQ(judged(refused).outcome.suppress, suppressed) << status;
    }
    auto later = of(Fate::deferred, {450, "4.1.1", "No"});
    later.status = "5.1.1";
    EXPECT_FALSE(judged(later).outcome.suppress);
    settings.policy.suppresses = false;
    auto refused = of(Fate::failed, {550, "5.1.1", "No"});
    refused.status = "5.1.1";
    EXPECT_FALSE(judged(refused).outcome.suppress);
}

TEST_F(VerdictTest, WhoWasNeverAskedIsGivenBackAsHeWas) {
    auto untried = of(Fate::deferred, {0, "", std::vector<std::string>{}});
    untried.untried = true;
    const auto verdict = judged(untried);
    EXPECT_FALSE(verdict.outcome.tried);
    EXPECT_EQ(verdict.outcome.next_attempt, now);
    EXPECT_FALSE(verdict.notice);
}

TEST_F(VerdictTest, SuccessIsToldByWhoIsTheLastToKnow) {
    recipient.notify = "SUCCESS";
    EXPECT_FALSE(judged(of(Fate::accepted, {250, "2.0.0", "Ok"})).notice) << "the peer will tell";
    const auto relayed = judged(of(Fate::relayed, {250, "2.0.0", "Ok"}));
    EXPECT_EQ(relayed.outcome.state, State::relayed);
    ASSERT_TRUE(relayed.notice);
    EXPECT_EQ(relayed.notice->action, dsn::Action::relayed);
    const auto delivered = judged(of(Fate::delivered, {250, "2.0.0", "Ok"}));
    ASSERT_TRUE(delivered.notice);
    EXPECT_EQ(delivered.notice->action, dsn::Action::delivered);
    recipient.notify.clear();
    EXPECT_FALSE(judged(of(Fate::relayed, {250, "2.0.0", "Ok"})).notice) << "who says nothing wants no news";
}

// RFC 2852 §4.1.3
TEST_F(VerdictTest, ADeadlineThatPassesIsToldThenAndOnce) {
    entry.deliver_by = {.mode = queue::DeliverBy::Mode::notify, .deadline = now + 2min};
    const auto busy = of(Fate::deferred, {450, "4.2.1", "Busy"});
    auto verdict = judged(busy);
    EXPECT_FALSE(verdict.notice);
    EXPECT_EQ(verdict.outcome.next_attempt, now + 2min) << "there is an attempt when the time has come";
    recipient.next_attempt = verdict.outcome.next_attempt;
    recipient.attempts = 1;
    recipient.delay_told = true;  // that it takes longer, in general
    now += 2min;
    verdict = judged(busy);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::delayed);
    EXPECT_EQ(to_string(*verdict.notice->status), "4.4.7");
    EXPECT_TRUE(verdict.outcome.deadline_told);
    recipient.deadline_told = true;
    now = verdict.outcome.next_attempt;
    EXPECT_FALSE(judged(busy).notice);
}

// Somebody has asked for an attempt just before, or the queue was paused meanwhile.
TEST_F(VerdictTest, ADeadlineIsToldThoughNoAttemptWasMadeWhenItPassed) {
    entry.deliver_by = {.mode = queue::DeliverBy::Mode::notify, .deadline = now + 6h};
    const auto busy = of(Fate::deferred, {450, "4.2.1", "Busy"});
    now += 5h;
    recipient.attempts = 5;
    auto verdict = judged(busy);
    ASSERT_TRUE(verdict.notice) << "it takes longer";
    EXPECT_NE(to_string(verdict.notice->status.value()), "4.4.7");
    EXPECT_FALSE(verdict.outcome.deadline_told);
    recipient.delay_told = true;
    now += 3h;
    recipient.next_attempt = now;
    verdict = judged(busy);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(to_string(verdict.notice->status.value()), "4.4.7");
    EXPECT_TRUE(verdict.outcome.deadline_told);
}

TEST_F(VerdictTest, WhatGoesBackAtItsDeadlineIsTriedNoMore) {
    entry.deliver_by = {.mode = queue::DeliverBy::Mode::send_back, .deadline = now + 2min};
    now += 2min;
    const auto verdict = judged(of(Fate::deferred, {450, "4.2.1", "Busy"}));
    EXPECT_EQ(verdict.outcome.state, State::expired);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::failed);
    EXPECT_EQ(to_string(*verdict.notice->status), "5.4.7");
}

// RFC 2852 §4.1.4, §4.1.4.2
TEST_F(VerdictTest, PassingOnADeadlineIsToldWhereNobodyElseWould) {
    const auto taken = of(Fate::accepted, {250, "2.0.0", "Ok"});
    entry.deliver_by = {.mode = queue::DeliverBy::Mode::notify, .deadline = now + 2min};
    const auto verdict = judged(taken);
    ASSERT_TRUE(verdict.notice);
    EXPECT_EQ(verdict.notice->action, dsn::Action::relayed);
    EXPECT_FALSE(judged(taken, true).notice) << "who knows of deadlines tells himself";
    recipient.notify = "NEVER";
    EXPECT_FALSE(judged(taken).notice);
    recipient.notify = "FAILURE";
    EXPECT_TRUE(judged(taken).notice);
    entry.deliver_by.trace = true;
    EXPECT_TRUE(judged(taken, true).notice) << "every step is to be told";
    entry.deliver_by = {.mode = queue::DeliverBy::Mode::notify, .deadline = now - 1s};
    EXPECT_FALSE(judged(taken).notice) << "the time is over";
}

}  // namespace
}  // namespace hongyan::outbound
