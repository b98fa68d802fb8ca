#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/random.h"
#include "forward/base32.h"
#include "forward/loop.h"
#include "forward/srs.h"

namespace hongyan::forward {
namespace {

using std::chrono::days;

message::Address address(std::string_view text) { return *message::parse_address(text); }

std::vector<crypto::Secret> keys(std::initializer_list<const char*> texts) {
    std::vector<crypto::Secret> made;
    for (const auto* text : texts) made.emplace_back(text);
    return made;
}

class SrsTest : public testing::Test {
protected:
    std::string rewrite(const Srs& srs, std::string_view sender, std::string_view domain = "here.test") {
        const auto made = srs.rewrite(address(sender), *message::Domain::parse(domain), clock_.now());
        return made ? made->to_string() : made.error().message;
    }
    std::string original(const Srs& srs, std::string_view rewritten) {
        const auto found = srs.original(address(rewritten), clock_.now());
        return found ? found->to_string() : std::string(to_string(found.error().kind));
    }

    ManualClock clock_;
    Srs srs_{keys({"0123456789abcdef"})};
    Srs others_{keys({"another key, of another"})};
};

TEST_F(SrsTest, LeadsABounceBackToTheSender) {
    for (const auto* sender : {"ann@far.test", "ann=lee+x@far.test", "\"two words\"@far.test", "王@例子.test",
                               "a@[192.0.2.1]", "SRS0x@far.test", "srs1@far.test"}) {
        const auto rewritten = rewrite(srs_, sender);
        EXPECT_TRUE(is_rewritten(address(rewritten).local_part)) << rewritten;
        EXPECT_TRUE(rewritten.ends_with("@here.test"));
        EXPECT_EQ(original(srs_, rewritten), sender) << rewritten;
    }
}

TEST_F(SrsTest, LooksAsOthersExpect) {
    const auto rewritten = rewrite(srs_, "ann@far.test");
    EXPECT_EQ(rewritten.size(), std::string("SRS0=HHHHHH=TT=far.test=ann@here.test").size());
    EXPECT_TRUE(rewritten.starts_with("SRS0=")) << rewritten;
    EXPECT_TRUE(rewritten.ends_with("=far.test=ann@here.test")) << rewritten;
}

TEST_F(SrsTest, ForwardersInARowDoNotMakeItGrow) {
    const auto first = rewrite(srs_, "ann@far.test", "first.test");
    const auto second = rewrite(others_, first, "second.test");
    EXPECT_TRUE(second.starts_with("SRS1=")) << second;
    const Srs third_key(keys({"the key of the third one"}));
    const auto third = rewrite(third_key, second, "third.test");
    EXPECT_EQ(third.size(), second.size() + std::string("third").size() - std::string("second").size());
    EXPECT_EQ(original(third_key, third), first) << "straight to the first, who knows the sender";
    EXPECT_EQ(original(others_, second), first);
    EXPECT_EQ(original(srs_, first), "ann@far.test");
}

TEST_F(SrsTest, KeepsTheSeparatorOfTheFirstForwarder) {
    const auto rewritten = rewrite(srs_, "SRS0+AbC4=T2=far.test=ann@first.test");
    EXPECT_EQ(original(srs_, rewritten), "SRS0+AbC4=T2=far.test=ann@first.test");
}

TEST_F(SrsTest, SurvivesAChangeOfCase) {
    auto rewritten = rewrite(srs_, "Ann@far.test");
    std::ranges::transform(rewritten, rewritten.begin(), ascii::lower);
    EXPECT_EQ(original(srs_, rewritten), "ann@far.test");
    std::ranges::transform(rewritten, rewritten.begin(), ascii::upper);
    EXPECT_EQ(original(srs_, rewritten), "ANN@far.test");
}

TEST_F(SrsTest, TakesNobodyElsesAddresses) {
    const auto rewritten = rewrite(srs_, "ann@far.test");
    EXPECT_EQ(original(others_, rewritten), "denied");
    for (std::size_t i = 5; i < rewritten.find('@'); ++i) {
        auto changed = rewritten;
        changed[i] = changed[i] == 'q' || changed[i] == 'Q' ? 'r' : 'q';
        EXPECT_NE(original(srs_, changed), "ann@far.test") << changed;
        EXPECT_TRUE(original(srs_, changed) == "denied") << changed;
    }
    for (const auto* broken : {"SRS0=@here.test", "SRS0==@here.test", "SRS0=x@here.test",
                               "SRS1=x=y@here.test", "SRS0=AAAAAA=AA=far.test=ann@here.test"})
        EXPECT_EQ(original(srs_, broken), "denied") << broken;
    EXPECT_EQ(original(srs_, "ann@here.test"), "not found");
}

TEST_F(SrsTest, ExpiresAfterItsLifetime) {
    const Srs week(keys({"0123456789abcdef"}), days(7));
    for (int start = 0; start < 1100; start += 100) {  // also across the end of the circle of 1024 days
        const auto rewritten = rewrite(week, "ann@far.test");
        clock_.advance(days(7));
        EXPECT_EQ(original(week, rewritten), "ann@far.test");
        clock_.advance(days(1));
        EXPECT_EQ(original(week, rewritten), "denied");
        clock_.advance(days(92));
    }
    const auto rewritten = rewrite(week, "ann@far.test");
    clock_.advance(-days(1));
    EXPECT_EQ(original(week, rewritten), "ann@far.test") << "made by a clock that is ahead";
    clock_.advance(-days(1));
    EXPECT_EQ(original(week, rewritten), "denied");
}

TEST_F(SrsTest, AnOldKeyStillChecks) {
    const auto rewritten = rewrite(srs_, "ann@far.test");
    const Srs both(keys({"the new key of this year", "0123456789abcdef"}));
    EXPECT_EQ(original(both, rewritten), "ann@far.test");
    EXPECT_EQ(original(srs_, rewrite(both, "ann@far.test")), "denied") << "made with the new one";
}

// RFC 5321 §4.5.3.1.1
TEST_F(SrsTest, MakesNoLocalPartBeyondWhatEverybodyTakes) {
    const std::string_view overhead = "SRS0=HHHHHH=TT=far.test=";
    const std::string longest(longest_local_part - overhead.size(), 'a');
    EXPECT_TRUE(rewrite(srs_, longest + "@far.test").starts_with("SRS0="));
    const auto refused =
        srs_.rewrite(address(longest + "a@far.test"), *message::Domain::parse("here.test"), clock_.now());
    EXPECT_EQ(refused.error().kind, Error::Kind::too_large);
}

TEST(Base32, GoesRound) {
    for (const std::uint64_t number : {0ULL, 1ULL, 31ULL, 32ULL, 1023ULL, (1ULL << 60U) - 1})
        EXPECT_EQ(from_base32(to_base32(number, 12)), number);
    EXPECT_EQ(to_base32(1023, 2), "77");
    EXPECT_EQ(from_base32("ab"), from_base32("AB"));
    for (const auto* broken : {"", "1", "0", "a b", "AAAAAAAAAAAAA"})
        EXPECT_FALSE(from_base32(broken)) << broken;
}

TEST(Loop, IsSeenByDeliveredTo) {
    const auto header =
        "Received: x\r\ndelivered-to:\r\n Info@Here.test\r\n\r\nDelivered-To: body@here.test\r\n";
    EXPECT_TRUE(has_been_at(header, address("info@here.test")));
    EXPECT_FALSE(has_been_at(header, address("body@here.test")));
    EXPECT_FALSE(has_been_at("", address("info@here.test")));
}

}  // namespace
}  // namespace hongyan::forward
