// Which hosts are called, in which order and how often; when a destination is left alone.
#include "outbound/itinerary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbound/back_off.h"
#include "outbound/parcel.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using smtp_client::Fate;
using smtp_client::Outcome;
using smtp_client::Stage;
using testing::ElementsAre;
using testing::IsEmpty;

const Itinerary::Time start{1h};

std::vector<dns::IpAddress> addresses(std::size_t count) {
    std::vector<dns::IpAddress> all;
    for (std::size_t i = 1; i <= count; ++i)
        all.push_back(dns::IpAddress::parse(fmt::format("192.0.2.{}", i)).value());
    return all;
}
bool nobody_rests(const dns::IpAddress& /*address*/) { return false; }

TEST(Itinerary, OneHostsManyAddressesDoNotStandBeforeTheNextHost) {
    const Itinerary alone(1, start);
    EXPECT_EQ(alone.divide(addresses(8), nobody_rests).now.size(), 8U);
    const Itinerary two(2, start);
    const auto divided = two.divide(addresses(8), nobody_rests);
    EXPECT_EQ(divided.now.size(), Itinerary::most_calls / 2);
    EXPECT_EQ(divided.later.size(), 8 - Itinerary::most_calls / 2);
    EXPECT_EQ(divided.now.front(), addresses(1).front());
    const Itinerary many(20, start);
    EXPECT_EQ(many.divide(addresses(8), nobody_rests).now.size(), 1U);
}

TEST(Itinerary, WhoHasFailedIsCalledLast) {
    const auto all = addresses(3);
    const Itinerary itinerary(2, start);
    const auto divided = itinerary.divide(all, [&](const dns::IpAddress& one) { return one == all[0]; });
    EXPECT_THAT(divided.now, ElementsAre(all[1], all[2]));
    EXPECT_THAT(divided.later, IsEmpty());
    EXPECT_THAT(divided.last, ElementsAre(all[0]));
}

TEST(Itinerary, EndsAfterSomeCallsAndSomeTime) {
    Itinerary itinerary(3, start);
    EXPECT_TRUE(itinerary.may_call(start));
    EXPECT_FALSE(itinerary.may_call(start + Itinerary::longest));
    itinerary.served(start + 1h);
    EXPECT_TRUE(itinerary.may_call(start + 1h + 1s));
    for (std::size_t i = 0; i < Itinerary::most_calls; ++i) itinerary.called();
    EXPECT_FALSE(itinerary.may_call(start + 1h + 1s));
}

TEST(HostRests, LastForATimeOrUntilTheHostServes) {
    HostRests rests;
    rests.failed("[192.0.2.1]:25", start + 5min, start);
    EXPECT_TRUE(rests.rests("[192.0.2.1]:25", start + 4min));
    EXPECT_FALSE(rests.rests("[192.0.2.1]:25", start + 5min));
    EXPECT_FALSE(rests.rests("[192.0.2.2]:25", start));
    rests.served("[192.0.2.1]:25");
    EXPECT_FALSE(rests.rests("[192.0.2.1]:25", start));
}

TEST(HostRests, AreForgottenInTimeAndNeverTooMany) {
    HostRests rests;
    for (int i = 0; i < 20'000; ++i) rests.failed(fmt::format("{}", i), start + 1min, start);
    EXPECT_TRUE(rests.rests("0", start));
    EXPECT_FALSE(rests.rests("19999", start));
    rests.failed("later", start + 3min, start + 2min);
    EXPECT_TRUE(rests.rests("later", start + 2min));
}

Outcome said(Stage stage, int code, const std::string& status) {
    return smtp_client::refused(stage, smtp::Reply(code, status, "words"));
}

TEST(Outcomes, ThatTellOfTheHostAreToldFromThoseOfARecipient) {
    const struct {
        Outcome outcome;
        bool is_about_host;
    } rows[] = {
        {said(Stage::greeting, 421, "4.3.2"), true},
        {said(Stage::hello, 451, "4.3.0"), true},
        {said(Stage::mail, 451, "4.3.0"), true},
        {said(Stage::data, 451, "4.3.0"), true},
        {said(Stage::recipient, 421, "4.3.2"), true},
        {said(Stage::message, 421, "4.3.2"), true},
        {said(Stage::recipient, 450, "4.2.1"), false},
        {said(Stage::message, 451, "4.7.1"), false},
        {said(Stage::mail, 550, "5.7.1"), false},
        {said(Stage::recipient, 550, "5.1.1"), false},
        {smtp_client::refused(Stage::recipient, "4.4.2", "the connection was closed"), true},
        {smtp_client::refused(Stage::offer, "4.3.0", "it cannot do that"), false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(is_about_host(row.outcome), row.is_about_host) << to_text(row.outcome);
    // Who may have the message already must not get it again from another host at once.
    auto uncertain = smtp_client::refused(Stage::message, "4.4.2", "nobody answered");
    EXPECT_TRUE(is_about_host(uncertain));
    uncertain.uncertain = true;
    EXPECT_FALSE(is_about_host(uncertain));
}

std::size_t borne(BackOff& back_off, const Outcome& outcome) {
    for (std::size_t count = 1; count <= 1000; ++count) {
        back_off.heard(std::span(&outcome, 1));
        if (back_off.is_spent()) return count;
    }
    return 0;
}

TEST(BackOff, WhoPutsOffEverythingRestsLongerEachTime) {
    BackOff back_off;
    const auto busy = said(Stage::mail, 451, "4.3.0");
    EXPECT_EQ(borne(back_off, busy), 5U);
    EXPECT_FALSE(back_off.is_probing());
    EXPECT_EQ(back_off.rest(5min), 5min);
    EXPECT_TRUE(back_off.is_probing());
    EXPECT_FALSE(back_off.is_spent());
    EXPECT_EQ(borne(back_off, busy), 1U);
    EXPECT_EQ(back_off.rest(5min), 10min);
    for (int i = 0; i < 100; ++i) EXPECT_LE(back_off.rest(5min), BackOff::longest);
    EXPECT_EQ(back_off.rest(24h), 24h) << "never shorter than the settings have it";
}

TEST(BackOff, OneSignOfLifeIsEnough) {
    for (const auto& sign : {Outcome{.fate = Fate::relayed}, said(Stage::recipient, 550, "5.1.1")}) {
        BackOff back_off;
        const auto busy = said(Stage::mail, 451, "4.3.0");
        borne(back_off, busy);
        back_off.rest(5min);
        back_off.heard(std::vector{busy, sign});
        EXPECT_FALSE(back_off.is_probing());
        EXPECT_EQ(borne(back_off, busy), 5U);
    }
}

TEST(BackOff, SingleRecipientsMayBePutOffLonger) {
    BackOff greylisting;
    EXPECT_EQ(borne(greylisting, said(Stage::recipient, 450, "4.2.0")), BackOff::most);
    BackOff full;
    EXPECT_EQ(borne(full, said(Stage::recipient, 452, "4.2.2")), 0U)
        << "a full mailbox is nobody else's trouble";
}

TEST(BackOff, WhatIsHeldOfOneSenderIsNotTheHosts) {
    BackOff refused;
    EXPECT_EQ(borne(refused, said(Stage::mail, 451, "4.7.24")), BackOff::most);
    BackOff closing;
    EXPECT_EQ(borne(closing, said(Stage::mail, 421, "4.7.0")), 5U);
}

TEST(Loads, AreDividedByRecipient) {
    Load load;
    load.parcel.recipients = {0, 2, 3, 7};  // 3 has been taken out of the queue meanwhile
    for (const std::uint32_t index : {0U, 2U, 7U}) {
        queue::Recipient recipient;
        recipient.index = index;
        load.entry.recipients.push_back(recipient);
    }
    const auto taken = take_out(load, {0, 2});
    EXPECT_THAT(taken.parcel.recipients, ElementsAre(0, 7));
    ASSERT_EQ(taken.entry.recipients.size(), 2U);
    EXPECT_EQ(taken.entry.recipients[1].index, 7U);
    EXPECT_THAT(load.parcel.recipients, ElementsAre(2, 3));
    ASSERT_EQ(load.entry.recipients.size(), 1U);
    EXPECT_EQ(load.entry.recipients[0].index, 2U);
}

}  // namespace
}  // namespace hongyan::outbound
