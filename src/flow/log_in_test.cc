#include "flow/log_in.h"

#include <future>

#include "base/encoding.h"
#include "crypto/signature_key.h"
#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;

TEST_F(FlowTest, LogInsAreAnsweredByTheDirectory) {
    const auto verdict = [&](const sasl::Question& question) -> std::string {
        const auto answer = answer_log_in(directory, question);
        if (const auto* granted = std::get_if<sasl::Granted>(&answer)) return granted->account;
        return std::holds_alternative<sasl::Refused>(answer) ? "refused" : "keys";
    };
    using sasl::VerifyPassword;
    EXPECT_EQ(verdict(VerifyPassword{{"Ann@HERE.test", ""}, "secret"}), "ann@here.test");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", "ANN@here.test"}, "secret"}), "ann@here.test");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", "bob@here.test"}, "secret"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"ann@here.test", ""}, "wrong"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"nobody@here.test", ""}, "secret"}), "refused");
    EXPECT_EQ(verdict(VerifyPassword{{"no name", ""}, "secret"}), "refused");
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha256}), "keys");
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha512}), "refused");
    ASSERT_TRUE(directory.change_account(ann, {.disabled = true}));
    EXPECT_EQ(verdict(sasl::FetchScramKeys{{"ann@here.test", ""}, crypto::Hash::sha256}), "refused");
}

// From it SCRAM makes the salt of who is nobody here: as that of an account it depends on no spelling.
TEST_F(FlowTest, WhoIsNobodyIsKnownByOneName) {
    const auto name_of = [&](std::string_view said) {
        const auto answer =
            answer_log_in(directory, sasl::FetchScramKeys{{std::string(said), ""}, crypto::Hash::sha256});
        return std::get<sasl::Refused>(answer).name;
    };
    EXPECT_EQ(name_of("Nobody@HERE.test"), "nobody@here.test");
    EXPECT_EQ(name_of("nobody@here.test"), "nobody@here.test");
    EXPECT_EQ(name_of("no name"), "");
}

TEST_F(FlowTest, WhereLogInsPileUpMailGoesOn) {
    std::promise<void> over;
    // The job has it too: it may begin when this test has ended.
    const auto begun = std::make_shared<std::promise<void>>();
    const auto wait = [end = over.get_future().share()] { end.wait(); };
    ASSERT_TRUE(log_in_workers.submit([begun, wait] {
        begun->set_value();
        wait();
    }));
    ASSERT_EQ(begun->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    while (log_in_workers.submit(wait)) continue;
    const sasl::Question guess = sasl::VerifyPassword{{"ann@here.test", ""}, "wrong"};
    const auto answer = std::get<sasl::Answer>(ask(smtp::Authenticate{guess}));
    EXPECT_EQ(std::get<sasl::Refused>(answer).why, sasl::Refusal::unavailable);
    EXPECT_EQ(recipient("<ann@here.test>"), "250 2.1.5");
    const std::string large(300'000, 'x');  // so that a worker prepares it
    EXPECT_THAT(deliver(mail({"<ann@here.test>"}, {}, "Subject: large\r\n\r\n" + large + "\r\n")),
                ElementsAre("250 2.0.0"));
    over.set_value();
}

TEST_F(FlowTest, OnlyWhoOptedInHasASecretAndOthersAreRefusedAlike) {
    const auto ask_for = [&](std::string_view name) {
        return answer_log_in(directory, sasl::FetchSecret{{std::string(name), ""}});
    };
    ASSERT_TRUE(directory.change_password(ann, crypto::Secret("secret"), directory::Recoverable::yes));
    const auto known = ask_for("Ann@here.test");
    EXPECT_EQ(std::get<sasl::KnownSecret>(known).account, "ann@here.test");
    EXPECT_EQ(std::get<sasl::KnownSecret>(known).secret, "secret");
    ASSERT_TRUE(directory.change_account(ann, {.disabled = true}));
    for (const auto* name : {"ann@here.test", "bob@here.test", "nobody@here.test", "no name", ""})
        EXPECT_EQ(std::get<sasl::Refused>(ask_for(name)).why, sasl::Refusal::wrong_credentials) << name;
}

TEST_F(FlowTest, ACertificateStandsForWhomItIsBoundToOrElseForAnAccountThatItNames) {
    const auto verdict = [&](const std::vector<std::string>& addresses,
                             std::string_view authzid) -> std::string {
        const auto answer =
            answer_log_in(directory, sasl::IdentifyCertificate{{"f1", addresses}, std::string(authzid)});
        const auto* granted = std::get_if<sasl::Granted>(&answer);
        if (granted != nullptr) return granted->account;
        const bool wrong = std::get<sasl::Refused>(answer).why == sasl::Refusal::wrong_credentials;
        return wrong ? "refused" : "broken";
    };
    EXPECT_EQ(verdict({}, ""), "refused");
    EXPECT_EQ(verdict({}, "ann@here.test"), "refused");
    EXPECT_EQ(verdict({"no address", "far@there.test", "Ann@here.test", "bob@here.test"}, ""),
              "ann@here.test");
    EXPECT_EQ(verdict({"ann@here.test", "bob@here.test"}, "BOB@here.test"), "bob@here.test");
    EXPECT_EQ(verdict({"ann@here.test"}, "bob@here.test"), "refused");
    EXPECT_EQ(verdict({"ann@here.test"}, "no name"), "refused");
    EXPECT_EQ(verdict({"no address"}, "no address"), "refused");

    ASSERT_TRUE(directory.add_certificate(bob, "f1"));
    EXPECT_EQ(verdict({"ann@here.test"}, ""), "bob@here.test");
    EXPECT_EQ(verdict({"ann@here.test"}, "ann@here.test"), "refused");
    ASSERT_TRUE(directory.change_account(bob, {.disabled = true}));
    EXPECT_EQ(verdict({"ann@here.test"}, ""), "refused");
}

TEST_F(FlowTest, ATokenStandsForTheAccountThatItNames) {
    const auto key = crypto::PrivateKey::generate_ed25519();
    const auto base64url = [](std::string_view text) {
        auto out = to_base64(text);
        std::erase(out, '=');
        std::ranges::replace(out, '+', '-');
        std::ranges::replace(out, '/', '_');
        return out;
    };
    const auto token_of = [&](std::string_view name, std::string_view scope) {
        const auto claims = fmt::format(
            R"({{"iss":"i","aud":"mail","exp":1700000600,"email":"{}","scope":"{}"}})", name, scope);
        const auto text = base64url(R"({"alg":"EdDSA"})") + "." + base64url(claims);
        return text + "." + base64url(key.sign(crypto::Hash::sha256, text));
    };
    oauth::Verifier verifier;
    const auto verdict = [&](std::string_view name, std::string_view authzid,
                             std::string_view scope = "mail") -> std::string {
        const auto answer =
            answer_log_in(directory, sasl::VerifyToken{token_of(name, scope), std::string(authzid)},
                          {&verifier, Instant(std::chrono::seconds(1'700'000'000))});
        if (const auto* granted = std::get_if<sasl::Granted>(&answer)) return granted->account;
        const auto why = std::get<sasl::Refused>(answer).why;
        return why == sasl::Refusal::wrong_credentials    ? "refused"
               : why == sasl::Refusal::insufficient_scope ? "scope"
                                                          : "broken";
    };
    EXPECT_EQ(verdict("ann@here.test", ""), "refused");
    auto keys = oauth::KeySet::parse(fmt::format(R"({{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{}"}}]}})",
                                                 base64url(key.public_octets())));
    verifier.trust(std::make_shared<const oauth::Trust>(
        oauth::Trust{*std::move(keys), {.issuer = "i", .audience = "mail", .scope = "mail"}}));
    EXPECT_EQ(verdict("Ann@HERE.test", ""), "ann@here.test");
    EXPECT_EQ(verdict("ann@here.test", "ANN@here.test"), "ann@here.test");
    EXPECT_EQ(verdict("ann@here.test", "bob@here.test"), "refused");
    EXPECT_EQ(verdict("ann@here.test", "", "calendar"), "scope");
    EXPECT_EQ(verdict("nobody@here.test", ""), "refused");
    EXPECT_EQ(verdict("no name", ""), "refused");
    ASSERT_TRUE(directory.change_account(ann, {.disabled = true}));
    EXPECT_EQ(verdict("ann@here.test", ""), "refused");
}

}  // namespace
}  // namespace hongyan::flow
