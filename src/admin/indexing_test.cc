#include "admin/indexing.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "engine/memory_engine.h"
#include "support/passing_engine.h"

namespace hongyan::admin {
namespace {

using namespace std::chrono_literals;

constexpr store::AccountId ann{1};
constexpr int enough = 64;  // messages for a segment

class IndexingTest : public testing::Test {
public:
    IndexingTest() { EXPECT_TRUE(store.create_account(ann)); }

    void deliver(int messages) {
        store::NewMessage message;
        message.content = store::prepare("Subject: word\r\n\r\ntext\r\n");
        for (int i = 0; i < messages; ++i) ASSERT_TRUE(store.account(ann).append(store::inbox, {message}));
    }
    bool is_indexed() { return store.account(ann).view().text_index().value().not_indexed().empty(); }
    // Another thread's work; whoever waits in vain has found a fault.
    bool becomes_indexed() {
        const auto patience = std::chrono::steady_clock::now() + 60s;
        while (!is_indexed() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
        return is_indexed();
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    store::Store store{*engine, clock};
    log::Output output{clock};
};

TEST_F(IndexingTest, TakesInWhatIsDelivered) {
    const Indexing indexing(store, log::Log(output), {.pause = 0ms, .first_visit = 1h});
    deliver(enough);
    EXPECT_TRUE(becomes_indexed());
}

TEST_F(IndexingTest, TakesInWhatWasLeftBefore) {
    deliver(enough);
    const Indexing indexing(store, log::Log(output), {.pause = 0ms, .first_visit = 0ms});
    EXPECT_TRUE(becomes_indexed());
}

// Says that something is not as we believed, whenever one account is looked at.
class BrokenForBen final : public PassingEngine {
public:
    using PassingEngine::PassingEngine;
    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        if (scope == engine::Scope::account(store::AccountId(2))) {
            ++looks;
            hongyan::check(false, "accounts are as they were left");
        }
        return PassingEngine::snapshot(scope);
    }
    std::atomic<int> looks = 0;
};

TEST_F(IndexingTest, WhatBreaksInOneAccountEndsNothingElse) {
    constexpr store::AccountId ben{2};
    ASSERT_TRUE(store.create_account(ben));
    BrokenForBen broken(*engine);
    store::Store brittle(broken, clock);
    const Indexing indexing(brittle, log::Log(output), {.pause = 0ms, .first_visit = 0ms});
    const auto deliver_to = [&](store::AccountId account) {
        store::NewMessage message;
        message.content = store::prepare("Subject: word\r\n\r\ntext\r\n");
        for (int i = 0; i < enough; ++i)
            ASSERT_TRUE(brittle.account(account).append(store::inbox, {message}));
    };
    deliver_to(ben);
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (broken.looks == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    deliver_to(ben);
    deliver_to(ann);
    EXPECT_TRUE(becomes_indexed());
    EXPECT_EQ(broken.looks, 1) << "it is left alone for a while";
}

TEST_F(IndexingTest, EndsWhileItWaits) {
    const Indexing indexing(store, log::Log(output), {.pause = 1h, .first_visit = 1h});
    deliver(1);
    EXPECT_FALSE(is_indexed()) << "one message is not worth a segment";
}

}  // namespace
}  // namespace hongyan::admin
