// What the dispatcher does for mail that needs no network: delivery here, trouble of its own, ends in
// between.
#include "outbound/dispatcher.h"

#include <atomic>
#include <latch>
#include <thread>

#include "flow/flow_fixture.h"
#include "net/memory_resolver.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

// Good, until it is told to break.
class BrittleRandom final : public Random {
public:
    void fill(std::span<char> out) override {
        if (breaks.exchange(false)) throw std::runtime_error("no dice");
        inner_.fill(out);
    }

    std::atomic<bool> breaks = false;

private:
    SeededRandom inner_{1};
};

// A house with a dispatcher, which can end at any write as if it were killed.
class House : public flow::FlowTest {
public:
    void TestBody() override {}

    House() {
        fault = [this](std::uint64_t) -> Result<void> {
            if (writes_left-- > 0) return {};
            has_ended = true;
            return fail(Error::Kind::io, "the program has ended");
        };
        settings.hostname = "mail.here.test";
        settings.schedule = {
            .delays = {5min}, .lifetime = 24h * 5, .notification_lifetime = 24h, .delay_warning = 4h};
        settings.connections = settings.connections_per_destination = 10;
        settings.messages_per_connection = 10;
        settings.dns_patience = 1s;
        settings.destination_rests = 1s;
        settings.tls_reports = false;
        settings.policy = policy;
    }
    ~House() override { end(); }

    void start() {
        loops = std::make_unique<net::Loops>(1);
        dispatcher = std::make_unique<Dispatcher>(
            (*loops)[0],
            Parts{.world = world, .resolver = resolver, .tls = *tls, .random = dice, .ourselves = {}},
            settings);
        dispatcher->start();
    }
    // At once, whatever is under way.
    void end() {
        if (!loops) return;
        loops->stop();
        // Who calls back to the loop has done so behind these: its one worker, and the committer.
        std::latch last_job(1);
        ASSERT_TRUE(workers.submit([&last_job] { last_job.count_down(); }));
        last_job.wait();
        (void)engine->transact(engine::Scope::global(),
                               [](engine::Transaction&) -> Result<void> { return {}; });
        dispatcher.reset();
        loops.reset();
    }
    static bool eventually(const std::function<bool()>& is_so) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!is_so()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }

    net::MemoryResolver resolver;
    std::unique_ptr<net::TlsClientContext> tls = net::TlsClientContext::make().value();
    BrittleRandom dice;
    Settings settings;
    std::atomic<int> writes_left = 1'000'000;
    std::atomic<bool> has_ended = false;
    std::unique_ptr<net::Loops> loops;
    std::unique_ptr<Dispatcher> dispatcher;
};

// A message that was held for a list (RFC 4865) of somebody here and somebody elsewhere.
class HeldForAList : public House {
public:
    HeldForAList() {
        alias("all@here.test", {"ann@here.test", "eve@far.test"});
        auto message = mail({"<all@here.test>"}, {.account = "bob@here.test"});
        message.envelope.sender = message::parse_path("<bob@here.test>").value();
        message.envelope.parameters.hold_until = clock.now() + 1h;
        EXPECT_THAT(deliver(message), testing::ElementsAre("250 2.0.0"));
        EXPECT_TRUE(queue.pause("far.test", "nobody is to go there"));
        clock.advance(2h);
    }
    bool is_done() {
        const auto all = queued();
        return all.size() == 1 && all[0].recipients.at(0).address == "eve@far.test";
    }
};

TEST(DeliveryHere, IsOneCommitWhereverTheProgramEnds) {
    bool was_done_at_once = false;
    for (int writes = 1; !was_done_at_once && writes < 30; ++writes) {
        HeldForAList house;
        house.writes_left = writes;
        house.start();
        ASSERT_TRUE(HeldForAList::eventually([&house] { return house.has_ended || house.is_done(); }));
        was_done_at_once = !house.has_ended && house.is_done();
        house.end();
        house.writes_left = 1'000'000;
        house.start();
        ASSERT_TRUE(HeldForAList::eventually([&house] { return house.is_done(); }))
            << "after " << writes << " writes there are " << house.queued().size();
        house.end();
        EXPECT_THAT(house.inbox_of(house.ann), SizeIs(1)) << "after " << writes << " writes";
    }
    EXPECT_TRUE(was_done_at_once);
}

// Its lease would last as long as this program does.
TEST(Settling, ThatBreaksGivesTheMessageBack) {
    House house;
    house.resolver.set("far.test", dns::Type::mx, dns::Status::failed);
    EXPECT_THAT(house.deliver(house.mail({"<eve@far.test>"}, {.account = "ann@here.test"})),
                testing::ElementsAre("250 2.0.0"));
    house.dice.breaks = true;  // they say when the next attempt is
    house.start();
    const auto recipient = [&house] { return house.queued().at(0).recipients.at(0); };
    ASSERT_TRUE(House::eventually([&] { return !house.dice.breaks; }));
    ASSERT_TRUE(House::eventually(
        [&] { return !recipient().lease && recipient().next_attempt > house.clock.now(); }));
    EXPECT_EQ(recipient().attempts, 0U) << "nothing is known of it";
    house.clock.advance(6min);
    ASSERT_TRUE(House::eventually([&] {
        EXPECT_TRUE(house.queue.change({.all = true}, queue::Control::retry));
        return recipient().attempts > 0;
    }));
    EXPECT_EQ(recipient().state, queue::RecipientState::waiting);
}

// RFC 3461 §5.2: the sender of this is nobody.
TEST(Settling, WhatTheSenderCannotBeToldIsThePostmasters) {
    House house;
    house.alias("postmaster@here.test", {"bob@here.test"});
    house.settings.policy.bounces.from = "postmaster@here.test";
    house.resolver.add("far.test", dns::Mx{.preference = 0, .exchange = dns::Name()});  // RFC 7505
    auto message = house.mail({"<eve@far.test>"}, {.address = "10.0.0.1"});
    message.envelope.sender = message::parse_path("<gone@here.test>").value();
    EXPECT_THAT(house.deliver(message), testing::ElementsAre("250 2.0.0"));
    house.start();
    ASSERT_TRUE(House::eventually([&house] { return !house.inbox_of(house.bob).empty(); }));
    EXPECT_THAT(house.inbox_of(house.bob).at(0),
                testing::AllOf(testing::HasSubstr("Final-Recipient: rfc822;eve@far.test"),
                               testing::HasSubstr("Action: failed")));
    EXPECT_THAT(house.queued(), testing::IsEmpty());
}

}  // namespace
}  // namespace hongyan::outbound
