// What the dispatcher does for mail that needs no network: delivery here, trouble of its own, ends in
// between.
#include "outbound/dispatcher.h"

#include <atomic>
#include <latch>
#include <thread>

#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "flow/flow_fixture.h"
#include "net/memory_resolver.h"
#include "outbound/tls_keys.h"
#include "reports/counts.h"
#include "reports/keys.h"
#include "support/passing_engine.h"

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

// Good, but for once when it is told to break.
class BrittleEngine final : public PassingEngine {
public:
    using PassingEngine::PassingEngine;
    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        if (breaks.exchange(false)) throw std::runtime_error("broken");
        return PassingEngine::snapshot(scope);
    }
    Result<std::string> read_blob_after(std::string_view before, const engine::BlobId& id) const override {
        if (breaks_at_blobs.exchange(false)) throw std::bad_alloc();
        return PassingEngine::read_blob_after(before, id);
    }
    std::atomic<bool> breaks = false;
    mutable std::atomic<bool> breaks_at_blobs = false;
};

// Has an engine break once, when it is asked first: what is known of a recipient is not told to the sender.
class BreaksWhenAsked final : public net::Resolver {
public:
    BreaksWhenAsked(net::Resolver& known, BrittleEngine& engine) : known_(known), engine_(engine) {}
    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        if (!std::exchange(has_been_asked_, true)) engine_.breaks = true;
        co_return co_await known_.ask(std::move(question), deadline);
    }

private:
    net::Resolver& known_;
    BrittleEngine& engine_;
    bool has_been_asked_ = false;
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

    void start() { start(world); }
    void start(const flow::World& where) {
        loops = std::make_unique<net::Loops>(1);
        dispatcher = std::make_unique<Dispatcher>(
            (*loops)[0],
            Parts{.world = where, .resolver = *names, .tls = *tls, .random = dice, .ourselves = {}},
            settings);
        dispatcher->start();
    }
    // A message of Bob's that is to be sent in so many hours (RFC 4865).
    void hold(std::string_view recipient, std::chrono::hours time, std::size_t size = 100) {
        auto message = mail({recipient}, {.account = "bob@here.test"},
                            "Subject: x\r\n\r\n" + std::string(size, 'x') + "\r\n");
        message.envelope.sender = message::parse_path("<bob@here.test>").value();
        message.envelope.parameters.hold_until = clock.now() + time;
        EXPECT_THAT(deliver(message), testing::ElementsAre("250 2.0.0"));
    }
    void pass(std::chrono::hours time) {
        clock.advance(time);
        queue.announce();
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
    net::Resolver* names = &resolver;  // who is asked
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

// Whoever else waits for the loop is served meanwhile.
TEST(DeliveryHere, OfWhatTakesLongIsPreparedByAWorker) {
    std::latch is_free(1);  // the only worker
    House house;
    house.hold("<ann@here.test>", 1h);
    house.hold("<ann@here.test>", 3h, 200'000);
    house.hold("<ann@here.test>", 3h);
    house.pass(2h);
    house.start();
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.ann).size() == 1; }));
    std::shared_ptr<void> busy(nullptr, [&is_free](void*) { is_free.count_down(); });
    ASSERT_TRUE(house.workers.submit([&is_free] { is_free.wait(); }));
    house.pass(2h);
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.ann).size() == 2; }));
    EXPECT_THAT(house.inbox_of(house.ann).at(1), SizeIs(testing::Lt(1'000U)));
    busy.reset();
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.ann).size() == 3; }));
}

// So is what the sender is told of it.
TEST(Settling, OfWhatTakesLongIsPreparedByAWorker) {
    std::latch is_free(1);  // the only worker
    House house;
    house.resolver.set("gone.test", dns::Type::mx, dns::Status::no_domain);
    house.hold("<ann@here.test>", 1h);
    house.hold("<eve@gone.test>", 3h, 200'000);
    house.hold("<ann@here.test>", 4h);
    house.pass(2h);
    house.start();
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.ann).size() == 1; }));
    std::shared_ptr<void> busy(nullptr, [&is_free](void*) { is_free.count_down(); });
    ASSERT_TRUE(house.workers.submit([&is_free] { is_free.wait(); }));
    house.pass(1h);
    house.pass(1h);
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.ann).size() == 2; }));
    EXPECT_THAT(house.inbox_of(house.bob), SizeIs(0)) << "others are served meanwhile";
    busy.reset();
    ASSERT_TRUE(House::eventually([&] { return house.inbox_of(house.bob).size() == 1; }));
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

// The directory breaks where it is asked first, whether the domain is ours.
TEST(Leasing, IsOfWhatSomebodyThenHasInHand) {
    House house;
    BrittleEngine brittle(*house.engine);
    directory::Directory directory(brittle, house.clock, house.dice);
    const flow::World world{house.store,          directory,   house.queue,    house.workers,
                            house.log_in_workers, house.clock, house.world.log};
    for (const auto* domain : {"a.test", "b.test", "c.test"}) {
        house.resolver.set(domain, dns::Type::mx, dns::Status::failed);
        const auto to = fmt::format("<eve@{}>", domain);
        EXPECT_THAT(house.deliver(house.mail({to}, {.account = "ann@here.test"})),
                    testing::ElementsAre("250 2.0.0"));
    }
    const auto are_all = [&house](const std::function<bool(const queue::Recipient&)>& as_wanted) {
        return std::ranges::all_of(house.queued(),
                                   [&](const auto& entry) { return as_wanted(entry.recipients.at(0)); });
    };
    brittle.breaks = true;
    house.start(world);
    ASSERT_TRUE(House::eventually([&] { return !brittle.breaks; }));
    ASSERT_TRUE(House::eventually([&] {
        return are_all([&house](const queue::Recipient& recipient) {
            return !recipient.lease && recipient.next_attempt > house.clock.now();
        });
    }));
    house.clock.advance(10min);
    ASSERT_TRUE(House::eventually([&] {
        EXPECT_TRUE(house.queue.change({.all = true}, queue::Control::retry));
        return are_all([](const queue::Recipient& recipient) { return recipient.attempts > 0; });
    }));
}

// It breaks more often than there may be connections.
TEST(DeliveryHere, GoesOnWhateverBreaksWhileMailIsRead) {
    House house;
    house.settings.connections = house.settings.connections_per_destination = 2;
    BrittleEngine brittle(*house.engine);
    queue::Queue queue(brittle, house.clock);
    store::Store store(brittle, house.clock);
    const flow::World world{store,       house.directory, queue, house.workers, house.log_in_workers,
                            house.clock, house.world.log};
    house.start(world);
    for (std::size_t i = 1; i <= 4; ++i) {
        house.hold("<ann@here.test>", 1h);
        brittle.breaks_at_blobs = true;
        house.clock.advance(2h);
        queue.announce();
        ASSERT_TRUE(House::eventually([&] { return !brittle.breaks_at_blobs; })) << i;
        ASSERT_TRUE(House::eventually([&] { return !house.queued().at(0).recipients.at(0).lease; })) << i;
        house.clock.advance(10min);
        ASSERT_TRUE(House::eventually([&] {
            EXPECT_TRUE(queue.change({.all = true}, queue::Control::retry));
            queue.announce();
            return house.inbox_of(house.ann).size() == i;
        })) << i;
    }
}

// Whoever repairs the store finds it there; nothing waits for it.
TEST(Settling, OfADamagedEntryEnds) {
    House house;
    EXPECT_THAT(house.deliver(house.mail({"<eve@far.test>"}, {.account = "ann@here.test"})),
                testing::ElementsAre("250 2.0.0"));
    const auto id = house.queued().at(0).id;
    EXPECT_TRUE(house.engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
        transaction.put(queue::entry_key(id), "\xff\xff");
        return Result<void>{};
    }));
    const ScratchFolder scratch;
    const auto log = (scratch.path() / "log").string();
    ASSERT_TRUE(house.output.apply({log::Format::human, log::Level::warning, log}));
    house.start();
    std::string said;
    ASSERT_TRUE(House::eventually([&] {
        said = read_file(log).value();
        return said.contains("outcome not kept");
    }));
    EXPECT_THAT(said, testing::ContainsRegex("warn[a-z]* .*outcome not kept")) << "an error is tried again";
}

// RFC 3461 §5.2: what cannot be told to the sender is the postmaster's.
TEST(Settling, TellsThePostmasterOfMailWhoseSenderIsNoAddress) {
    House house;
    house.settings.policy.bounces.from = "postmaster@here.test";
    house.resolver.set("far.test", dns::Type::mx, dns::Status::no_domain);
    auto message = house.mail({"<eve@far.test>"}, {.account = "ann@here.test"});
    message.envelope.sender = message::parse_path("<postmaster>").value();
    EXPECT_THAT(house.deliver(message), testing::ElementsAre("250 2.0.0"));
    house.start();
    EXPECT_TRUE(House::eventually([&] { return house.queued().empty(); }));
    house.end();
    EXPECT_THAT(house.inbox_of(house.ann), testing::ElementsAre(testing::HasSubstr("eve@far.test")));
}

// What cannot be told now is found out again.
TEST(Settling, TellsTheSenderLaterWhereTellingBreaks) {
    House house;
    BrittleEngine brittle(*house.engine);
    directory::Directory directory(brittle, house.clock, house.dice);
    const flow::World world{house.store,          directory,   house.queue,    house.workers,
                            house.log_in_workers, house.clock, house.world.log};
    BreaksWhenAsked names(house.resolver, brittle);
    house.resolver.set("far.test", dns::Type::mx, dns::Status::no_domain);
    auto message = house.mail({"<eve@far.test>"}, {.account = "ann@here.test"});
    message.envelope.sender = message::parse_path("<ann@here.test>").value();
    EXPECT_THAT(house.deliver(message), testing::ElementsAre("250 2.0.0"));
    house.names = &names;
    house.start(world);
    ASSERT_TRUE(House::eventually([&] {
        const auto queued = house.queued();
        const auto& recipient = queued.at(0).recipients.at(0);
        return !recipient.lease && recipient.next_attempt > house.clock.now();
    }));
    EXPECT_FALSE(brittle.breaks);
    house.clock.advance(6min);
    EXPECT_TRUE(house.queue.change({.all = true}, queue::Control::retry));
    EXPECT_TRUE(House::eventually([&] { return house.queued().empty(); }));
    house.end();
    EXPECT_THAT(house.inbox_of(house.ann), testing::ElementsAre(testing::HasSubstr("eve@far.test")))
        << "she hears of it all the same";
}

// Of a message for a hundred, of whose originals so many bytes are kept, and none of whom can be reached.
class HouseWithMuchToSettle : public House {
public:
    explicit HouseWithMuchToSettle(std::size_t originals) {
        names = &verbose;
        settings.mta_sts = false;
        const auto mx = dns::Name::parse("mx.far.test").value();
        resolver.add("far.test", dns::Mx{.preference = 0, .exchange = mx}, net::Signed::yes);
        resolver.add("mx.far.test", dns::A{dns::IpAddress::parse("192.0.2.1").value()}, net::Signed::yes);
        resolver.set("mx.far.test", dns::Type::aaaa, dns::Status::no_data, net::Signed::yes);
        resolver.set("_25._tcp.mx.far.test", dns::Type::tlsa, dns::Status::failed);
        std::vector<std::string> addresses;
        for (int i = 0; i < 100; ++i) addresses.push_back(fmt::format("<eve{}@far.test>", i));
        EXPECT_THAT(deliver(mail({addresses.begin(), addresses.end()}, {.account = "ann@here.test"})),
                    testing::Each("250 2.0.0"));
        const auto entry = queued().at(0);
        for (auto recipient : entry.recipients) {
            recipient.original = std::string(originals, 'x');
            EXPECT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
                transaction.put(queue::recipient_key(entry.id, recipient.index), queue::encode(recipient));
                return Result<void>{};
            }));
        }
        start();
    }
    ~HouseWithMuchToSettle() { end(); }
    // Whether all have been tried, and can be again.
    bool is_settled() {
        const auto all = queued();
        return std::ranges::all_of(all.at(0).recipients, [](const queue::Recipient& recipient) {
            return recipient.attempts == 1 && !recipient.lease &&
                   recipient.state == queue::RecipientState::waiting;
        });
    }

private:
    // Says at length what is wrong.
    class Verbose final : public net::Resolver {
    public:
        explicit Verbose(net::Resolver& known) : known_(known) {}
        net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
            auto answer = co_await known_.ask(std::move(question), deadline);
            if (answer.status == dns::Status::failed) answer.why = std::string(70'000, 'x');
            co_return answer;
        }

    private:
        net::Resolver& known_;
    };
    Verbose verbose{resolver};
};

// The engine takes a megabyte in a transaction.
TEST(Settling, OfMuchKeepsTheOutcomesAndLetsTheTextsGo) {
    HouseWithMuchToSettle short_originals(100);
    ASSERT_TRUE(House::eventually([&] { return short_originals.is_settled(); }));
    EXPECT_THAT(short_originals.queued().at(0).recipients.at(99).last_reply, SizeIs(2000));
    HouseWithMuchToSettle long_originals(7'000);
    ASSERT_TRUE(House::eventually([&] { return long_originals.is_settled(); }));
    EXPECT_EQ(long_originals.queued().at(0).recipients.at(99).last_reply, "");
    HouseWithMuchToSettle too_long_originals(12'000);
    ASSERT_TRUE(House::eventually([&] { return too_long_originals.is_settled(); }));
}

// RFC 8689 §4.2.2: what rests is the way that TLS policies leave, and whoever needs none of them has another.
TEST(Resting, OfADestinationForItsPolicyHoldsForThoseWhomThatConcerns) {
    House house;
    house.settings.destination_rests = 1h;
    house.resolver.add("far.test",
                       dns::Mx{.preference = 0, .exchange = dns::Name::parse("mx.far.test").value()});
    house.resolver.add("mx.far.test", dns::A{dns::IpAddress::parse("10.1.2.3").value()});
    EXPECT_TRUE(house.engine->transact(engine::Scope::global(), [](engine::Transaction& transaction) {
        transaction.put(tls_keys::policy("far.test"), "\xff");  // which cannot be read
        return Result<void>{};
    }));
    const auto statuses_of = [&house](const std::string& address) {
        std::vector<std::string> all;
        for (const auto id : house.queue.mentioned(address, {}).value())
            for (const auto& record : house.queue.story(id)->records)
                if (record.recipient == address && !record.attempt.status.empty())
                    all.push_back(record.attempt.status);
        return all;
    };
    const auto send = [&](std::string_view address, std::string text) {
        EXPECT_THAT(house.deliver(house.mail({address}, {.account = "ann@here.test"}, std::move(text))),
                    testing::ElementsAre("250 2.0.0"));
    };
    house.start();
    send("<eve@far.test>", "Subject: hello\r\n\r\nHello\r\n");
    house.queue.announce();
    ASSERT_TRUE(House::eventually([&] { return !statuses_of("eve@far.test").empty(); }));
    ASSERT_FALSE(house.queue.rests().at(house.clock.now()).empty());
    send("<gil@far.test>", "TLS-Required: No\r\n\r\nHello\r\n");
    house.queue.announce();
    ASSERT_TRUE(House::eventually([&] { return !statuses_of("gil@far.test").empty(); }));
    EXPECT_THAT(statuses_of("gil@far.test"), testing::ElementsAre("5.4.4")) << "a private address";
    EXPECT_THAT(statuses_of("eve@far.test"), testing::ElementsAre("4.3.0"));
}

// Answers what it knows, but of names that hold these words nothing for as long as it may take.
class SlowResolver final : public net::Resolver {
public:
    SlowResolver(net::MemoryResolver& known, std::string_view slow) : known_(known), slow_(slow) {}
    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        if (question.name.text().contains(slow_)) {
            is_asked = true;
            co_await net::sleep_until(net::after(1h));
        }
        co_return co_await known_.ask(std::move(question), deadline);
    }
    std::atomic<bool> is_asked = false;

private:
    net::MemoryResolver& known_;
    std::string slow_;
};

// A day of there.test has been counted, of mail in its name and of sessions with its hosts, and both reports
// are wanted.
class HouseWithReports : public House {
public:
    explicit HouseWithReports(std::string_view slow) : slow_names(resolver, slow) {
        names = &slow_names;
        const auto here = directory::DomainName::parse("here.test").value();
        const directory::NewSigningKey key{"s", crypto::PrivateKey::generate_ed25519()};
        EXPECT_TRUE(directory.add_signing_keys(here, {&key, 1}));
        EXPECT_TRUE(directory.change_signing_keys(
            here, std::vector<directory::SigningKeyChange>{{"s", directory::KeyState::active}}));
        settings.tls_reports = true;
        settings.reports.dmarc = true;
        // What is sent waits.
        for (const auto* domain : {"there.test", "other.test"})
            resolver.set(domain, dns::Type::mx, dns::Status::failed);
        resolver.add("_smtp._tls.there.test", dns::Txt{"v=TLSRPTv1; rua=mailto:tls@there.test"});
        resolver.add("there.test._report._dmarc.other.test", dns::Txt{"v=DMARC1"});
        reports::Counting counting(*engine, clock, log::Log(output));
        counting.count({.policy = {.domain = "there.test", .policy = "none"},
                        .wanted_at = {"mailto:dmarc@other.test"},
                        .traits = {.address = "192.0.2.1", .header_from = "there.test"}});
        counting.flush();
        tls_policy::TlsDay sessions;
        sessions.add_success({}, 3);
        const auto today = std::chrono::floor<std::chrono::days>(clock.now());
        put(tls_keys::key_of({today, "there.test"}), sessions.to_record());
        put(std::string(tls_keys::wanted), "");
        put(std::string(reports::keys::wanted), "today");
    }
    ~HouseWithReports() { end(); }

    bool has_sent_to(std::string_view address) {
        return std::ranges::any_of(
            queued(), [&](const auto& entry) { return entry.recipients.at(0).address == address; });
    }

    SlowResolver slow_names;

private:
    void put(const std::string& key, std::string_view value) {
        EXPECT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
            transaction.put(key, value);
            return Result<void>{};
        }));
    }
};

TEST(Reports, OfOneKindDoNotWaitForThoseOfTheOther) {
    HouseWithReports slow_dmarc("_report._dmarc");
    slow_dmarc.start();
    EXPECT_TRUE(House::eventually([&] { return slow_dmarc.has_sent_to("tls@there.test"); }));
    EXPECT_TRUE(House::eventually([&] { return slow_dmarc.slow_names.is_asked.load(); }));
    EXPECT_FALSE(slow_dmarc.has_sent_to("dmarc@other.test"));
    HouseWithReports slow_tls("_smtp._tls");
    slow_tls.start();
    EXPECT_TRUE(House::eventually([&] { return slow_tls.has_sent_to("dmarc@other.test"); }));
    EXPECT_TRUE(House::eventually([&] { return slow_tls.slow_names.is_asked.load(); }));
    EXPECT_FALSE(slow_tls.has_sent_to("tls@there.test"));
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
