// A message for more recipients than an entry of the queue may have.
#include <set>

#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using namespace std::chrono_literals;

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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

}  // namespace
}  // namespace hongyan::flow
