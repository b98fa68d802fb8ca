// What people do to the queue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct ControlTest : testing::Test, QueueFixture {
    void SetUp() override { ASSERT_TRUE(queue.begin()); }

    std::size_t change(const Selection& selection, Control what, std::string_view route = {}) {
        const auto changed = queue.change(selection, what, route);
        EXPECT_TRUE(changed) << changed.error().message;
        return changed.value_or(Changed{}).recipients;
    }
    std::vector<std::string> ready() { return queue.ready_destinations({}, 100).value(); }
    RecipientState state(EntryId id, std::size_t index = 0) {
        return queue.entry(id)->recipients.at(index).state;
    }
};

TEST_F(ControlTest, WhatIsHeldStaysUntilItIsReleased) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    EXPECT_EQ(change({.id = id, .domain = "There.test"}, Control::hold), 1U);
    EXPECT_EQ(change({.id = id, .domain = "there.test"}, Control::hold), 0U);
    EXPECT_THAT(ready(), ElementsAre("else.test"));
    EXPECT_EQ(state(id), RecipientState::held);
    EXPECT_EQ(change({.all = true}, Control::retry), 1U) << "only what waits";
    EXPECT_EQ(state(id), RecipientState::held);
    EXPECT_EQ(change({.sender = "ANN@here.test"}, Control::release), 1U);
    EXPECT_THAT(ready(), ElementsAre("else.test", "there.test"));
}

TEST_F(ControlTest, ARetryComesBeforeItsTime) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    ASSERT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::waiting)}));
    EXPECT_THAT(ready(), IsEmpty());
    EXPECT_EQ(change({.recipient = "bob@there.test"}, Control::retry), 1U);
    EXPECT_THAT(ready(), ElementsAre("there.test"));
    EXPECT_EQ(wake().next, std::nullopt) << "it sleeps no more";
    EXPECT_EQ(queue.entry(id)->recipients[0].attempts, 1U);
}

TEST_F(ControlTest, WhatIsReroutedGoesElsewhereFromNowOn) {
    enter("ann@here.test", {"bob@there.test"});
    EXPECT_EQ(change({.domain = "there.test"}, Control::reroute, "relay.test:2525"), 1U);
    EXPECT_THAT(ready(), ElementsAre("relay.test:2525"));
    ASSERT_TRUE(settle({outcome_of(take_all("relay.test:2525"), 0, RecipientState::waiting)}));
    EXPECT_EQ(change({.domain = "there.test"}, Control::retry), 0U);
    EXPECT_EQ(change({.domain = "relay.test:2525"}, Control::retry), 1U);
    EXPECT_THAT(ready(), ElementsAre("relay.test:2525"));
    EXPECT_EQ(queue.change({.all = true}, Control::reroute).error().kind, Error::Kind::invalid);
}

TEST_F(ControlTest, WhatIsCancelledIsGoneButTold) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    EXPECT_EQ(change({.recipient = "bob@there.test"}, Control::cancel), 1U);
    EXPECT_EQ(state(id), RecipientState::cancelled);
    EXPECT_THAT(ready(), ElementsAre("else.test"));
    EXPECT_EQ(change({.id = id}, Control::cancel), 1U);
    expect_nothing_left();
    const auto story = queue.story(id).value();
    ASSERT_THAT(story.records, SizeIs(2));
    EXPECT_EQ(story.records[0].what, Happened::cancelled);
    EXPECT_EQ(story.records[0].recipient, "bob@there.test");
}

TEST_F(ControlTest, AnAttemptThatIsUnderWayEndsBeforeTheWishComesTrue) {
    for (const auto& [wish, end] : {std::pair(Control::hold, RecipientState::held),
                                    std::pair(Control::cancel, RecipientState::cancelled)}) {
        const auto id = enter("ann@here.test", {"bob@there.test", "eve@there.test", "dan@else.test"});
        const auto taken = take_all("there.test");
        const auto changed = queue.change({.id = id, .domain = "there.test"}, wish).value();
        EXPECT_EQ(changed.recipients, 2U);
        EXPECT_EQ(changed.under_way, 2U);
        EXPECT_EQ(state(id), RecipientState::waiting);
        ASSERT_TRUE(settle({outcome_of(taken, 0, RecipientState::waiting),
                            outcome_of(taken, 1, RecipientState::delivered)}));
        EXPECT_EQ(state(id, 0), end);
        EXPECT_EQ(state(id, 1), RecipientState::delivered) << "it was too late";
        EXPECT_EQ(state(id, 2), RecipientState::waiting);
        ASSERT_TRUE(queue.remove(id));
    }
}

TEST_F(ControlTest, AReleaseTakesAWishBack) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    const auto taken = take_all("there.test");
    EXPECT_EQ(change({.id = id}, Control::hold), 1U);
    EXPECT_EQ(change({.id = id}, Control::release), 1U);
    ASSERT_TRUE(settle({outcome_of(taken, 0, RecipientState::waiting)}));
    EXPECT_EQ(state(id), RecipientState::waiting);
}

TEST_F(ControlTest, WhatIsRemovedWhileUnderWayIsNotSettled) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    const auto taken = take_all("there.test");
    ASSERT_TRUE(queue.remove(id));
    expect_nothing_left();
    EXPECT_EQ(settle({outcome_of(taken, 0, RecipientState::waiting)}).error().kind, Error::Kind::conflict);
    expect_nothing_left();
}

TEST_F(ControlTest, ManyAreChangedInPages) {
    std::vector<std::string> addresses(700);
    for (std::size_t i = 0; i < addresses.size(); ++i) addresses[i] = fmt::format("u{}@there.test", i);
    enter("ann@here.test", addresses);
    for (int i = 0; i < 120; ++i) enter("bob@here.test", {"a@there.test"});
    EXPECT_EQ(change({.all = true}, Control::hold), 820U);
    EXPECT_THAT(ready(), IsEmpty());
    EXPECT_EQ(change({.all = true}, Control::release), 820U);
    EXPECT_EQ(change({.all = true}, Control::cancel), 820U);
    expect_nothing_left();
}

TEST_F(ControlTest, WhoSaysNothingChangesNothing) {
    EXPECT_EQ(queue.change({}, Control::cancel).error().kind, Error::Kind::invalid);
    EXPECT_EQ(queue.change({.id = EntryId(7)}, Control::hold).error().kind, Error::Kind::not_found);
}

TEST_F(ControlTest, APauseLastsUntilItIsTakenBackAlsoOverAStart) {
    enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    const auto dues = queue.ready("there.test", {}).value().dues;
    ASSERT_TRUE(queue.pause("There.test", "they asked for it"));
    EXPECT_THAT(ready(), ElementsAre("else.test"));
    EXPECT_THAT(queue.ready("there.test", {}).value().dues, IsEmpty());
    EXPECT_THAT(take(dues).dues, IsEmpty());
    auto accepted = queue.accept(entry_of("text", {to("a@there.test")}), engine::prepare_blob("text"), 1min);
    EXPECT_THAT(accepted.taken.dues, IsEmpty());
    Queue again(*engine, clock);
    ASSERT_TRUE(again.begin());
    EXPECT_THAT(again.ready_destinations({}, 10).value(), ElementsAre("else.test"));
    EXPECT_EQ(again.pauses().value(),
              (std::vector{
                  Pause{.destination = "there.test", .since = clock.now(), .reason = "they asked for it"}}));
    ASSERT_TRUE(queue.pause("", ""));
    EXPECT_THAT(ready(), IsEmpty());
    ASSERT_TRUE(queue.resume(""));
    EXPECT_EQ(queue.resume("").error().kind, Error::Kind::not_found);
    ASSERT_TRUE(queue.resume("there.test"));
    EXPECT_THAT(ready(), ElementsAre("else.test", "there.test"));
}

TEST_F(ControlTest, WhoeverMustLookAgainIsTold) {
    int told = 0, orders = 0;
    {
        const auto subscription = queue.on_change([&](Queue::News news) {
            ++told;
            orders += news == Queue::News::orders ? 1 : 0;
        });
        enter("ann@here.test", {"bob@there.test"});
        EXPECT_EQ(told, 0) << "who commits announces";
        queue.announce();
        EXPECT_EQ(told, 1);
        EXPECT_EQ(orders, 0);
        change({.all = true}, Control::hold);
        ASSERT_TRUE(queue.pause("there.test", ""));
        ASSERT_TRUE(queue.resume("there.test"));
        EXPECT_EQ(told, 4);
    }
    change({.all = true}, Control::cancel);
    EXPECT_EQ(told, 4);
}

TEST_F(ControlTest, StatisticsCountByStateAndDestination) {
    const auto first = enter("ann@here.test", {"bob@there.test", "eve@else.test", "dan@there.test"});
    clock.advance(1h);
    enter("ann@here.test", {"bob@else.test", "zoe@away.test", "b@else.test"});
    take_all("away.test");
    ASSERT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::waiting)}));
    change({.id = first, .domain = "else.test"}, Control::hold);
    const auto found = queue.statistics(2).value();
    EXPECT_EQ(found.messages, 2U);
    EXPECT_EQ(found.bytes, 2 * queue.entry(first)->size());
    EXPECT_EQ(found.ready, 2U);
    EXPECT_EQ(found.asleep, 1U);
    EXPECT_EQ(found.leased, 2U);
    EXPECT_EQ(found.held, 1U);
    EXPECT_EQ(found.finished, 0U);
    ASSERT_THAT(found.destinations, SizeIs(2));
    EXPECT_EQ(found.destinations[0].name, "else.test");
    EXPECT_EQ(found.destinations[0].recipients, 3U);
    EXPECT_EQ(found.destinations[0].oldest, clock.now() - 1h);
    EXPECT_EQ(found.elsewhere, 1U);
}

}  // namespace
}  // namespace hongyan::queue
