#include "imap/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/without_waiting.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

using testing::StartsWith;

struct Broken final : std::exception {
    const char* what() const noexcept override { return "a belief"; }
};

class TaskTest : public testing::Test {
protected:
    TaskTest() { standing->account = imap_world::ann; }

    Task task(Job job) {
        return {standing, std::move(job), Numbers::may_change, SetOf::uids, Subject::account};
    }
    static std::string code_of(const Task& task) {
        if (!task.completion()) return "none";
        return task.completion()->said.code == wire::Code::server_bug ? "SERVERBUG" : "another";
    }

    imap_world::World world;
    std::shared_ptr<Standing> standing = std::make_shared<Standing>();
};

TEST_F(TaskTest, AStepThatBreaksOnTheSessionsThreadEndsItsCommandOnly) {
    auto broken = task([](Desk& desk) -> Step {
        desk.out += "* 1 FETCH (BODY[] {100}";
        throw Broken();
    });
    broken.declare_brief();
    EXPECT_EQ(broken.begin_here(world.store()), Task::Begun::all_done);
    EXPECT_EQ(code_of(broken), "SERVERBUG");
    EXPECT_EQ(broken.fault(), "a belief");
    EXPECT_EQ(broken.take_output(), "");
}

TEST_F(TaskTest, SoDoesOneBehindItsCommit) {
    int steps = 0;
    auto broken = task([&](Desk& desk) -> Step {
        if (++steps == 2) throw Broken();
        desk.commit.parts.push_back(
            {engine::Scope::global(), [](engine::Transaction&) -> Result<void> { return {}; }});
        return std::nullopt;
    });
    broken.declare_brief();
    ASSERT_EQ(broken.begin_here(world.store()), Task::Begun::to_commit);
    (void)broken.take_parts();
    EXPECT_TRUE(broken.end_here(world.store(), {Result<void>()}));
    EXPECT_EQ(code_of(broken), "SERVERBUG");
}

TEST_F(TaskTest, AndOneThatAWorkerRuns) {
    auto broken = task([](Desk&) -> Step { throw Broken(); });
    EXPECT_EQ(broken.begin_here(world.store()), Task::Begun::not_here);
    broken.run(world.store());
    EXPECT_EQ(code_of(broken), "SERVERBUG");
}

// It can take back what it has done before.
TEST_F(TaskTest, OneThatWantsToBeCalledForItsEndIs) {
    int steps = 0, ends = 0;
    auto broken = task([&](Desk& desk) -> Step {
        if (desk.is_to_end()) return ++ends < 2 ? Step(std::nullopt) : ok("Taken back");
        desk.ask_for_end();
        if (++steps == 2) throw Broken();
        return std::nullopt;
    });
    for (int i = 0; i < 10 && !broken.completion(); ++i) broken.run(world.store());
    EXPECT_EQ(steps, 2);
    EXPECT_EQ(ends, 2);
    EXPECT_EQ(code_of(broken), "SERVERBUG");
    EXPECT_EQ(broken.fault(), "a belief");
}

TEST_F(TaskTest, WhereThatBreaksTooItIsOver) {
    auto broken = task([&](Desk& desk) -> Step {
        desk.ask_for_end();
        throw Broken();
    });
    broken.run(world.store());
    EXPECT_FALSE(broken.completion());
    EXPECT_TRUE(broken.wants_end());
    EXPECT_FALSE(broken.end_alone(world.store()));
    EXPECT_EQ(code_of(broken), "SERVERBUG");
}

// What has been done has been done: who heard NO of an APPEND would make another.
TEST_F(TaskTest, WhatIsDoneButForTheNewsCannotBePutOff) {
    auto brief = task([&](Desk& desk) -> Step {
        if (!desk.commit.outcomes.empty()) return ok("Done");
        desk.commit.parts.push_back(
            {engine::Scope::global(), [](engine::Transaction&) -> Result<void> { return {}; }});
        return std::nullopt;
    });
    standing->mailbox = Selected::open(world.account(), world.account().view().mailbox(store::inbox).value(),
                                       Access::read_only, Rights::all())
                            .value();
    standing->notify = Notify::none();  // who says by NOTIFY what is news is told by a worker
    world.deliver("Subject: news\r\n\r\n");
    brief.declare_brief();
    ASSERT_EQ(brief.begin_here(world.store()), Task::Begun::to_commit);
    (void)brief.take_parts();
    EXPECT_FALSE(brief.end_here(world.store(), {Result<void>()}));
    EXPECT_TRUE(brief.is_under_way());
    brief.run(world.store());
    EXPECT_FALSE(brief.is_under_way());
    EXPECT_EQ(brief.completion()->condition, wire::Condition::ok);
}

TEST_F(TaskTest, WhatHasNothingToCommitIsAllDoneToo) {
    auto brief = task([](Desk& desk) -> Step {
        desk.out += "* said\r\n";
        return ok("Done");
    });
    brief.declare_brief();
    EXPECT_EQ(brief.begin_here(world.store()), Task::Begun::all_done);
    EXPECT_EQ(brief.completion()->condition, wire::Condition::ok);
    EXPECT_EQ(brief.take_output(), "* said\r\n");
}

TEST_F(TaskTest, NewsThatIsInMemoryIsToldWithoutAWorker) {
    const auto inbox = world.account().view().mailbox(store::inbox).value();
    standing->mailbox = Selected::open(world.account(), inbox, Access::read_write, Rights::all()).value();
    world.deliver("Subject: news\r\n\r\n");
    auto brief = task([](Desk&) -> Step { return ok("Done"); });
    brief.declare_brief();
    EXPECT_EQ(brief.begin_here(world.store()), Task::Begun::all_done);
    EXPECT_THAT(brief.take_output(), StartsWith("* 1 EXISTS\r\n* 1 RECENT\r\n"));
    EXPECT_EQ(standing->mailbox->view().size(), 1U);
}

TEST_F(TaskTest, WhatIsMuchNewsIsLeftToAWorker) {
    const auto inbox = world.account().view().mailbox(store::inbox).value();
    standing->mailbox = Selected::open(world.account(), inbox, Access::read_write, Rights::all()).value();
    for (int i = 0; i < 150; ++i) world.deliver("Subject: news\r\n\r\n");
    auto brief = task([](Desk&) -> Step { return ok("Done"); });
    brief.declare_brief();
    EXPECT_EQ(brief.begin_here(world.store()), Task::Begun::not_here);
    EXPECT_EQ(brief.take_output(), "");
    EXPECT_EQ(standing->mailbox->view().size(), 0U);
    brief.run(world.store());
    EXPECT_THAT(brief.take_output(), StartsWith("* 150 EXISTS\r\n"));
}

TEST_F(TaskTest, WhatIsAllDoneIsNotUnderWay) {
    auto glance = task([](Desk&) -> Step { return ok("Done"); });
    glance.declare_glance([] { return Job([](Desk&) -> Step { return ok("Done"); }); });
    EXPECT_EQ(glance.begin_here(world.store()), Task::Begun::all_done);
    EXPECT_FALSE(glance.is_under_way());
}

// What is not in memory may break a step that would go well with it: so a worker takes it up from its
// beginning.
TEST_F(TaskTest, WhatBrokeForWantOfTheDiskIsRunAgainByAWorker) {
    const auto job = [&](Desk& desk) -> Step {
        desk.out += "* said\r\n";
        if (engine::WithoutWaiting::is_asked_for()) {
            (void)engine::WithoutWaiting::miss();
            throw Broken();
        }
        return ok("Done");
    };
    auto brief = task(job);
    brief.declare_brief();
    EXPECT_EQ(brief.begin_here(world.store()), Task::Begun::not_here);
    EXPECT_EQ(brief.fault(), "");
    brief.run(world.store());
    EXPECT_EQ(brief.take_output(), "* said\r\n");
    EXPECT_EQ(brief.completion()->condition, wire::Condition::ok);

    auto glance = task(job);
    glance.declare_glance([&] { return Job(job); });
    EXPECT_EQ(glance.begin_here(world.store()), Task::Begun::not_here);
    EXPECT_TRUE(glance.has_missed());
    glance.run(world.store());
    EXPECT_EQ(glance.take_output(), "* said\r\n");
}

}  // namespace
}  // namespace hongyan::imap
