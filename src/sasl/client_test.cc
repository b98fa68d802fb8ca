// The client's side against the server's.
#include "sasl/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "sasl/exchange.h"

namespace hongyan::sasl {
namespace {

using testing::HasSubstr;
using Names = std::vector<std::string>;

const Circumstances in_the_open;
const Circumstances under_tls{.encrypted = true, .bindings = {{"tls-exporter", "exported"}}};
const Circumstances under_tls_without_binding{.encrypted = true};

// Knows ann@here.test and her password.
Answer world(const Question& question) {
    constexpr auto user = "ann@here.test";
    constexpr auto password = "pen, cil=\xc3\xa9";
    if (const auto* verify = std::get_if<VerifyPassword>(&question))
        return verify->who.authcid == user && verify->password == password ? Answer(Granted{user, {}})
                                                                           : Answer(Refused{});
    if (const auto* fetch = std::get_if<FetchScramKeys>(&question))
        return fetch->who.authcid == user
                   ? Answer(KnownKeys{user, crypto::ScramKeys::derive(fetch->hash, password, "salt", 4096)})
                   : Answer(Refused{});
    if (std::holds_alternative<FetchSecret>(question)) return KnownSecret{user, password};
    return Refused{};
}

// Whether both believe that it was a log-in.
bool log_in(const Credentials& credentials, const std::string& mechanism, const Circumstances& circumstances,
            const Circumstances& seen_by_server) {
    SeededRandom random(1);
    const Settings settings{.without_encryption = WithoutEncryption::everything,
                            .recoverable_passwords = true,
                            .pretence_key = "key"};
    const Names offered{mechanism};
    auto client = choose_mechanism({offered}, credentials, circumstances, random);
    if (!client) return false;
    Exchange server(*find_mechanism(mechanism), settings, seen_by_server, random);
    server.begin(client->exchange->first());
    for (;;) {
        const auto action = server.next();
        if (std::holds_alternative<Granted>(action)) return client->exchange->believes_success();
        if (std::holds_alternative<Refused>(action)) return false;
        if (const auto* question = std::get_if<Question>(&action)) {
            server.answer(world(*question));
            continue;
        }
        const auto response = client->exchange->respond(std::get<Challenge>(action).text);
        if (!response) return false;
        server.receive(*response);
    }
}

const Credentials ann{.user = "ann@here.test", .password = "pen, cil=\xc3\xa9"};

TEST(Client, LogsInToOurServerWithEveryMechanismOfPasswords) {
    for (const std::string_view mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256",
                                             "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"}) {
        const auto& tls = mechanism.ends_with("-PLUS") ? under_tls : under_tls_without_binding;
        EXPECT_TRUE(log_in(ann, std::string(mechanism), tls, tls)) << mechanism;
        EXPECT_FALSE(log_in({.user = "ann@here.test", .password = "wrong"}, std::string(mechanism), tls, tls))
            << mechanism;
    }
}

TEST(Client, NoticesSomebodyInBetween) {
    const Circumstances other{.encrypted = true, .bindings = {{"tls-exporter", "another channel"}}};
    EXPECT_FALSE(log_in(ann, "SCRAM-SHA-256-PLUS", under_tls, other));
    // The server offers -PLUS, somebody has cut it from the list, and the client says that it could bind
    // (RFC 5802 §6).
    EXPECT_FALSE(log_in(ann, "SCRAM-SHA-256", under_tls, under_tls));
    EXPECT_TRUE(log_in(ann, "SCRAM-SHA-256", under_tls_without_binding, under_tls));
}

TEST(Client, ChoosesTheBestThatItMayUse) {
    const Names all{"login",       "PLAIN",         "CRAM-MD5",
                    "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
                    "XOAUTH2",     "OAUTHBEARER",   "GSSAPI"};
    SeededRandom random(1);
    const auto chosen = [&](const Names& offered, const Credentials& credentials,
                            const Circumstances& circumstances, std::vector<std::string_view> tried = {}) {
        const auto choice = choose_mechanism({offered}, credentials, circumstances, random, tried);
        return choice ? choice->name : "";
    };
    EXPECT_EQ(chosen(all, ann, under_tls), "SCRAM-SHA-256-PLUS");
    EXPECT_EQ(chosen(all, ann, under_tls_without_binding), "SCRAM-SHA-256");
    EXPECT_EQ(chosen(all, ann, under_tls, {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1"}), "PLAIN");
    EXPECT_EQ(chosen({"LOGIN", "CRAM-MD5", "PLAIN"}, ann, under_tls), "PLAIN");
    EXPECT_EQ(chosen({"LOGIN", "CRAM-MD5", "PLAIN"}, ann, in_the_open), "CRAM-MD5");
    EXPECT_EQ(chosen({"LOGIN", "PLAIN"}, ann, in_the_open), "");
    EXPECT_EQ(
        chosen({"LOGIN", "PLAIN"}, {.user = "a", .password = "b", .without_encryption = true}, in_the_open),
        "PLAIN");
    EXPECT_EQ(chosen(all, {.user = "a", .password = "b", .mechanisms = {"login"}}, under_tls), "LOGIN");
    EXPECT_EQ(chosen(all, {.user = "a", .token = "t"}, under_tls), "OAUTHBEARER");
    EXPECT_EQ(chosen({"XOAUTH2", "PLAIN"}, {.user = "a", .token = "t"}, under_tls), "XOAUTH2");
    EXPECT_EQ(chosen(all, {.user = "a", .token = "t"}, in_the_open), "");
    EXPECT_EQ(chosen({"GSSAPI"}, ann, under_tls), "");
}

TEST(Client, CarriesTokens) {
    SeededRandom random(1);
    const Credentials credentials{.user = "a,n@here.test", .token = "t0k"};
    const Names bearer{"OAUTHBEARER"};
    const Names old{"XOAUTH2"};
    auto first = choose_mechanism({bearer, "mx.test"}, credentials, under_tls, random);
    EXPECT_EQ(first->exchange->first(),
              "n,a=a=2Cn@here.test,\x01host=mx.test\x01"
              "auth=Bearer t0k\x01\x01");
    EXPECT_EQ(first->exchange->respond("{\"status\":\"invalid_token\"}").value(), "\x01");
    EXPECT_FALSE(first->exchange->respond("again").has_value());
    auto second = choose_mechanism({old}, credentials, under_tls, random);
    EXPECT_EQ(second->exchange->first(),
              "user=a,n@here.test\x01"
              "auth=Bearer t0k\x01\x01");
    EXPECT_EQ(second->exchange->respond("{}").value(), "");
}

// RFC 5802 §5, §7: what a server may say.
TEST(Client, BelievesNotEveryServerOfScram) {
    const Names offered{"SCRAM-SHA-256"};
    const auto answer = [&](auto make_challenge) {
        SeededRandom random(1);
        auto client = choose_mechanism({offered}, ann, in_the_open, random);
        const auto first = client->exchange->first().value();
        const auto nonce = first.substr(first.find("r=") + 2);
        return client->exchange->respond(make_challenge(nonce));
    };
    const auto good = answer([](const auto& nonce) { return fmt::format("r={}x,s=c2FsdA==,i=4096", nonce); });
    EXPECT_TRUE(good.has_value());
    for (const auto* pattern : {"r={},s=c2FsdA==,i=4096", "r=other,s=c2FsdA==,i=4096", "r={}x,s=!,i=4096",
                                "r={}x,s=c2FsdA==,i=0", "r={}x,s=c2FsdA==,i=4000000000",
                                "r={}x,s=c2FsdA==,i=99999999999999", "m=new,r={}x,s=c2FsdA==,i=4096", ""}) {
        const auto response =
            answer([&](const auto& nonce) { return fmt::format(fmt::runtime(pattern), nonce); });
        EXPECT_FALSE(response.has_value()) << pattern;
    }
    SeededRandom random(1);
    auto client = choose_mechanism({offered}, ann, in_the_open, random);
    EXPECT_FALSE(client->exchange->believes_success()) << "nothing has been proved";
}

}  // namespace
}  // namespace hongyan::sasl
