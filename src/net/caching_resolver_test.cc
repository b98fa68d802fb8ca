// What is asked once, and again only when its time is over.
#include "net/caching_resolver.h"

#include <atomic>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::net {
namespace {

using namespace std::chrono_literals;

dns::Question question(std::string_view name, dns::Type type = dns::Type::txt) {
    return {.name = dns::Name::parse(name).value(), .type = type};
}

// Says the same to every question, and counts them.
class Oracle final : public Resolver {
public:
    dns::RawAnswer answer{.status = dns::Status::found, .secure = true, .records = {"text"}, .ttl = 60s};
    int times_asked = 0;

    Task<dns::RawAnswer> ask(dns::Question, Deadline) override {
        ++times_asked;
        co_return answer;
    }
};

dns::RawAnswer ask_of(CachingResolver& cache, const dns::Question& what) {
    asio::io_context context(1);
    dns::RawAnswer answer;
    auto talk = [&]() -> Task<> { answer = co_await cache.ask(what, never); };
    asio::co_spawn(context.get_executor(), talk(), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    context.run();
    return answer;
}

class CachingResolverTest : public testing::Test {
protected:
    dns::RawAnswer ask(std::string_view name, dns::Type type = dns::Type::txt) {
        return ask_of(cache, question(name, type));
    }

    static constexpr std::uint64_t size = std::uint64_t{1} << 20U;
    CachingResolver::Time now{};
    Oracle oracle;
    CachingResolver cache{oracle, size, [this] { return now; }};
};

TEST_F(CachingResolverTest, WhatIsKnownIsNotAskedAgainUntilItsTimeIsOver) {
    EXPECT_EQ(ask("a.test"), oracle.answer);
    now += 10s;
    const auto again = ask("A.test");
    EXPECT_EQ(again.records, oracle.answer.records);
    EXPECT_TRUE(again.secure);
    EXPECT_EQ(again.ttl, 50s) << "what is left of it";
    EXPECT_EQ(oracle.times_asked, 1);
    (void)ask("a.test", dns::Type::mx);
    (void)ask("b.test");
    EXPECT_EQ(oracle.times_asked, 3) << "another type, another name";
    now += 50s;
    EXPECT_EQ(ask("a.test").ttl, 60s);
    EXPECT_EQ(oracle.times_asked, 4);
    (void)ask("a.test");
    EXPECT_EQ(oracle.times_asked, 4);
}

TEST_F(CachingResolverTest, NothingIsKeptForLongerThanADay) {
    oracle.answer.ttl = 240h;
    (void)ask("a.test");
    now += 1h;
    EXPECT_EQ(ask("a.test").ttl, 23h);
    now += 23h;
    (void)ask("a.test");
    EXPECT_EQ(oracle.times_asked, 2);
}

// RFC 2308 §5
TEST_F(CachingResolverTest, ThatThereIsNothingIsKnownToo) {
    for (const auto status : {dns::Status::no_data, dns::Status::no_domain}) {
        const auto name = fmt::format("{}.test", static_cast<int>(status));
        oracle.answer = {.status = status, .secure = false, .records = {}, .ttl = 30s};
        (void)ask(name);
        const auto before = oracle.times_asked;
        EXPECT_EQ(ask(name).status, status);
        EXPECT_EQ(oracle.times_asked, before);
    }
}

TEST_F(CachingResolverTest, FailuresAndWhatHasNoTimeAreAskedAgain) {
    int expected = 0;
    for (const auto status : {dns::Status::failed, dns::Status::bogus, dns::Status::found}) {
        oracle.answer = {
            .status = status, .secure = false, .records = {}, .ttl = status == dns::Status::found ? 0s : 30s};
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(ask("a.test").status, status);
            EXPECT_EQ(oracle.times_asked, ++expected);
        }
    }
}

TEST_F(CachingResolverTest, SaysWhatItKnowsWithoutAsking) {
    EXPECT_EQ(cache.known(question("a.test")), std::nullopt);
    EXPECT_EQ(oracle.times_asked, 0);
    (void)ask("a.test");
    now += 10s;
    const auto known = cache.known(question("a.test"));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->records, oracle.answer.records);
    EXPECT_EQ(known->ttl, 50s);
    now += 50s;
    EXPECT_EQ(cache.known(question("a.test")), std::nullopt) << "its time is over";
    EXPECT_EQ(oracle.times_asked, 1);
}

TEST_F(CachingResolverTest, IsBoundedAndForgetsWhatIsNotAskedFor) {
    oracle.answer.records = {std::string(1'000, 'x')};
    for (int i = 0; i < 5'000; ++i) {
        (void)ask("kept.test");
        (void)ask(fmt::format("n{}.test", i));
        ASSERT_LE(cache.bytes(), size);
    }
    EXPECT_EQ(oracle.times_asked, 5'001) << "what is asked for stays";
    (void)ask("n0.test");
    EXPECT_EQ(oracle.times_asked, 5'002);
    oracle.answer.records = {std::string(size, 'x')};
    (void)ask("large.test");
    (void)ask("large.test");
    EXPECT_EQ(oracle.times_asked, 5'004) << "what would fill it is not kept";
    EXPECT_LE(cache.bytes(), size);
}

// An answer that moves to the newer half is counted there, and no longer in the older one.
TEST_F(CachingResolverTest, WhatIsAskedForAgainIsCountedOnce) {
    oracle.answer.records = {std::string(1'000, 'x')};
    const auto ask_first = [this](int count) {
        for (int i = 0; i < count; ++i) (void)ask(fmt::format("n{}.test", i));
    };
    ask_first(500);  // which fills a half and begins the other
    const auto once = cache.bytes();
    ask_first(50);
    ASSERT_EQ(oracle.times_asked, 500) << "all are known";
    EXPECT_EQ(cache.bytes(), once);
}

// Loops share one cache. That they do so without a race is what the thread sanitizer sees here.
TEST(SharedCache, ManyThreadsAskAtOnce) {
    class Echo final : public Resolver {
    public:
        Task<dns::RawAnswer> ask(dns::Question asked, Deadline) override {
            const auto text = asked.name.text() + std::string(200, '.');
            co_return dns::RawAnswer{.status = dns::Status::found, .records = {text}, .ttl = 60s};
        }
    } echo;
    constexpr std::uint64_t narrow = 64U << 10U;  // so that halves are forgotten all the time
    CachingResolver cache(echo, narrow);
    std::atomic<int> wrong = 0;
    const auto ask_many = [&](int seed) {
        for (int i = 0; i < 500; ++i) {
            const auto asked = question(fmt::format("n{}.test", i * seed % 97));
            const auto answer = ask_of(cache, asked);
            const auto is_right =
                answer.records.size() == 1 && answer.records[0].starts_with(asked.name.text());
            if (!is_right || cache.bytes() > narrow) ++wrong;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (const int seed : {1, 3, 5, 7}) threads.emplace_back(ask_many, seed);
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace hongyan::net
