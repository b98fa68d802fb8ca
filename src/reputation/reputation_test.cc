#include "reputation/reputation.h"

#include <atomic>
#include <deque>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "reputation/trust.h"

namespace hongyan::reputation {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view stranger = "192.0.2.1";
constexpr std::string_view ann = "ann@here.test";

Site site(std::string_view text) { return Site::parse(text).value(); }

class ReputationTest : public testing::Test {
protected:
    ReputationTest() { start(); }
    // As after a restart: what was noted is there, what was counted is not.
    void start() {
        if (reputation) reputation->notebook().flush();
        reputation = std::make_unique<Reputation>(*engine, clock, options);
    }
    Entry knock(std::string_view account, std::string_view address) {
        reputation->notebook().flush();
        return reputation->door().may_try({std::string(account), std::string(address)});
    }
    void guess(std::string_view account, std::string_view address, int times) {
        for (int i = 0; i < times; ++i)
            (void)reputation->door().failed({std::string(account), std::string(address)},
                                            fmt::format("guess {}", ++guesses));
    }
    void succeed(std::string_view account, std::string_view address) {
        reputation->door().succeeded({std::string(account), std::string(address)});
        reputation->notebook().flush();
    }
    bool is_banned(std::string_view address) { return reputation->bans().on_site(address).has_value(); }

    int guesses = 0;
    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    Options options{.bans = {.exempt = {config::Network::parse("127.0.0.0/8").value()}}};
    std::unique_ptr<Reputation> reputation;
};

}  // namespace

TEST(Site, IsAnIpv4AddressOrTheNetworkOfAnIpv6Client) {
    EXPECT_EQ(Site::of("192.0.2.1")->to_string(), "192.0.2.1");
    EXPECT_EQ(Site::of("::ffff:192.0.2.1"), Site::of("192.0.2.1"));
    EXPECT_EQ(Site::of("2001:db8:1:2:3::4")->to_string(), "2001:db8:1:2::/64");
    EXPECT_EQ(Site::of(""), std::nullopt);
    EXPECT_EQ(site("192.0.2.77/24").to_string(), "192.0.2.0/24");
    EXPECT_EQ(site("2001:db8::1"), site("2001:db8::/64"));
    EXPECT_EQ(site("2001:db8::1/128").to_string(), "2001:db8::/64") << "no client is known closer";
    EXPECT_EQ(site("192.0.2.1").neighbourhood(), site("192.0.2.0/24"));
    EXPECT_EQ(site("2001:db8:1:2::").neighbourhood(), site("2001:db8:1::/48"));
    for (const auto* text :
         {"", "ann", "192.0.2.0/33", "192.0.0.0/7", "::/0", "2001::/8", "192.0.2.1/", "::ffff:1.2.3.4/100"})
        EXPECT_FALSE(Site::parse(text)) << text;
}

TEST(Site, ComesBackFromItsOctets) {
    for (const auto* text : {"192.0.2.1", "10.0.0.0/8", "2001:db8::/64", "2001:db8::/32"})
        EXPECT_EQ(Site::from_octets(site(text).octets()), site(text));
    EXPECT_EQ(Site::from_octets("short"), std::nullopt);
    EXPECT_EQ(Site::from_octets(std::string(16, '\1') + '\10'), std::nullopt) << "bits beyond the network";
}

TEST(MeterTest, LeaksAndForgetsTheEmptiestFirst) {
    Meter meter(4);
    const Rate rate{10, 10s};
    Instant now(1'000'000s);
    EXPECT_DOUBLE_EQ(meter.add("a", 5, rate, now), 5);
    now += 3s;
    EXPECT_DOUBLE_EQ(meter.level("a", rate, now), 2);
    EXPECT_DOUBLE_EQ(meter.add("a", -9, rate, now), 0);
    for (int i = 1; i <= 4; ++i) meter.add(std::string(1, static_cast<char>('p' + i)), i, rate, now);
    meter.add("last", 1, rate, now);
    EXPECT_LE(meter.names(), 4U);
    EXPECT_DOUBLE_EQ(meter.level("t", rate, now), 4);
    EXPECT_DOUBLE_EQ(meter.level("q", rate, now), 0);
}

TEST_F(ReputationTest, BansAreLongerEachTimeAndOutliveTheProgram) {
    auto& bans = reputation->bans();
    const auto first = bans.shut_out(Subject::of(site(stranger)), "Because");
    ASSERT_TRUE(first);
    EXPECT_EQ(*first->until - clock.now(), 15min);
    EXPECT_FALSE(bans.shut_out(Subject::of(site(stranger)), "Again")) << "he is shut out already";
    start();
    EXPECT_EQ(reputation->bans().on_site(stranger), first);
    clock.advance(15min);
    EXPECT_FALSE(is_banned(stranger));
    const auto second = reputation->bans().shut_out(Subject::of(site(stranger)), "Because");
    EXPECT_EQ(*second->until - clock.now(), 30min);
    EXPECT_EQ(second->times, 2U);
    for (int i = 0; i < 15; ++i) {
        clock.advance(*reputation->bans().on_site(stranger)->until - clock.now());
        (void)reputation->bans().shut_out(Subject::of(site(stranger)), "Because");
    }
    EXPECT_EQ(*reputation->bans().on_site(stranger)->until - clock.now(), options.bans.longest);
    clock.advance(options.bans.longest * 3);
    start();
    EXPECT_EQ(reputation->bans().shut_out(Subject::of(site(stranger)), "Because")->times, 1U) << "forgotten";
}

// An IPv6 client is known by its /64 only, in which the exempt one is one of many.
TEST_F(ReputationTest, AnExemptAddressOfIpv6IsNeverShutOut) {
    options.bans.exempt = {config::Network::parse("::1/128").value(),
                           config::Network::parse("2001:db8::7/128").value()};
    start();
    auto& bans = reputation->bans();
    for (const auto* address : {"::1", "2001:db8::7"}) {
        EXPECT_TRUE(bans.is_exempt(address)) << address;
        EXPECT_FALSE(bans.shut_out(Subject::of(site(address)), "Because")) << address;
        EXPECT_FALSE(is_banned(address)) << address;
    }
    EXPECT_FALSE(bans.is_exempt("2001:db8:0:1::7"));
    EXPECT_TRUE(bans.shut_out(Subject::of(site("2001:db8:0:1::7")), "Because"));
    ASSERT_TRUE(bans.add(Subject::of(site("2001:db8:0:2::1/128")), "One host", std::nullopt));
    EXPECT_TRUE(is_banned("2001:db8:0:2::1")) << "its /64 is";
}

TEST_F(ReputationTest, PeopleBanAndLift) {
    auto& bans = reputation->bans();
    ASSERT_TRUE(bans.add(Subject::of(site("192.0.2.0/24")), "Enough", std::nullopt));
    ASSERT_TRUE(bans.add(Subject::of(site("127.0.0.1")), "Also who is exempt", 1h));
    clock.advance(100h);
    start();
    EXPECT_TRUE(is_banned(stranger));
    EXPECT_FALSE(is_banned("127.0.0.1")) << "its time is over";
    EXPECT_FALSE(is_banned("192.0.3.1"));
    EXPECT_EQ(reputation->bans().list().size(), 1U);
    EXPECT_TRUE(reputation->bans().lift(Subject::of(site("192.0.2.0/24"))));
    EXPECT_EQ(reputation->bans().lift(Subject::of(site("192.0.2.0/24"))).error().kind,
              Error::Kind::not_found);
    start();
    EXPECT_FALSE(is_banned(stranger));
}

TEST_F(ReputationTest, ManyBannedNeighboursBanTheirNetwork) {
    for (int i = 1; i < 8; ++i)
        (void)reputation->bans().shut_out(Subject::of(site(fmt::format("192.0.2.{}", i))), "Because");
    EXPECT_FALSE(is_banned("192.0.2.200"));
    const auto ban = reputation->bans().shut_out(Subject::of(site("192.0.2.8")), "Because");
    EXPECT_EQ(ban->subject.to_string(), "192.0.2.0/24");
    EXPECT_TRUE(is_banned("192.0.2.200"));
    EXPECT_FALSE(is_banned("192.0.3.1"));
}

TEST_F(ReputationTest, WhoGuessesIsSlowedDownThenLockedOutOfTheAccountThenOfTheHouse) {
    EXPECT_EQ(knock(ann, stranger).delay, 0ms);
    guess(ann, stranger, 2);
    EXPECT_GT(knock(ann, stranger).delay, 0ms);
    guess(ann, stranger, 7);
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::open);
    EXPECT_LE(knock(ann, stranger).delay, 8s);
    guess(ann, stranger, 1);
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::closed);
    EXPECT_EQ(knock("bob@here.test", stranger).way, Entry::Way::open) << "another account, for now";
    EXPECT_EQ(knock(ann, "198.51.100.1").way, Entry::Way::open) << "the owner, elsewhere";
    guess("bob@here.test", stranger, 9);
    guess("eve@here.test", stranger, 9);
    EXPECT_FALSE(is_banned(stranger));
    guess("dan@here.test", stranger, 2);
    EXPECT_TRUE(is_banned(stranger));
    EXPECT_EQ(knock("dan@here.test", stranger).way, Entry::Way::closed);
}

// Somebody who tries to log in, for tests.
class Trial {
public:
    Trial(Doorkeeper& door, std::string_view account, std::string_view address)
        : door_(door),
          attempt_{std::string(account), std::string(address)},
          waiter_(door.under_way(), [this] { ++called; }) {}
    Entry::Way begin() {
        entry_ = door_.begin(attempt_, waiter_);
        return entry_.way;
    }
    void fail(std::string_view guess) {
        (void)door_.failed(attempt_, guess);
        entry_.place = {};
    }
    void end() { entry_.place = {}; }

    int called = 0;

private:
    Doorkeeper& door_;
    Attempt attempt_;
    Entry entry_;
    UnderWay::Waiter waiter_;
};

TEST_F(ReputationTest, NoMoreLogInsAreUnderWayThanMayFail) {
    auto& door = reputation->door();
    std::deque<Trial> trials;
    for (int i = 0; i < 10; ++i) {
        trials.emplace_back(door, ann, stranger);
        EXPECT_EQ(trials.back().begin(), Entry::Way::open);
    }
    Trial first(door, ann, stranger), second(door, "ANN@here.test", stranger);
    EXPECT_EQ(first.begin(), Entry::Way::crowded);
    EXPECT_EQ(second.begin(), Entry::Way::crowded);
    EXPECT_EQ(Trial(door, "bob@here.test", stranger).begin(), Entry::Way::open) << "another account";
    EXPECT_EQ(Trial(door, ann, "198.51.100.1").begin(), Entry::Way::open) << "the owner, elsewhere";
    trials[0].end();
    EXPECT_EQ(first.called, 1);
    EXPECT_EQ(second.called, 0) << "there is room for one";
    EXPECT_EQ(first.begin(), Entry::Way::open);
    trials[1].fail("guess 1");
    EXPECT_EQ(second.called, 1);
    EXPECT_EQ(second.begin(), Entry::Way::crowded) << "one has failed, and nine are under way";
    for (std::size_t i = 2; i < trials.size(); ++i) trials[i].fail(fmt::format("guess {}", i));
    EXPECT_EQ(second.begin(), Entry::Way::crowded);
    first.fail("guess 11");
    EXPECT_EQ(second.begin(), Entry::Way::closed);
}

TEST_F(ReputationTest, WhoIsCalledAndDoesNotBeginCallsTheNext) {
    auto& door = reputation->door();
    guess(ann, stranger, 9);
    Trial under_way(door, ann, stranger);
    ASSERT_EQ(under_way.begin(), Entry::Way::open);
    Trial last(door, ann, stranger);
    {
        Trial leaves(door, ann, stranger), is_called(door, ann, stranger);
        ASSERT_EQ(leaves.begin(), Entry::Way::crowded);
        ASSERT_EQ(is_called.begin(), Entry::Way::crowded);
        ASSERT_EQ(last.begin(), Entry::Way::crowded);
        under_way.end();
        EXPECT_EQ(leaves.called, 1);
    }
    EXPECT_EQ(last.called, 1);
    EXPECT_EQ(last.begin(), Entry::Way::open);
}

TEST_F(ReputationTest, LogInsUnderWayCountForTheSiteAndForTheAccountEverywhere) {
    auto& door = reputation->door();
    succeed(ann, "198.51.100.1");
    std::deque<Trial> trials;
    for (int i = 0; i < 30; ++i) {
        trials.emplace_back(door, fmt::format("user{}@here.test", i), stranger);
        EXPECT_EQ(trials.back().begin(), Entry::Way::open);
    }
    EXPECT_EQ(Trial(door, ann, stranger).begin(), Entry::Way::crowded);
    for (int i = 0; i < 200; ++i) {
        trials.emplace_back(door, ann, fmt::format("203.0.113.{}", i));
        EXPECT_EQ(trials.back().begin(), Entry::Way::open);
    }
    EXPECT_EQ(Trial(door, ann, "192.0.2.77").begin(), Entry::Way::crowded);
    EXPECT_EQ(Trial(door, ann, "198.51.100.1").begin(), Entry::Way::open) << "where she is known";
    EXPECT_EQ(Trial(door, "bob@here.test", "192.0.2.77").begin(), Entry::Way::open);
}

TEST_F(ReputationTest, ExemptNetworksNeverWait) {
    std::deque<Trial> trials;
    for (int i = 0; i < 100; ++i) {
        trials.emplace_back(reputation->door(), ann, i % 2 == 0 ? "127.0.0.1" : "");
        EXPECT_EQ(trials.back().begin(), Entry::Way::open);
    }
}

TEST_F(ReputationTest, HundredsWaitAndNoMore) {
    auto& door = reputation->door();
    guess(ann, stranger, 9);
    Trial under_way(door, ann, stranger);
    ASSERT_EQ(under_way.begin(), Entry::Way::open);
    std::deque<Trial> waiting;
    for (int i = 0; i < 256; ++i) {
        waiting.emplace_back(door, ann, stranger);
        ASSERT_EQ(waiting.back().begin(), Entry::Way::crowded);
    }
    EXPECT_EQ(Trial(door, ann, stranger).begin(), Entry::Way::closed);
    waiting.clear();
    EXPECT_EQ(Trial(door, ann, stranger).begin(), Entry::Way::crowded);
}

TEST_F(ReputationTest, AnOldPasswordInATelephoneCountsOnce) {
    for (int i = 0; i < 100; ++i)
        (void)reputation->door().failed({std::string(ann), std::string(stranger)}, "old");
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::open);
    EXPECT_EQ(knock(ann, stranger).delay, 0ms);
}

TEST_F(ReputationTest, WherePeopleLogInMoreMayFail) {
    succeed("bob@here.test", stranger);
    for (int i = 0; i < 10; ++i) guess(fmt::format("user{}@here.test", i), stranger, 5);
    EXPECT_FALSE(is_banned(stranger)) << "fifty failures behind a shared address";
    for (int i = 10; i < 30; ++i) guess(fmt::format("user{}@here.test", i), stranger, 5);
    EXPECT_TRUE(is_banned(stranger));
}

TEST_F(ReputationTest, GuessedFromEverywhereAnAccountStaysOpenToItsOwner) {
    succeed(ann, "198.51.100.1");
    for (int i = 0; i < 50; ++i) guess(ann, fmt::format("203.{}.113.1", i), 5);
    EXPECT_EQ(knock(ann, "198.51.100.1").way, Entry::Way::open);
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::app_password_only);
    EXPECT_EQ(knock("bob@here.test", stranger).way, Entry::Way::open);
    clock.advance(20min);
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::open);
}

TEST_F(ReputationTest, WhatIsSaidByHandHoldsForWhoeverIsKnownOrExemptToo) {
    for (const auto* address : {"198.51.100.1", "127.0.0.1"}) {
        succeed(ann, address);
        ASSERT_EQ(knock(ann, address).way, Entry::Way::open);
    }
    ASSERT_TRUE(reputation->bans().add(Subject::of(ann), "stolen", {}));
    for (const auto* address : {"198.51.100.1", "127.0.0.1", "203.0.113.9"}) {
        EXPECT_EQ(knock(ann, address).way, Entry::Way::app_password_only) << address;
        EXPECT_EQ(knock("bob@here.test", address).way, Entry::Way::open) << address;
    }
    ASSERT_TRUE(reputation->bans().lift(Subject::of(ann)));
    const auto network = Subject::of(ann, Site::parse("198.51.100.0/24").value());
    ASSERT_TRUE(reputation->bans().add(network, "not from there", {}));
    EXPECT_EQ(knock(ann, "198.51.100.1").way, Entry::Way::closed);
    EXPECT_EQ(knock(ann, "198.51.101.1").way, Entry::Way::open);
    EXPECT_EQ(knock("bob@here.test", "198.51.100.1").way, Entry::Way::open);
}

TEST_F(ReputationTest, ExemptNetworksAndSocketsAreNeverShutOut) {
    for (const auto* address : {"127.0.0.1", ""}) {
        guess(ann, address, 300);
        EXPECT_EQ(knock(ann, address).way, Entry::Way::open);
        EXPECT_EQ(knock(ann, address).delay, 0ms);
        for (int i = 0; i < 100; ++i)
            EXPECT_FALSE(reputation->door().asked_for(address, Doorkeeper::Recipient::unknown));
        EXPECT_FALSE(reputation->door().offended(address, 5, "Because"));
    }
}

TEST_F(ReputationTest, WhoAsksForMailboxesThatAreNotThereIsBannedAndWhoAlsoKnowsOthersIsNot) {
    auto& door = reputation->door();
    for (int i = 0; i < 200; ++i) {
        (void)door.asked_for("198.51.100.1", Doorkeeper::Recipient::unknown);
        (void)door.asked_for("198.51.100.1", Doorkeeper::Recipient::known);
    }
    EXPECT_FALSE(is_banned("198.51.100.1"));
    for (int i = 0; i < 49; ++i) (void)door.asked_for(stranger, Doorkeeper::Recipient::unknown);
    EXPECT_FALSE(is_banned(stranger));
    EXPECT_TRUE(door.asked_for(stranger, Doorkeeper::Recipient::unknown));
    EXPECT_TRUE(is_banned(stranger));
}

TEST_F(ReputationTest, OffencesAddUp) {
    auto& door = reputation->door();
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(door.offended(stranger, 0.2, "Because"));
    EXPECT_TRUE(door.offended(stranger, 0.2, "Because"));
    EXPECT_EQ(reputation->bans().on_site(stranger)->reason, "Because");
}

TEST_F(ReputationTest, LogInsOfADayThatAreAlikeAreOneAndAreForgotten) {
    const LogInEvent good{.protocol = "imap", .address = "192.0.2.1", .how = "PLAIN", .outcome = "ok"};
    const engine::AccountId id(7);
    for (int i = 0; i < 3; ++i) {
        reputation->log_ins().note(id, good);
        clock.advance(1min);
    }
    reputation->log_ins().note(id, {.protocol = "pop3", .outcome = "wrong"});
    reputation->log_ins().note(engine::AccountId(8), good);
    const auto records = reputation->log_ins().of(id).value();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].event, good);
    EXPECT_EQ(records[0].times, 3U);
    EXPECT_EQ(records[0].last - records[0].first, 2min);
    clock.advance(options.log_ins + 1h);
    reputation->log_ins().note(id, good);
    EXPECT_EQ(reputation->log_ins().of(id).value().size(), 1U) << "what is old is swept";
}

TEST_F(ReputationTest, ADayOfManyDifferentLogInsIsBounded) {
    for (int i = 0; i < 300; ++i)
        reputation->log_ins().note(engine::AccountId(7),
                                   {.protocol = "imap", .address = fmt::format("{}", i), .outcome = "wrong"});
    const auto records = reputation->log_ins().of(engine::AccountId(7)).value();
    EXPECT_EQ(records.size(), log_ins_of_a_day + 1);
    const auto many = std::ranges::find(records, "many", [](const auto& each) { return each.event.address; });
    ASSERT_NE(many, records.end());
    EXPECT_EQ(many->times, 200U);
}

TEST_F(ReputationTest, GreylistedClientsPassWhenTheyComeBackAndTheirNetworkLater) {
    options.greylist = {.delay = 2min, .trusted_after = 3};
    start();
    const auto client = site(stranger);
    const auto wait = [&](std::string_view sender) {
        reputation->notebook().flush();
        return reputation->greylist().wait(client, sender, ann);
    };
    EXPECT_EQ(wait("a@far.test"), 2min);
    clock.advance(1min);
    EXPECT_EQ(wait("A@far.test"), 1min) << "too soon";
    clock.advance(1min);
    EXPECT_EQ(wait("a@far.test"), std::nullopt);
    EXPECT_EQ(wait("a@far.test"), std::nullopt) << "and from now on";
    EXPECT_TRUE(wait("b@far.test"));
    EXPECT_TRUE(wait("c@far.test"));
    EXPECT_TRUE(reputation->greylist().wait(site("198.51.100.1"), "a@far.test", ann)) << "another network";
    clock.advance(2min);
    EXPECT_FALSE(wait("b@far.test"));
    EXPECT_FALSE(wait("c@far.test"));
    EXPECT_FALSE(wait("new@far.test")) << "three have passed, so all of the network does";
    clock.advance(options.greylist.kept + 1h);
    EXPECT_TRUE(wait("new@far.test")) << "and is forgotten";
}

TEST_F(ReputationTest, AGreylistedClientThatComesTooLateIsNew) {
    const auto client = site(stranger);
    EXPECT_TRUE(reputation->greylist().wait(client, "a@far.test", ann));
    clock.advance(25h);
    reputation->notebook().flush();
    EXPECT_EQ(reputation->greylist().wait(client, "a@far.test", ann), 1min);
}

// Of a bucket that was noted in the same place before, only the newer one is there.
TEST_F(ReputationTest, FailedLogInsAreCountedOverARestart) {
    guess(ann, stranger, 9);
    start();
    guess(ann, stranger, 1);
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::closed) << "the tenth";
    EXPECT_GT(knock("bob@here.test", stranger).delay, 0ms) << "and the site is slowed down";
    start();
    EXPECT_EQ(knock(ann, stranger).way, Entry::Way::closed) << "the ban is kept";
    guess("bob@here.test", "198.51.100.1", 5);
    clock.advance(2h);
    start();
    EXPECT_EQ(knock("bob@here.test", "198.51.100.1").delay, 0ms) << "what has leaked away is forgotten";
}

TEST_F(ReputationTest, WhoAsksForEverybodyAndOffendsIsCountedOverARestart) {
    options.door.unknown_recipients = {4, 1h};
    start();
    const auto ask = [&] {
        return reputation->door().asked_for(stranger, Doorkeeper::Recipient::unknown).has_value();
    };
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(ask());
    EXPECT_FALSE(reputation->door().offended(stranger, 0.6, "Because"));
    start();
    EXPECT_TRUE(ask());
    EXPECT_FALSE(reputation->door().offended("198.51.100.1", 0.6, "Because"));
    start();
    EXPECT_TRUE(reputation->door().offended("198.51.100.1", 0.6, "Because"));
}

TEST(TallyTest, ARecordComesBack) {
    const Tally::Kept kept{
        .name = std::string("a\0b", 3), .level = 2.125, .at = Instant(5s), .empty_at = Instant(9s)};
    EXPECT_EQ(decode_tally(encode(kept)).value(), kept);
    EXPECT_FALSE(decode_tally(encode(kept).substr(0, 9)));
}

TEST_F(ReputationTest, GoodMailEarnsTrustAndJunkLosesIt) {
    auto& greylist = reputation->greylist();
    const auto client = site(stranger);
    const auto passes = [&] { return !greylist.wait(client, "new@far.test", ann); };
    const auto was_good = [&] { greylist.was_good(client, "Far.test"), reputation->notebook().flush(); };
    const auto was_bad = [&] { greylist.was_bad(client, "far.test"), reputation->notebook().flush(); };
    EXPECT_FALSE(greylist.knows("far.test"));
    was_good();
    EXPECT_TRUE(greylist.knows("far.test"));
    EXPECT_FALSE(greylist.knows("other.test"));
    EXPECT_TRUE(passes());
    was_bad();
    EXPECT_FALSE(greylist.knows("far.test"));
    EXPECT_FALSE(passes());
    for (int i = 0; i < 200; ++i) was_good();
    for (int i = 0; i < 16; ++i) was_bad();
    EXPECT_TRUE(greylist.knows("far.test")) << "much good mail outweighs some junk";
    was_bad();
    EXPECT_FALSE(greylist.knows("far.test"));
}

TEST_F(ReputationTest, WhatWasReadOrWrittenAMomentAgoIsNotReadAgain) {
    auto& notebook = reputation->notebook();
    const auto write_elsewhere = [&](std::string_view value) {
        ASSERT_TRUE(
            engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
                transaction.put("rx1", value);
                return {};
            }));
    };
    using Value = std::optional<std::string>;
    const auto value = [&] { return notebook.read_lately("rx1").value(); };
    EXPECT_EQ(value(), std::nullopt);
    write_elsewhere("theirs");
    EXPECT_EQ(value(), std::nullopt) << "what others write is seen a little later";
    clock.advance(3s);
    EXPECT_EQ(value(), Value("theirs"));
    notebook.put("rx1", "ours");
    EXPECT_EQ(value(), Value("ours")) << "and ours at once";
    notebook.flush();
    write_elsewhere("theirs");
    EXPECT_EQ(value(), Value("ours"));
    clock.advance(3s);
    EXPECT_EQ(value(), Value("theirs"));
    notebook.erase("rx1");
    EXPECT_EQ(value(), std::nullopt);
    notebook.flush();
    ASSERT_TRUE(notebook.put_now("rx1", "durable"));
    EXPECT_EQ(value(), Value("durable"));
    ASSERT_TRUE(notebook.erase_now("rx1"));
    EXPECT_EQ(value(), std::nullopt);
    for (int i = 0; i < 10'000; ++i) notebook.put(fmt::format("rx{}", i + 2), "other");
    write_elsewhere("theirs");
    EXPECT_EQ(value(), Value("theirs")) << "so many are not remembered";
}

// Somebody notes something of it while it is written: that is written behind it.
TEST_F(ReputationTest, WhatIsNotedWhileAnotherWritesAtOnceIsWhatCounts) {
    std::function<void()> meanwhile = [] {};
    auto interrupted = engine::make_memory_engine({.before_write = [&](std::uint64_t) -> Result<void> {
        std::exchange(meanwhile, [] {})();
        return {};
    }});
    Notebook notebook(*interrupted, clock);
    using Value = std::optional<std::string>;
    meanwhile = [&] { notebook.put("rx1", "later"); };
    ASSERT_TRUE(notebook.put_now("rx1", "first"));
    EXPECT_EQ(notebook.read_lately("rx1").value(), Value("later"));
    notebook.flush();
    EXPECT_EQ(notebook.read("rx1").value(), Value("later"));
    meanwhile = [&] { notebook.put("rx1", "again"); };
    ASSERT_TRUE(notebook.erase_now("rx1"));
    EXPECT_EQ(notebook.read_lately("rx1").value(), Value("again"));
    notebook.flush();  // or the write of it would meet the next one's
    meanwhile = [&] { EXPECT_EQ(notebook.read_lately("rx2").value(), std::nullopt); };
    ASSERT_TRUE(notebook.put_now("rx2", "new"));
    EXPECT_EQ(notebook.read_lately("rx2").value(), Value("new"))
        << "who looked before has seen what was there";
}

// Somebody looks at a mark while the note that erases it waits for the disk: what he sees is what will be.
TEST_F(ReputationTest, WhatIsErasedIsGoneBeforeItsNoteIsKept) {
    bool is_held = false;
    std::promise<void> writing, released;
    auto held = engine::make_memory_engine({.before_write = [&](std::uint64_t) -> Result<void> {
        if (!std::exchange(is_held, false)) return {};
        writing.set_value();
        released.get_future().wait_for(10s);
        return {};
    }});
    Notebook notebook(*held, clock);
    Slots slots(notebook, 'x');
    const Slots::Mark mark{.first = clock.now(), .last = clock.now(), .count = 3};
    slots.put("far.test", mark, clock.now() + 1h);
    slots.put("near.test", mark, clock.now() + 1h);
    notebook.flush();
    is_held = true;
    notebook.put("rx1", "somebody else's");
    ASSERT_EQ(writing.get_future().wait_for(10s), std::future_status::ready);
    slots.erase("far.test");
    EXPECT_EQ(slots.find("far.test").value(), std::nullopt) << "though it is on the disk";
    EXPECT_EQ(slots.find("near.test").value(), mark);
    slots.put("new.test", mark, clock.now() + 1h);
    slots.erase("new.test");
    EXPECT_EQ(slots.find("new.test").value(), std::nullopt) << "and what was put a moment ago is, too";
    released.set_value();
    notebook.flush();
    clock.advance(3s);
    for (const auto* name : {"far.test", "new.test"})
        EXPECT_EQ(slots.find(name).value(), std::nullopt) << name;
    EXPECT_EQ(slots.find("near.test").value(), mark);
}

TEST_F(ReputationTest, WhoIsTrustedAndHasAllTheCreditThereIsNeedsNoMoreNotes) {
    auto& greylist = reputation->greylist();
    const Trust trust(reputation->notebook(), 1);
    const auto client = site(stranger);
    EXPECT_FALSE(trust.trusts(client));
    const auto has_all_credit = [&](std::string_view domain) {
        return greylist.earned(client, domain).empty();
    };
    EXPECT_FALSE(has_all_credit("far.test"));
    const auto was_good = [&] { greylist.was_good(client, "far.test"), reputation->notebook().flush(); };
    was_good();
    EXPECT_TRUE(trust.trusts(client));
    EXPECT_FALSE(Trust(reputation->notebook(), 0).trusts(client)) << "where nobody is trusted";
    EXPECT_FALSE(has_all_credit("far.test")) << "one was good, more earn credit";
    for (int i = 0; i < 200; ++i) was_good();
    EXPECT_TRUE(has_all_credit("FAR.test"));
    EXPECT_FALSE(has_all_credit("other.test"));
    EXPECT_FALSE(trust.trusts(site("198.51.100.1")));
    clock.advance(25h);
    EXPECT_FALSE(trust.trusts(client)) << "that it came again is to be noted once in a day";
    EXPECT_FALSE(has_all_credit("far.test"));
    EXPECT_EQ(greylist.wait(client, "new@far.test", ann), std::nullopt) << "it passes nevertheless";
    reputation->notebook().flush();
    EXPECT_TRUE(trust.trusts(client)) << "and is noted";
}

TEST_F(ReputationTest, SendingIsLimitedMoreStrictlyToStrangers) {
    options.sending = {
        .messages = {3, 1h}, .recipients = {10, 1h}, .recipients_of_a_day = {15, 24h}, .strangers = {4, 24h}};
    start();
    const auto objection = [&](std::string_view account, const Sent& more) {
        const auto why = reputation->sending().reserve(account, more);
        if (!why) reputation->sending().give_back(account, more);
        return why;
    };
    const auto count = [&](const Sent& sent) { reputation->sending().count(ann, {}, sent); };
    EXPECT_FALSE(objection(ann, {.messages = 1, .recipients = 4, .strangers = 4}));
    EXPECT_THAT(objection(ann, {.recipients = 5, .strangers = 5}).value(),
                testing::HasSubstr("have not written before"));
    count({.messages = 1, .recipients = 4, .strangers = 4});
    EXPECT_TRUE(objection(ann, {.recipients = 1, .strangers = 1}));
    EXPECT_FALSE(objection(ann, {.recipients = 1}));
    EXPECT_FALSE(objection("bob@here.test", {.recipients = 1, .strangers = 1}));
    count({.messages = 1, .recipients = 6});
    start();
    EXPECT_TRUE(objection(ann, {.recipients = 1})) << "a restart forgives nothing";
    clock.advance(1h);
    EXPECT_FALSE(objection(ann, {.recipients = 5}));
    EXPECT_TRUE(objection(ann, {.recipients = 10})) << "in a day";
}

TEST_F(ReputationTest, WhatIsReservedCountsUntilItIsGivenBack) {
    options.sending = {
        .messages = {2, 1h}, .recipients = {5, 1h}, .recipients_of_a_day = {}, .strangers = {}};
    start();
    auto& sending = reputation->sending();
    EXPECT_FALSE(sending.reserve(ann, {.messages = 1}));
    EXPECT_FALSE(sending.reserve(ann, {.messages = 1}));
    EXPECT_THAT(sending.reserve(ann, {.messages = 1}).value(), testing::HasSubstr("messages in an hour"));
    sending.give_back(ann, {.messages = 1});
    EXPECT_FALSE(sending.reserve(ann, {.messages = 1, .recipients = 5}));
    sending.count(ann, {.messages = 1, .recipients = 5}, {.messages = 1, .recipients = 2});
    EXPECT_FALSE(sending.reserve(ann, {.recipients = 3})) << "what was not sent is given back";
    EXPECT_TRUE(sending.reserve(ann, {.recipients = 1}));
    start();
    EXPECT_FALSE(reputation->sending().reserve(ann, {.recipients = 3})) << "nothing is reserved any more";
}

// What was sent while there was no limit, or a higher one, shuts nobody out for longer than the limit's time.
TEST_F(ReputationTest, ALimitThatIsSwitchedOnForgivesWhatWasSentBefore) {
    options.sending = {.messages = {}, .recipients = {}, .recipients_of_a_day = {}, .strangers = {}};
    start();
    auto& sending = reputation->sending();
    sending.count(ann, {}, {.messages = 1'000, .recipients = 100'000, .strangers = 100'000});
    const SendingOptions strict{
        .messages = {3, 1h}, .recipients = {10, 1h}, .recipients_of_a_day = {}, .strangers = {4, 24h}};
    sending.apply(strict);
    EXPECT_EQ(sending.reserve(ann, {.messages = 1, .recipients = 4, .strangers = 4}), std::nullopt);
    sending.count(ann, {.messages = 1, .recipients = 4, .strangers = 4}, {.messages = 3, .recipients = 10});
    EXPECT_TRUE(sending.reserve(ann, {.messages = 1})) << "from now on it counts";
    sending.apply({.messages = {1, 1h}, .recipients = {}, .recipients_of_a_day = {}, .strangers = {}});
    EXPECT_TRUE(sending.reserve(ann, {.messages = 1})) << "a lower limit holds at once";
    clock.advance(1h);
    EXPECT_FALSE(sending.reserve(ann, {.messages = 1})) << "and only for its time";
}

// Sixteen threads want what is enough for ten.
TEST_F(ReputationTest, TheLimitIsExactHoweverManyAskAtOnce) {
    options.sending = {.messages = {10, 1h}, .recipients = {}, .recipients_of_a_day = {}, .strangers = {}};
    start();
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> sessions;
        sessions.reserve(16);
        for (int i = 0; i < 16; ++i)
            sessions.emplace_back([&] {
                if (reputation->sending().reserve(ann, {.messages = 1})) return;
                reputation->sending().count(ann, {.messages = 1}, {.messages = 1});
                ++taken;
            });
    }
    EXPECT_EQ(taken, 10);
}

TEST_F(ReputationTest, CorrespondentsAreRememberedTheLatestFirst) {
    auto& correspondents = reputation->sending().correspondents();
    const std::vector<std::string> bob{"Bob@far.test"};
    correspondents.remember(ann, bob);
    reputation->notebook().flush();
    EXPECT_TRUE(correspondents.knows("Ann@here.test", "bob@FAR.test"));
    EXPECT_FALSE(correspondents.knows(ann, "eve@far.test"));
    EXPECT_FALSE(correspondents.knows("bob@here.test", "bob@far.test"));
    std::vector<std::string> many;
    for (int i = 0; i < 12'000; ++i) many.push_back(fmt::format("user{}@far.test", i));
    correspondents.remember(ann, many);
    reputation->notebook().flush();
    EXPECT_FALSE(correspondents.knows(ann, "bob@far.test")) << "so many are kept and no more";
    EXPECT_TRUE(correspondents.knows(ann, many.back()));
}

}  // namespace hongyan::reputation
