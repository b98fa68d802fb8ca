#include "queue/schedule.h"

#include <gtest/gtest.h>

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;

const Instant start{std::chrono::hours(24 * 365 * 50)};

Schedule schedule() {
    return {
        .delays = {5min, 10min, 1h}, .lifetime = 5 * 24h, .notification_lifetime = 24h, .delay_warning = 4h};
}

Entry entry_from(std::string_view sender) {
    Entry entry;
    entry.sender = sender;
    entry.arrival = start;
    return entry;
}

struct Step {
    std::uint32_t attempts;
    std::chrono::milliseconds delay;
};

TEST(Schedule, DelaysGrowAndTheLastOneStays) {
    SeededRandom random(1);
    for (const auto& [attempts, delay] :
         {Step{1, 5min}, Step{2, 10min}, Step{3, 1h}, Step{4, 1h}, Step{4'000'000'000, 1h}, Step{0, 5min}})
        for (int i = 0; i < 100; ++i) {
            const auto next = next_attempt(schedule(), attempts, start, start + 24h, random).value();
            EXPECT_GE(next, start + delay * 9 / 10);
            EXPECT_LE(next, start + delay * 11 / 10);
        }
}

TEST(Schedule, ThoseWhoFailedTogetherComeBackApart) {
    SeededRandom random(1);
    std::set<Instant> times;
    for (int i = 0; i < 100; ++i)
        times.insert(next_attempt(schedule(), 3, start, start + 24h, random).value());
    EXPECT_GT(times.size(), 30U);
}

TEST(Schedule, TheLastAttemptIsAtTheExpiry) {
    SeededRandom random(1);
    EXPECT_EQ(next_attempt(schedule(), 9, start, start + 1min, random), start + 1min);
    EXPECT_EQ(next_attempt(schedule(), 9, start, start, random), std::nullopt);
    EXPECT_EQ(next_attempt(schedule(), 9, start + 1s, start, random), std::nullopt);
}

TEST(Schedule, NotificationsLiveShorter) {
    EXPECT_EQ(expiry_of(schedule(), entry_from("ann@here.test"), {}), start + 5 * 24h);
    EXPECT_EQ(expiry_of(schedule(), entry_from(""), {}), start + 24h);
    Recipient recipient;
    recipient.expiry = start + 7min;
    EXPECT_EQ(expiry_of(schedule(), entry_from(""), recipient), start + 7min);
}

TEST(Schedule, WhatIsToBeSentLaterLivesFromThen) {
    auto entry = entry_from("ann@here.test");
    entry.hold_until = start + 48h;
    EXPECT_EQ(expiry_of(schedule(), entry, {}), start + 48h + 5 * 24h);
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, {}, start + 50h));
    EXPECT_TRUE(is_delay_to_be_told(schedule(), entry, {}, start + 52h));
}

TEST(Schedule, ADeadlineEndsOrIsTold) {
    auto entry = entry_from("ann@here.test");
    entry.deliver_by = {.mode = DeliverBy::Mode::send_back, .deadline = start + 1h, .trace = false};
    EXPECT_EQ(expiry_of(schedule(), entry, {}), start + 1h);
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, {}, start + 1h));
    entry.deliver_by.mode = DeliverBy::Mode::notify;
    EXPECT_EQ(expiry_of(schedule(), entry, {}), start + 5 * 24h);
    EXPECT_FALSE(is_deadline_to_be_told(entry, {}, start + 59min));
    EXPECT_TRUE(is_deadline_to_be_told(entry, {}, start + 1h));
}

// RFC 2852 §4.1.3
TEST(Schedule, ADeadlineIsToldOnceWhateverWasToldBefore) {
    auto entry = entry_from("ann@here.test");
    entry.deliver_by = {.mode = DeliverBy::Mode::notify, .deadline = start + 6h};
    Recipient recipient;
    recipient.delay_told = true;
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, recipient, start + 6h));
    EXPECT_TRUE(is_deadline_to_be_told(entry, recipient, start + 6h));
    recipient.deadline_told = true;
    EXPECT_FALSE(is_deadline_to_be_told(entry, recipient, start + 7h));
    for (const auto* notify : {"NEVER", "SUCCESS,FAILURE"}) {
        recipient = {};
        recipient.notify = notify;
        EXPECT_FALSE(is_deadline_to_be_told(entry, recipient, start + 6h)) << notify;
    }
    EXPECT_FALSE(is_deadline_to_be_told(entry_from("ann@here.test"), {}, start + 6h)) << "he named none";
}

TEST(Schedule, ADelayIsToldOnceAndToThoseWhoWantToHear) {
    const auto entry = entry_from("ann@here.test");
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, {}, start + 4h - 1ms));
    EXPECT_TRUE(is_delay_to_be_told(schedule(), entry, {}, start + 4h));
    Recipient recipient;
    recipient.notify = "SUCCESS,DELAY";
    EXPECT_TRUE(is_delay_to_be_told(schedule(), entry, recipient, start + 4h));
    recipient.delay_told = true;
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, recipient, start + 4h));
    for (const auto* notify : {"NEVER", "SUCCESS,FAILURE"}) {
        recipient = {};
        recipient.notify = notify;
        EXPECT_FALSE(is_delay_to_be_told(schedule(), entry, recipient, start + 4h)) << notify;
    }
    EXPECT_FALSE(is_delay_to_be_told(schedule(), entry_from(""), {}, start + 4h));
    auto never = schedule();
    never.delay_warning = 0ms;
    EXPECT_FALSE(is_delay_to_be_told(never, entry, {}, start + 100h));
}

}  // namespace
}  // namespace hongyan::queue
