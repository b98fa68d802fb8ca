#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "sasl/exchange.h"

namespace hongyan::sasl {
namespace {

using testing::Contains;
using testing::Not;

const Circumstances under_tls{.encrypted = true};

Settings believing() {
    return {.tokens = {.believed = true, .scope = "mail \"all\\\"\n", .configuration = {}}};
}

struct Talk {
    explicit Talk(std::string_view mechanism)
        : exchange(*find_mechanism(mechanism), settings, under_tls, random) {}
    const Action& after(std::string_view response) {
        exchange.begin(response);
        return exchange.next();
    }
    Settings settings = believing();
    SeededRandom random{1};
    Exchange exchange;
};

const VerifyToken& asked(const Action& action) { return std::get<VerifyToken>(std::get<Question>(action)); }

TEST(OAuth, IsOfferedWhereSomebodyIsBelievedAndUnderTlsOnly) {
    EXPECT_THAT(offered(believing(), under_tls), Contains("OAUTHBEARER"));
    EXPECT_THAT(offered(believing(), under_tls), Contains("XOAUTH2"));
    EXPECT_THAT(offered({}, under_tls), Not(Contains("OAUTHBEARER")));
    auto loose = believing();
    loose.without_encryption = WithoutEncryption::everything;
    EXPECT_THAT(offered(loose, {}), Not(Contains("OAUTHBEARER")));
    EXPECT_EQ(objection(*find_mechanism("XOAUTH2"), loose, {}), Refusal::needs_encryption);
}

TEST(OAuth, NamesAreReadAsRfc5801WritesThem) {
    Talk talk("OAUTHBEARER");
    EXPECT_EQ(asked(talk.after("n,a=a=2Cb=3Dc,\x01"
                               "auth=Bearer  t.o-k_e~n+/==\x01\x01"))
                  .authzid,
              "a,b=c");
    EXPECT_EQ(asked(talk.exchange.next()).token, "t.o-k_e~n+/==");
}

TEST(OAuth, WhatIsNoMessageIsRefusedWithoutADialogue) {
    for (const auto* bad :
         {"", "\x01", "n,,", "n,,\x01", "n,,\x01\x01\x01", "n,a=,\x01\x01", "n,a==2,\x01\x01",
          "F,n,,\x01\x01", "p=tls-exporter,,\x01\x01", "N,,\x01\x01", "n,,\x01=Bearer t\x01\x01",
          "n,,\x01"
          "auth=Bearer t\x01",
          "n,,\x01"
          "auth=Bearer \x80\x01\x01",
          "user=ann\x01"
          "auth=Bearer t\x01\x01"}) {
        Talk talk("OAUTHBEARER");
        const auto& action = talk.after(bad);
        ASSERT_TRUE(std::holds_alternative<Refused>(action)) << bad;
        EXPECT_EQ(std::get<Refused>(action).why, Refusal::malformed) << bad;
    }
}

TEST(OAuth, ARefusalIsToldInJsonAndEndsWithTheNextResponse) {
    for (const auto* none : {"n,,\x01\x01",
                             "n,,\x01"
                             "auth=Basic abc\x01\x01",
                             "n,,\x01"
                             "auth=Bearer a b\x01\x01"}) {
        Talk talk("OAUTHBEARER");
        EXPECT_EQ(std::get<Challenge>(talk.after(none)).text,
                  R"({"status":"invalid_token","scope":"mail \"all\\\""})");
        talk.exchange.receive("anything");
        EXPECT_EQ(std::get<Refused>(talk.exchange.next()).why, Refusal::wrong_credentials);
    }
}

TEST(OAuth, AFaultOfOursIsNoErrorOfTheToken) {
    Talk talk("XOAUTH2");
    talk.after(
        "user=ann\x01"
        "auth=Bearer t\x01\x01");
    talk.exchange.answer(Refused{Refusal::unavailable, {}});
    EXPECT_EQ(std::get<Refused>(talk.exchange.next()).why, Refusal::unavailable);
}

}  // namespace
}  // namespace hongyan::sasl
