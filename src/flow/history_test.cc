// What the history hears of messages that are delivered or refused.
#include "flow/delivery_plan.h"
#include "flow/flow_fixture.h"
#include "message/message_ids.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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

TEST_F(HistoryTest, AMessageHasOneNameWhateverBecomesOfIt) {
    world.refusals = std::make_shared<Refusals>(*engine, queue, clock, world.log);
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    const std::pair<std::string_view, std::string> rows[] = {{"<1@there.test> (x)", "<1@there.test>"},
                                                             {"\r\n (x) <2@there.test> 3", "<2@there.test>"},
                                                             {"4@there.test", "4@there.test"}};
    for (const auto& [value, name] : rows) {
        const auto text = fmt::format("Message-ID: {}\r\n\r\n", value);
        ASSERT_THAT(deliver(mail({"<bob@here.test>"}, {}, text)), ElementsAre("250 2.0.0"));
        ASSERT_THAT(deliver(mail({"<full@here.test>"}, {}, text)), ElementsAre("452 4.2.2"));
        wait_for_refusals();
        EXPECT_THAT(told_of(name), ElementsAre(placed("bob@here.test", bob), "refused full@here.test 0"))
            << value;
        EXPECT_EQ(message::message_id_of(text), name);
    }
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
    wait_for_refusals();
    EXPECT_THAT(told_of("full@here.test"), ElementsAre(HasSubstr("placed"), "refused full@here.test 0"));
}

TEST_F(HistoryTest, WhatNobodyHasTimeForIsTold) {
    net::Workers busy{1, 0};
    World busy_world{store, directory, queue, busy, log_in_workers, clock, world.log};
    busy_world.refusals = std::make_shared<Refusals>(*engine, queue, clock, world.log);
    Reception reception(busy_world, std::make_shared<const Policy>(policy), world.log);
    const auto large =
        mail({"<ann@here.test>", "<bob@here.test>"}, {},
             "Message-ID: <large@there.test>\r\n\r\n" + std::string(std::size_t{1} << 20U, 'x'));
    ASSERT_FALSE(is_soon_prepared(large));
    std::optional<smtp::Answer> answer;
    auto talk = [&]() -> net::Task<> { answer = co_await reception.answer(large); };
    run(talk());
    EXPECT_EQ(std::get<smtp::Replies>(*answer).front().status, "4.3.2");
    wait_for_refusals();
    for (const auto* name : {"out@there.test", "<large@there.test>"})
        EXPECT_THAT(told_of(name), ElementsAre("refused ann@here.test 0", "refused bob@here.test 0"));
}

TEST_F(HistoryTest, WhoWantsNoneHasNone) {
    queue.apply({.history = {}});
    EXPECT_THAT(deliver(mail({"<bob@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(told_of("bob@here.test"), IsEmpty());
}

}  // namespace
}  // namespace hongyan::flow
