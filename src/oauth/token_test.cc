#include "oauth/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/signature_key.h"
#include "oauth/verifier.h"

namespace hongyan::oauth {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string rsa_of_rfc7515 =  // §A.2.1
    R"({"kty":"RSA","e":"AQAB","n":")"
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B"
    "m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5"
    "z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7"
    "aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    R"("})";
const std::string p256_of_rfc7515 =  // §A.3.1
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string ed25519_of_rfc8037 =  // §A.2
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

// Of joe, valid until 2011-03-22, for nobody in particular.
const std::string rs256_of_rfc7515 =  // §A.2.1
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
    "VlfQ"
    "."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
    "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
    "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
    "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const std::string es256_of_rfc7515 =  // §A.3.1
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
    "VlfQ"
    "."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

std::string set_of(std::string_view keys) { return fmt::format(R"({{"keys":[{}]}})", keys); }

std::string base64url(std::string_view text) {
    auto out = to_base64(text);
    std::erase(out, '=');
    std::ranges::replace(out, '+', '-');
    std::ranges::replace(out, '/', '_');
    return out;
}

const Instant now{std::chrono::seconds(1'700'000'000)};

// A server that gives out tokens.
class Issuer {
public:
    std::string jwk(std::string_view id) const {
        return fmt::format(R"({{"kty":"OKP","crv":"Ed25519","use":"sig","kid":"{}","x":"{}"}})", id,
                           base64url(key_.public_octets()));
    }
    std::string token(std::string_view header, std::string_view claims) const {
        const auto text = base64url(header) + "." + base64url(claims);
        return text + "." + base64url(key_.sign(crypto::Hash::sha256, text));
    }
    std::string token(std::string_view claims) const { return token(R"({"alg":"EdDSA","kid":"1"})", claims); }

private:
    crypto::PrivateKey key_ = crypto::PrivateKey::generate_ed25519();
};

class TokenTest : public testing::Test {
protected:
    std::string verdict(std::string_view token) const {
        const auto owner = owner_of(token, keys, expected, now);
        if (owner) return owner->name;
        return (owner.error().flaw == Flaw::insufficient_scope ? "scope: " : "invalid: ") + owner.error().why;
    }
    std::string of_claims(std::string_view claims) const { return verdict(issuer.token(claims)); }

    Issuer issuer;
    KeySet keys = KeySet::parse(set_of(issuer.jwk("1"))).value();
    Expectations expected{.issuer = "https://id.test", .audience = "mail"};
};

TEST(Tokens, OfTheStandardsAreVerified) {
    const auto keys =
        KeySet::parse(set_of(rsa_of_rfc7515 + "," + p256_of_rfc7515 + "," + ed25519_of_rfc8037)).value();
    ASSERT_EQ(keys.keys().size(), 3);
    const Instant then{1'300'819'000s};
    for (auto token : {rs256_of_rfc7515, es256_of_rfc7515}) {
        // Their signatures are good, which is asked first; only we are not in them.
        const auto good = owner_of(token, keys, {.issuer = "joe", .audience = "mail"}, then);
        EXPECT_EQ(good.error().why, "it is for somebody else");
        const auto late = owner_of(token, keys, {.issuer = "joe", .audience = "mail"}, now);
        EXPECT_EQ(late.error().why, "it has expired");
        token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
        const auto bad = owner_of(token, keys, {.issuer = "joe", .audience = "mail"}, then);
        EXPECT_EQ(bad.error().why, "no key of ours made the signature");
    }
    // RFC 8037 §A.4: its payload is no JSON.
    const auto ed25519 = owner_of(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        keys, {}, then);
    EXPECT_THAT(ed25519.error().why, HasSubstr("the payload"));
}

TEST_F(TokenTest, GiveTheNameThatTheSettingWants) {
    const std::string_view claims =
        R"({"iss":"https://id.test","aud":["calendar","mail"],"exp":1700000100,"email":"ann@here.test",)"
        R"("sub":"a1","preferred_username":"ann"})";
    EXPECT_EQ(of_claims(claims), "ann@here.test");
    expected.account_claim = "sub";
    EXPECT_EQ(of_claims(claims), "a1");
    expected.account_claim = "upn";
    EXPECT_EQ(of_claims(claims), "invalid: it has no \"upn\"");
}

TEST_F(TokenTest, AreForUsFromWhomWeBelieveAndValidNow) {
    const auto with = [&](std::string_view members) {
        return of_claims(fmt::format(R"({{"email":"ann@here.test"{}}})", members));
    };
    const std::string good = R"(,"iss":"https://id.test","aud":"mail")";
    EXPECT_EQ(with(good + R"(,"exp":1700000000.5)"), "ann@here.test");
    EXPECT_EQ(with(good + R"(,"exp":1699999941,"nbf":1700000060)"),
              "ann@here.test");  // the leeway of a minute
    EXPECT_EQ(with(good + R"(,"exp":1699999940)"), "invalid: it has expired");
    EXPECT_EQ(with(good + R"(,"exp":1800000000,"nbf":1700000061)"), "invalid: it is not valid yet");
    EXPECT_EQ(with(good), "invalid: it never expires");
    for (const auto* date : {"\"1800000000\"", "-1", "1e300", "null", "[]"})
        EXPECT_EQ(with(good + R"(,"exp":)" + date), "invalid: \"exp\" is no date") << date;
    EXPECT_EQ(with(R"(,"aud":"mail","exp":1800000000)"), "invalid: another has issued it");
    EXPECT_EQ(with(R"(,"iss":"https://id.test/","aud":"mail","exp":1800000000)"),
              "invalid: another has issued it");
    EXPECT_EQ(with(R"(,"iss":"https://id.test","exp":1800000000)"), "invalid: it is for somebody else");
    EXPECT_EQ(with(R"(,"iss":"https://id.test","aud":["m",1],"exp":1800000000)"),
              "invalid: it is for somebody else");
    EXPECT_EQ(with(good + R"(,"exp":1800000000,"email_verified":true)"), "ann@here.test");
    EXPECT_EQ(with(good + R"(,"exp":1800000000,"email_verified":false)"),
              "invalid: its address is not verified");
    // RFC 7519 §4: of claims of one name the last counts.
    EXPECT_EQ(with(good + R"(,"exp":1800000000,"email":"bob@here.test")"), "bob@here.test");
}

TEST_F(TokenTest, HaveTheScopeThatIsWanted) {
    expected.scope = "mail";
    const auto with = [&](std::string_view scope) {
        return of_claims(fmt::format(
            R"({{"iss":"https://id.test","aud":"mail","exp":1800000000,"email":"ann@here.test"{}}})", scope));
    };
    for (const auto* scope : {R"(,"scope":"mail")", R"(,"scope":"openid mail x")", R"(,"scp":["x","mail"])",
                              R"(,"scp":"x mail")"})
        EXPECT_EQ(with(scope), "ann@here.test") << scope;
    for (const auto* scope : {"", R"(,"scope":"email")", R"(,"scope":7)", R"(,"scp":["x mail"])"})
        EXPECT_EQ(with(scope), "scope: its scope has no mail") << scope;
}

TEST_F(TokenTest, AreRefusedWhereTheirHeadersAskForAnythingElse) {
    const std::string claims =
        R"({"iss":"https://id.test","aud":"mail","exp":1800000000,"email":"ann@here.test"})";
    const auto with = [&](std::string_view header) { return verdict(issuer.token(header, claims)); };
    EXPECT_EQ(with(R"({"alg":"EdDSA","typ":"at+JWT"})"), "ann@here.test");
    EXPECT_EQ(with(R"({"alg":"EdDSA","typ":"application/at+jwt"})"), "ann@here.test");
    EXPECT_THAT(with(R"({"alg":"EdDSA","typ":"logout+jwt"})"), HasSubstr("another kind"));
    EXPECT_THAT(with(R"({"alg":"EdDSA","crit":["b64"]})"), HasSubstr("critical"));
    EXPECT_THAT(with(R"({"alg":"EdDSA","kid":"2"})"), HasSubstr("no key of ours"));
    for (const auto* alg : {"none", "HS256", "RS512", "eddsa", ""})
        EXPECT_THAT(with(fmt::format(R"({{"alg":"{}"}})", alg)), HasSubstr("not taken")) << alg;
    EXPECT_THAT(with(R"({"alg":"ES256"})"), HasSubstr("no key of ours"));
    EXPECT_THAT(verdict(Issuer().token(claims)), HasSubstr("no key of ours"));
    for (const auto* none :
         {"", ".", "..", "a.b", "a.b.c.d", "....", "e30.e30.", "e30=.e30.e30", "W10.e30.AA"})
        EXPECT_THAT(verdict(none), testing::StartsWith("invalid: ")) << none;
    EXPECT_THAT(verdict(std::string(most_token_octets + 1, 'a')), HasSubstr("more than"));
    const auto deep = std::string(50, '[') + std::string(50, ']');
    EXPECT_THAT(with(R"({"alg":"EdDSA","x":)" + deep + "}"), HasSubstr("the header"));
}

TEST(KeySets, PassOverWhatIsForSomethingElse) {
    const auto set = KeySet::parse(set_of(
        R"({"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-521","x":"AA","y":"AA"},)"
        R"({"kty":"RSA","use":"enc","n":"AA","e":"AQAB"},{"kty":"RSA","alg":"PS256","n":"AA","e":"AQAB"},)" +
        p256_of_rfc7515));
    ASSERT_TRUE(set) << set.error().message;
    ASSERT_EQ(set->keys().size(), 1);
    EXPECT_EQ(set->keys()[0].key.algorithm(), crypto::TokenAlgorithm::es256);
}

TEST(KeySets, AreRefusedWhole) {
    const std::string short_rsa =
        R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0"})";
    const std::string off_the_curve =
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})";
    for (const auto& bad :
         {std::string("[]"), std::string("{}"), std::string("x"), set_of(""), set_of("1"),
          set_of(R"({"kty":"RSA"})"), set_of(short_rsa), set_of(off_the_curve),
          set_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"), set_of(R"({"kty":"RSA","n":"","e":""})")})
        EXPECT_FALSE(KeySet::parse(bad)) << bad;
    std::string many = ed25519_of_rfc8037;
    for (std::size_t i = 0; i < KeySet::most_keys; ++i) many += "," + ed25519_of_rfc8037;
    EXPECT_EQ(KeySet::parse(set_of(many)).error().kind, Error::Kind::too_large);
}

TEST_F(TokenTest, CountAsLongAsTheirKeysDo) {
    Verifier verifier;
    const auto token =
        issuer.token(R"({"iss":"https://id.test","aud":"mail","exp":1800000000,"email":"ann@here.test"})");
    EXPECT_FALSE(verifier.believes_anybody());
    EXPECT_FALSE(verifier.owner_of(token, now));
    verifier.trust(std::make_shared<const Trust>(Trust{std::move(keys), expected}));
    EXPECT_TRUE(verifier.believes_anybody());
    EXPECT_TRUE(verifier.owner_of(token, now));
    verifier.trust(nullptr);
    EXPECT_FALSE(verifier.owner_of(token, now));
}

}  // namespace
}  // namespace hongyan::oauth
