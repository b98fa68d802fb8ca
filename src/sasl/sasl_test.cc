#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/scanner.h"
#include "crypto/scram.h"
#include "sasl/exchange.h"
#include "sasl/scram_message.h"

namespace hongyan::sasl {
namespace {

using crypto::Hash;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Gives what it is told to, then zeros: so an exchange of an RFC can be played.
class ScriptedRandom final : public Random {
public:
    explicit ScriptedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<char> out) override {
        std::ranges::fill(out, '\0');
        const auto count = std::min(out.size(), bytes_.size());
        std::copy_n(bytes_.begin(), count, out.begin());
        bytes_.erase(0, count);
    }

private:
    std::string bytes_;
};

const Circumstances under_tls{.encrypted = true,
                              .bindings = {{"tls-exporter", "exported"}, {"tls-unique", "finished"}},
                              .certificate = {}};
const Circumstances old_tls{.encrypted = true, .bindings = {}, .certificate = {}};

struct Conversation {
    explicit Conversation(std::string_view mechanism, Circumstances circumstances = under_tls,
                          std::string random_bytes = {},
                          AdditionalData additional = AdditionalData::as_challenge)
        : random(std::move(random_bytes)),
          exchange(*find_mechanism(mechanism), settings, std::move(circumstances), random, nullptr,
                   additional) {}

    template <typename Kind>
    const Kind& now() {
        const auto* action = std::get_if<Kind>(&exchange.next());
        if (action == nullptr) throw std::runtime_error("another action than expected");
        return *action;
    }
    template <typename Kind>
    const Kind& question() {
        return std::get<Kind>(now<Question>());
    }
    std::string challenge() { return now<Challenge>().text; }
    Refusal refusal() { return now<Refused>().why; }

    Settings settings{.server_name = "here.test", .mechanisms = {}, .pretence_key = "key"};
    ScriptedRandom random;
    Exchange exchange;
};

std::string with_nuls(std::string_view text) {
    std::string out(text);
    std::ranges::replace(out, '|', '\0');
    return out;
}

TEST(Mechanisms, WhatIsOfferedFollowsFromTheConnectionAndTheSettings) {
    const Settings defaults;
    EXPECT_THAT(offered(defaults, {}), IsEmpty());
    EXPECT_THAT(offered(defaults, under_tls), ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
                                                          "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"));
    EXPECT_THAT(offered(defaults, old_tls), ElementsAre("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"));
    EXPECT_THAT(offered({.without_encryption = WithoutEncryption::hidden}, {}),
                ElementsAre("SCRAM-SHA-256", "SCRAM-SHA-1"));
    EXPECT_THAT(offered({.recoverable_passwords = true}, old_tls),
                ElementsAre("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"));
    EXPECT_THAT(offered({.recoverable_passwords = true}, {}), IsEmpty());
    EXPECT_THAT(offered({.mechanisms = {"cram-md5", "EXTERNAL"}},
                        {.encrypted = true, .certificate = Certificate{"f1"}}),
                ElementsAre("EXTERNAL", "CRAM-MD5"));
}

TEST(Mechanisms, TheObjectionTellsWhetherTlsWouldHelp) {
    const auto& plain = *find_mechanism("plain");
    EXPECT_EQ(objection(plain, {}, {}), Refusal::needs_encryption);
    EXPECT_EQ(objection(plain, {.mechanisms = {"LOGIN"}}, {}), Refusal::malformed);
    EXPECT_EQ(objection(plain, {}, under_tls), std::nullopt);
    EXPECT_EQ(find_mechanism("GSSAPI"), nullptr);
}

TEST(Plain, AsksWithAllThreeParts) {
    Conversation talk("PLAIN");
    talk.exchange.begin(with_nuls("Ursel|Kurt|xipj3plmq"));  // RFC 4616 §4
    const auto& question = talk.question<VerifyPassword>();
    EXPECT_EQ(question.who, (Identity{"Kurt", "Ursel"}));
    EXPECT_EQ(question.password, "xipj3plmq");
    talk.exchange.answer(Granted{"kurt@here.test", {}});
    EXPECT_EQ(talk.now<Granted>().account, "kurt@here.test");
}

TEST(Plain, WithoutAnInitialResponseGetsAnEmptyChallenge) {
    Conversation talk("PLAIN");
    talk.exchange.begin(std::nullopt);
    EXPECT_EQ(talk.challenge(), "");
    talk.exchange.receive(with_nuls("|tim|tanstaaftanstaaf"));  // RFC 4616 §4
    EXPECT_EQ(talk.question<VerifyPassword>().who, (Identity{"tim", ""}));
    talk.exchange.answer(Refused{});
    EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials);
}

TEST(Plain, RefusesWhatTheGrammarDoesNotAllow) {
    for (const auto* bad : {"", "|", "||", "|tim|", "||secret", "tim", "|tim|secret|", "|t\xff|secret"}) {
        Conversation talk("PLAIN");
        talk.exchange.begin(with_nuls(bad));
        EXPECT_EQ(talk.refusal(), Refusal::malformed) << bad;
    }
}

TEST(Login, AsksForNameAndPassword) {
    Conversation talk("LOGIN");
    talk.exchange.begin(std::nullopt);
    EXPECT_EQ(talk.challenge(), "Username:");
    talk.exchange.receive("ann");
    EXPECT_EQ(talk.challenge(), "Password:");
    talk.exchange.receive("secret");
    EXPECT_EQ(talk.question<VerifyPassword>().who.authcid, "ann");
    EXPECT_EQ(talk.question<VerifyPassword>().password, "secret");
}

TEST(Login, TakesTheNameAsInitialResponse) {
    Conversation talk("LOGIN");
    talk.exchange.begin("ann");
    EXPECT_EQ(talk.challenge(), "Password:");
}

TEST(External, AsksForTheCertificateAndWhomItMayActFor) {
    Conversation talk(
        "EXTERNAL", {.encrypted = true, .bindings = {}, .certificate = Certificate{"f1", {"ann@here.test"}}});
    talk.exchange.begin("fred@here.test");
    EXPECT_EQ(talk.question<IdentifyCertificate>().certificate, (Certificate{"f1", {"ann@here.test"}}));
    EXPECT_EQ(talk.question<IdentifyCertificate>().authzid, "fred@here.test");
}

TEST(External, AnEmptyInitialResponseIsOne) {
    Conversation talk("EXTERNAL", {.encrypted = true, .bindings = {}, .certificate = Certificate{"f1"}});
    talk.exchange.begin("");
    EXPECT_EQ(talk.question<IdentifyCertificate>().authzid, "");
}

TEST(CramMd5, AcceptsTheDigestOfTheChallenge) {
    Conversation talk("CRAM-MD5");
    talk.exchange.begin(std::nullopt);
    const auto challenge = talk.challenge();
    EXPECT_EQ(challenge, "<00000000000000000000000000000000@here.test>");
    talk.exchange.receive("tim b " + to_hex(crypto::hmac(Hash::md5, "tanstaaf", challenge)));
    EXPECT_EQ(talk.question<FetchSecret>().who.authcid, "tim b");
    talk.exchange.answer(KnownSecret{"tim@here.test", "tanstaaf"});
    EXPECT_EQ(talk.now<Granted>().account, "tim@here.test");
}

TEST(CramMd5, TheKeyedDigestIsThatOfTheRfc) {
    // RFC 2195 §2
    EXPECT_EQ(
        to_hex(crypto::hmac(Hash::md5, "tanstaaftanstaaf", "<1896.697170952@postoffice.reston.mci.net>")),
        "b913a602c7eda7a495b4e6e7334d3890");
}

TEST(CramMd5, RefusesWrongDigestsUnknownUsersAndInitialResponses) {
    const std::string wrong = "tim " + std::string(32, '0');
    for (const Answer& answer : {Answer(KnownSecret{"tim@here.test", "tanstaaf"}), Answer(Refused{})}) {
        Conversation talk("CRAM-MD5");
        talk.exchange.begin(std::nullopt);
        talk.exchange.receive(wrong);
        talk.exchange.answer(answer);
        EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials);
    }
    Conversation early("CRAM-MD5");
    early.exchange.begin(wrong);
    EXPECT_EQ(early.refusal(), Refusal::malformed);
    for (const auto* bad : {"", "tim", " 00000000000000000000000000000000", "tim 00"}) {
        Conversation talk("CRAM-MD5");
        talk.exchange.begin(std::nullopt);
        talk.exchange.receive(bad);
        EXPECT_EQ(talk.refusal(), Refusal::malformed) << bad;
    }
}

// Makes the client's messages as RFC 5802 §3 computes them.
struct ScramClient {
    std::string gs2_header = "n,,";
    std::string binding_data = {};
    std::string user = "user";
    std::string nonce = "rOprNGfwEbeRWgbNEkqO";
    std::string password = "pencil";
    Hash hash = Hash::sha256;

    std::string bare() const { return fmt::format("n={},r={}", user, nonce); }
    std::string first() const { return gs2_header + bare(); }

    std::string final_message(const std::string& server_first) {
        Scanner in(server_first);
        in.expect("r=");
        const std::string nonces(in.take_until(",s="));
        const auto salt = from_base64(in.take_until(",i="));
        const auto iterations = in.number();
        const auto without_proof = fmt::format("c={},r={}", to_base64(gs2_header + binding_data), nonces);
        auth_message = fmt::format("{},{},{}", bare(), server_first, without_proof);
        const auto salted =
            crypto::pbkdf2(hash, password, salt.value(), iterations, crypto::digest_size(hash));
        const auto client_key = crypto::hmac(hash, salted.reveal(), "Client Key");
        auto proof = crypto::hmac(hash, crypto::digest(hash, client_key), auth_message);
        for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
        server_signature =
            crypto::hmac(hash, crypto::hmac(hash, salted.reveal(), "Server Key"), auth_message);
        return without_proof + ",p=" + to_base64(proof);
    }

    std::string auth_message = {};
    std::string server_signature = {};
};

KnownKeys keys_of(const ScramClient& client, std::string_view password = "pencil") {
    return {"user@here.test", crypto::ScramKeys::derive(client.hash, password, "0123456789abcdef", 4096)};
}

TEST(Scram, GrantsTheProofOfEitherHashAndProvesItself) {
    const std::pair<std::string_view, Hash> rows[] = {{"SCRAM-SHA-1", Hash::sha1},
                                                      {"SCRAM-SHA-256", Hash::sha256}};
    for (const auto& [mechanism, hash] : rows) {
        Conversation talk(mechanism);
        ScramClient client{.hash = hash};
        talk.exchange.begin(client.first());
        EXPECT_EQ(talk.question<FetchScramKeys>().who, (Identity{"user", ""}));
        EXPECT_EQ(talk.question<FetchScramKeys>().hash, hash);
        talk.exchange.answer(keys_of(client));
        EXPECT_THAT(talk.challenge(), StartsWith("r=" + client.nonce));
        talk.exchange.receive(client.final_message(talk.challenge()));
        EXPECT_EQ(talk.challenge(), "v=" + to_base64(client.server_signature));
        talk.exchange.receive("");
        EXPECT_EQ(talk.now<Granted>().account, "user@here.test");
    }
}

// RFC 7677 §3, with a nonce of ours instead of the one there, which is no base64.
TEST(Scram, PlaysTheExampleOfRfc7677) {
    Conversation talk("SCRAM-SHA-256");
    ScramClient client;
    talk.exchange.begin("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    talk.exchange.answer(KnownKeys{
        "user@here.test", crypto::ScramKeys::derive(Hash::sha256, "pencil",
                                                    from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096)});
    EXPECT_EQ(talk.challenge(),
              "r=rOprNGfwEbeRWgbNEkqOAAAAAAAAAAAAAAAAAAAAAAAA,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    talk.exchange.receive(client.final_message(talk.challenge()));
    EXPECT_THAT(talk.challenge(), StartsWith("v="));
}

TEST(Scram, ProvesItselfWithTheOutcomeWhereTheProtocolCan) {
    Conversation talk("SCRAM-SHA-256", under_tls, {}, AdditionalData::with_outcome);
    ScramClient client;
    talk.exchange.begin(client.first());
    talk.exchange.answer(keys_of(client));
    talk.exchange.receive(client.final_message(talk.challenge()));
    EXPECT_EQ(talk.now<Granted>().additional_data, "v=" + to_base64(client.server_signature));
}

TEST(Scram, BindsToTheChannel) {
    const std::pair<std::string, std::string> rows[] = {{"tls-exporter", "exported"},
                                                        {"tls-unique", "finished"}};
    for (const auto& [type, data] : rows) {
        Conversation talk("SCRAM-SHA-256-PLUS");
        ScramClient client{.gs2_header = "p=" + type + ",,", .binding_data = data};
        talk.exchange.begin(client.first());
        talk.exchange.answer(keys_of(client));
        talk.exchange.receive(client.final_message(talk.challenge()));
        EXPECT_THAT(talk.challenge(), StartsWith("v=")) << type;
    }
}

TEST(Scram, RefusesAnotherChannel) {
    Conversation talk("SCRAM-SHA-1-PLUS");
    ScramClient client{
        .gs2_header = "p=tls-exporter,,", .binding_data = "somebody between us", .hash = Hash::sha1};
    talk.exchange.begin(client.first());
    talk.exchange.answer(keys_of(client));
    talk.exchange.receive(client.final_message(talk.challenge()));
    EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials);
}

TEST(Scram, TheBindingFlagMustFitWhatWasOffered) {
    struct Row {
        std::string_view mechanism;
        std::string_view header;
        Circumstances circumstances;
        std::string_view complaint;  // empty: goes on
    };
    const Row rows[] = {
        {"SCRAM-SHA-256", "n,,", under_tls, ""},
        {"SCRAM-SHA-256", "y,,", old_tls, ""},
        {"SCRAM-SHA-256", "y,,", under_tls, "the list of mechanisms was cut"},
        {"SCRAM-SHA-256", "p=tls-unique,,", under_tls, "without the -PLUS mechanism"},
        {"SCRAM-SHA-256-PLUS", "n,,", under_tls, "without channel binding"},
        {"SCRAM-SHA-256-PLUS", "y,,", under_tls, "without channel binding"},
        {"SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", under_tls, "do not have"},
    };
    for (const auto& row : rows) {
        Conversation talk(row.mechanism, row.circumstances);
        talk.exchange.begin(std::string(row.header) + "n=user,r=abc");
        if (row.complaint.empty())
            talk.question<FetchScramKeys>();
        else
            EXPECT_THAT(talk.now<Refused>().detail, HasSubstr(row.complaint));
    }
}

TEST(Scram, RefusesWrongPasswordsNoncesAndProofs) {
    const std::pair<std::string, std::string> changes[] = {
        {",p=", "x,p="}, {",p=", ",p=AAAA"}, {"c=biws", "c=eSws"}};
    for (const auto& [what, with] : changes) {
        Conversation talk("SCRAM-SHA-256");
        ScramClient client;
        talk.exchange.begin(client.first());
        talk.exchange.answer(keys_of(client));
        auto message = client.final_message(talk.challenge());
        message.replace(message.find(what), what.size(), with);
        talk.exchange.receive(message);
        EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials) << message;
    }
    Conversation talk("SCRAM-SHA-256");
    ScramClient client{.password = "pen"};
    talk.exchange.begin(client.first());
    talk.exchange.answer(keys_of(client));
    talk.exchange.receive(client.final_message(talk.challenge()));
    EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials);
}

TEST(Scram, AnUnknownUserLooksLikeAKnownOneEveryTime) {
    std::vector<std::string> challenges;
    for (const auto* user : {"nobody", "nobody", "nemo"}) {
        Conversation talk("SCRAM-SHA-256");
        ScramClient client{.user = user};
        talk.exchange.begin(client.first());
        talk.exchange.answer(Refused{});
        challenges.push_back(talk.challenge());
        talk.exchange.receive(client.final_message(talk.challenge()));
        EXPECT_EQ(talk.refusal(), Refusal::wrong_credentials);
    }
    EXPECT_EQ(challenges[0], challenges[1]);
    EXPECT_NE(challenges[0], challenges[2]);
    EXPECT_THAT(challenges[0], HasSubstr(",i=10000"));
}

TEST(Scram, AnUnknownUserIsTheSameHoweverHisNameIsWritten) {
    std::vector<std::string> challenges;
    for (const auto* user : {"nobody", "NoBody"}) {
        Conversation talk("SCRAM-SHA-256");
        talk.exchange.begin(ScramClient{.user = user}.first());
        talk.exchange.answer(Refused{.why = Refusal::wrong_credentials, .detail = "", .name = "nobody"});
        challenges.push_back(talk.challenge());
    }
    EXPECT_EQ(challenges[0], challenges[1]);
}

TEST(Scram, AFaultOfOursIsNotAWrongPassword) {
    Conversation talk("SCRAM-SHA-256");
    talk.exchange.begin("n,,n=user,r=abc");
    talk.exchange.answer(Refused{Refusal::unavailable, "no store"});
    EXPECT_EQ(talk.refusal(), Refusal::unavailable);
}

TEST(ScramMessage, NamesMayHoldWhatSeparates) {
    const auto message = parse_client_first("n,a=a=2Cb,n=c=3Dd,r=xyz,q=more");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->authzid, "a,b");
    EXPECT_EQ(message->username, "c=d");
    EXPECT_EQ(message->nonce, "xyz");
    EXPECT_EQ(message->gs2_header, "n,a=a=2Cb,");
}

TEST(ScramMessage, RefusesWhatTheGrammarDoesNotAllow) {
    for (const auto* bad :
         {"", "n", "n,,", "n,,n=,r=a", "n,,n=user", "n,,n=user,r=", "N,,n=user,r=a", "n,,m=new,n=user,r=a",
          "n,,n=us=er,r=a", "n,,n=us=2Der,r=a", "p=,,n=user,r=a", "n,,n=user,r=a,", "n,,n=user,r=a b",
          "n,,n=\xff,r=a", "n,a=,n=user,r=a", "x,,n=user,r=a"})
        EXPECT_FALSE(parse_client_first(bad)) << bad;
    for (const auto* bad : {"", "c=biws,r=a", "c=biws,r=a,p=!", "c=biw,r=a,p=AAAA", "r=a,c=biws,p=AAAA",
                            "c=biws,p=AAAA", "c=biws,r=,p=AAAA"})
        EXPECT_FALSE(parse_client_final(bad)) << bad;
}

TEST(Exchange, LongResponsesAndCancellingEndIt) {
    Conversation talk("PLAIN");
    talk.exchange.begin(std::string(max_response_size + 1, 'a'));
    EXPECT_EQ(talk.refusal(), Refusal::malformed);
    Conversation other("LOGIN");
    other.exchange.begin(std::nullopt);
    other.exchange.cancel();
    EXPECT_EQ(other.refusal(), Refusal::cancelled);
}

TEST(Exchange, WhatComesTooLateIsNotLookedAt) {
    struct Impatient final : Observer {
        void began(std::string_view) override {}
        void granted(std::string_view) override {}
        void refused(const Refused&) override {}
        bool is_too_late() const override { return late; }
        bool late = false;
    } observer;
    const Settings settings{.server_name = "here.test", .mechanisms = {}, .pretence_key = "key"};
    ScriptedRandom random({});
    for (const bool late : {false, true}) {
        observer.late = false;
        Exchange exchange(*find_mechanism("SCRAM-SHA-256"), settings, under_tls, random, &observer);
        ScramClient client;
        exchange.begin(client.first());
        exchange.answer(keys_of(client));
        observer.late = late;
        exchange.receive(client.final_message(std::get<Challenge>(exchange.next()).text));
        const auto* refused = std::get_if<Refused>(&exchange.next());
        EXPECT_EQ(refused != nullptr, late);
        if (refused != nullptr) EXPECT_EQ(refused->why, Refusal::unavailable);
    }
}

}  // namespace
}  // namespace hongyan::sasl
