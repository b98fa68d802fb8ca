#include "base/put_off.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace hongyan {
namespace {

using namespace std::chrono_literals;

constexpr PutOff::Time start{1000h};

TEST(PutOff, TriesAgainLaterAndLaterAndTellsOfItOnceAnHour) {
    PutOff letters;
    EXPECT_TRUE(letters.is_due("a", start));
    int attempts = 0, told = 0;
    for (auto now = start; now < start + 24h; now += 30s) {
        if (!letters.is_due("a", now)) continue;
        ++attempts;
        told += letters.put_off("a", now) ? 1 : 0;
    }
    EXPECT_EQ(attempts, 7 + 23) << "30 s, 1 min, 2 min, ... and then each hour";
    EXPECT_LE(told, 24);
    EXPECT_GE(told, 23);
}

TEST(PutOff, WhatBreaksIsToldOfAndTriedAgainInItsTime) {
    PutOff accounts;
    std::vector<std::string> told;
    int attempts = 0;
    bool is_broken = true;
    const auto attempt = [&](PutOff::Time now) {
        const auto work = [&] {
            ++attempts;
            if (is_broken) throw std::runtime_error("a key is torn");
        };
        accounts.attempt("a", now, work, [&](const Error& why) { told.push_back(why.message); });
    };
    attempt(start);
    attempt(start + 29s);
    EXPECT_EQ(attempts, 1);
    attempt(start + 30s);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(told, std::vector<std::string>{"a key is torn"});
    is_broken = false;
    attempt(start + 90s);
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(accounts.size(), 0U);
}

TEST(PutOff, BeginsAnewWithWhatHasBeenForgotten) {
    PutOff letters;
    for (const auto* name : {"a", "b", "c"}) EXPECT_TRUE(letters.put_off(name, start));
    EXPECT_FALSE(letters.put_off("a", start + 30s)) << "it was told already";
    EXPECT_FALSE(letters.is_due("a", start + 60s));
    EXPECT_TRUE(letters.is_due("b", start + 60s));
    letters.forget("a");
    letters.keep_only({"a", "c"});
    EXPECT_EQ(letters.size(), 1U);
    EXPECT_TRUE(letters.is_due("a", start));
    EXPECT_FALSE(letters.is_due("c", start));
}

}  // namespace
}  // namespace hongyan
