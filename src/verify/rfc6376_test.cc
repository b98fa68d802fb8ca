// The examples of RFC 6376 and RFC 8463, with their own keys and messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "verify/answers_for_test.h"
#include "verify/dkim.h"
#include "verify/tag_list.h"

namespace hongyan::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum DkimVerdict;

DkimReport verify(TestZone& zone, std::string_view message, Instant now = Instant{}) {
    const auto mail = Mail::whole(message);
    return zone.conclude<DkimReport>([&](KnownAnswers& answers) { return verify_dkim(*mail, now, answers); });
}

DkimOutcome first(TestZone& zone, std::string_view message) {
    const auto report = verify(zone, message);
    return report.signatures.empty() ? DkimOutcome{.verdict = none} : report.signatures.front();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return at == text.npos ? text : text.replace(at, from.size(), to);
}

std::string signed_with(std::string_view message, const std::string& domain, const std::string& selector,
                        const crypto::PrivateKey& key, const SigningOptions& options = {}) {
    const auto size = header_size(message);
    Mail mail(message.substr(0, size));
    mail.demand(options.body_demand());
    mail.body(message.substr(size));
    mail.finish();
    return sign_dkim(mail, {domain, selector, key}, options) + std::string(message);
}

// --- RFC 6376 Appendix A and C

constexpr std::string_view appendix_c_data =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
    "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
    "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

constexpr std::string_view appendix_c_key =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";

// A.2. As it is printed, with five blanks before the lines that go on and two behind "game.", it does not
// verify. It does with six and with one: all forms with one to nine blanks or a tab were tried, and this is
// the only one.
constexpr std::string_view appendix_a_signature =
    "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
    "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
    "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
    "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
    "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
    "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
    "      4bmp/YzhwvcubU4=;\r\n";
constexpr std::string_view appendix_a_received =
    "Received: from client1.football.example.com  [192.0.2.1]\r\n"
    "      by submitserver.example.com with SUBMISSION;\r\n"
    "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n";
// A.1
constexpr std::string_view appendix_a_message =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n";

std::string appendix_a() {
    return std::string(appendix_a_signature) + std::string(appendix_a_received) +
           std::string(appendix_a_message);
}

TestZone appendix_c() {
    TestZone zone;
    zone.text("brisbane._domainkey.example.com", fmt::format("v=DKIM1; p={}", appendix_c_data));
    return zone;
}

TEST(Rfc6376AppendixA, TheSignatureIsVerified) {
    auto zone = appendix_c();
    const auto outcome = first(zone, appendix_a());
    EXPECT_EQ(outcome.verdict, pass) << outcome.sentence();
    EXPECT_EQ(outcome.domain, "example.com");
    EXPECT_EQ(outcome.identity, "joe@football.example.com");
    EXPECT_EQ(outcome.bits, 1024U);
}

// A.3: fields have come above. Simple canonicalization forgives no blank, so neither A.2 nor A.3, whose lines
// are indented otherwise again, verifies to the letter.
TEST(Rfc6376AppendixA, FieldsAboveDoNotMatterAndBlanksDo) {
    auto zone = appendix_c();
    const std::string above =
        "X-Authentication-Results: shopping.example.net\r\n  header.from=joe@football.example.com; "
        "dkim=pass\r\nReceived: from mout23.football.example.com (192.168.1.1)\r\n  by "
        "shopping.example.net with SMTP;\r\n  Fri, 11 Jul 2003 21:01:59 -0700 (PDT)\r\n";
    EXPECT_EQ(first(zone, above + appendix_a()).verdict, pass);
    constexpr std::pair<const char*, const char*> changes[] = {
        {"\r\n      by submit", "\r\n     by submit"},  // as A.2 is printed
        {"\r\n      c=simple", "\r\n     c=simple"},
        {"\r\n      by submit", "\r\n  by submit"},  // as A.3 is
        {"the game. Are", "the game.  Are"},
        {"hungry", "thirsty"},
        {"From: Joe", "From: Eve"},
    };
    for (const auto& [from, to] : changes)
        EXPECT_EQ(first(zone, replaced(appendix_a(), from, to)).verdict, fail) << to;
}

TEST(Rfc6376AppendixC, TheKeysBelongTogether) {
    const auto key = crypto::PrivateKey::from_pem(appendix_c_key);
    ASSERT_TRUE(key);
    const auto record = DkimKey{.type = key->type(), .octets = key->public_octets()}.to_record();
    EXPECT_THAT(record, HasSubstr(appendix_c_data));
    auto zone = appendix_c();
    for (const auto form : {Canonical::simple, Canonical::relaxed}) {
        const auto message =
            signed_with(appendix_a_message, "example.com", "brisbane", *key, {.header = form, .body = form});
        EXPECT_EQ(first(zone, message).verdict, pass);
    }
}

// C.1, C.2: g= of older records MUST be ignored, whatever it says.
TEST(Rfc6376AppendixC, GranularityIsIgnored) {
    for (const auto* older : {"g=; ", "g=*; ", "g=jo*; ", "g=somebody; k=rsa; "}) {
        TestZone zone;
        zone.text("brisbane._domainkey.example.com", fmt::format("{}p={}", older, appendix_c_data));
        EXPECT_EQ(first(zone, appendix_a()).verdict, pass) << older;
    }
}

// --- RFC 6376 Appendix B

class Rfc6376AppendixB : public testing::Test {
public:
    Rfc6376AppendixB() {
        zone.text("corporate._domainkey.example.com", record(own))
            .text("benefits._domainkey.example.com", record(other))
            .text("list._domainkey.example.net", record(other));
    }
    static std::string record(const crypto::PrivateKey& key) {
        return DkimKey{.type = key.type(), .octets = key.public_octets()}.to_record();
    }

    crypto::PrivateKey own = crypto::PrivateKey::generate_ed25519();
    crypto::PrivateKey other = crypto::PrivateKey::generate_ed25519();
    TestZone zone;
};

// B.1.1: another selector is another's key; who takes the record away takes away the right, and nobody
// else's.
TEST_F(Rfc6376AppendixB, DelegatedFunctionsHaveSelectorsOfTheirOwn) {
    const auto theirs = signed_with(appendix_a_message, "example.com", "benefits", other);
    const auto ours = signed_with(appendix_a_message, "example.com", "corporate", own);
    EXPECT_EQ(first(zone, theirs).verdict, pass);
    EXPECT_EQ(first(zone, signed_with(appendix_a_message, "example.com", "corporate", other)).verdict, fail)
        << "their key signs by their selector only";
    TestZone revoked;
    revoked.text("corporate._domainkey.example.com", record(own))
        .text("benefits._domainkey.example.com", "v=DKIM1; k=ed25519; p=");
    EXPECT_EQ(first(revoked, theirs).verdict, permerror);
    EXPECT_EQ(first(revoked, ours).verdict, pass);
}

// B.1.4: a kiosk signs with its own domain; the author is somebody else's, and only the signer is vouched
// for.
TEST_F(Rfc6376AppendixB, AKioskSignsInItsOwnName) {
    const auto message = signed_with("Sender: <news@example.net>\r\n" + std::string(appendix_a_message),
                                     "example.net", "list", other, {.identity = "news@example.net"});
    const auto outcome = first(zone, message);
    EXPECT_EQ(outcome.verdict, pass);
    EXPECT_EQ(outcome.domain, "example.net");
    EXPECT_EQ(outcome.identity, "news@example.net");
}

// B.2.2: an alias adds Received, and no more.
TEST_F(Rfc6376AppendixB, AnAliasLeavesTheSignatureWhole) {
    const auto message = signed_with(appendix_a_message, "example.com", "corporate", own);
    EXPECT_EQ(
        first(zone, "Received: from a by b;\r\n\tFri, 11 Jul 2003 21:01:54 -0700\r\n" + message).verdict,
        pass);
}

// B.2.3: a list that changes what it passes on breaks the signature, and signs itself.
TEST_F(Rfc6376AppendixB, AListSignsWhatItHasChanged) {
    const auto arrived = signed_with(appendix_a_message, "example.com", "corporate", own);
    const auto changed = replaced(arrived, "Subject: ", "Subject: [list] ") + "-- \r\nThe list\r\n";
    const auto posted = signed_with("Sender: <list@example.net>\r\n" + changed, "example.net", "list", other);
    const auto report = verify(zone, posted);
    ASSERT_EQ(report.signatures.size(), 2U);
    EXPECT_EQ(report.signatures[0].verdict, pass);
    EXPECT_EQ(report.signatures[0].domain, "example.net");
    EXPECT_EQ(report.signatures[1].verdict, fail);
    EXPECT_EQ(report.verdict(), pass);
}

// --- RFC 6376, examples on the way

// Periods divide selectors into labels.
TEST(Rfc6376Section3_1, SelectorsMayHaveLabels) {
    EXPECT_EQ(key_name("march2005.reykjavik", "example.com")->text(),
              "march2005.reykjavik._domainkey.example.com");
    EXPECT_EQ(key_name("brisbane", "example.com")->text(), "brisbane._domainkey.example.com");
}

// A rotation: both keys are there for a while, then the older is not.
TEST(Rfc6376Section3_1, KeysAreReplaced) {
    const auto january = crypto::PrivateKey::generate_ed25519(),
               february = crypto::PrivateKey::generate_ed25519();
    const auto old = signed_with(appendix_a_message, "example.com", "january2005", january);
    const auto fresh = signed_with(appendix_a_message, "example.com", "february2005", february);
    TestZone during, after;
    during.text("january2005._domainkey.example.com", Rfc6376AppendixB::record(january));
    for (auto* zone : {&during, &after})
        zone->text("february2005._domainkey.example.com", Rfc6376AppendixB::record(february));
    EXPECT_EQ(first(during, old).verdict, pass);
    EXPECT_EQ(first(during, fresh).verdict, pass);
    EXPECT_EQ(first(after, old).verdict, permerror);
    EXPECT_EQ(first(after, fresh).verdict, pass);
}

constexpr std::string_view header_3_4_5 = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
constexpr std::string_view body_3_4_5 = " C \r\nD \t E\r\n\r\n\r\n";

std::string canonical_header(Canonical form) {
    std::string out;
    const Mail mail(header_3_4_5);
    for (const auto& field : mail.fields()) add_field(out, field.whole, form);
    return out;
}
std::string body_digest(Canonical form, std::string_view text) {
    BodyHash hash({.canonical = form});
    hash.update(text);
    hash.finish();
    return to_hex(hash.digest());
}
std::string digest(std::string_view text) { return to_hex(crypto::digest(crypto::Hash::sha256, text)); }

// Example 3 is the header of example 1 and the body of example 2.
TEST(Rfc6376Section3_4_5, CanonicalizationExamples) {
    EXPECT_EQ(canonical_header(Canonical::relaxed), "a:X\r\nb:Y Z\r\n");
    EXPECT_EQ(body_digest(Canonical::relaxed, body_3_4_5), digest(" C\r\nD E\r\n"));
    EXPECT_EQ(canonical_header(Canonical::simple), header_3_4_5);
    EXPECT_EQ(body_digest(Canonical::simple, body_3_4_5), digest(" C \r\nD \t E\r\n"));
}

// Section 3.4.3 and 3.4.4 name the hashes of an empty body.
TEST(Rfc6376Section3_4_5, EmptyBodies) {
    const auto base64 = [](Canonical form) {
        BodyHash hash({.canonical = form});
        hash.finish();
        return to_base64(hash.digest());
    };
    EXPECT_EQ(base64(Canonical::simple), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    EXPECT_EQ(base64(Canonical::relaxed), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(Rfc6376Section3_5, ASignatureFieldOnSeveralLines) {
    const auto read = Signature::parse_dkim(
        " v=1; a=rsa-sha256; d=example.net; s=brisbane;\r\n"
        "   c=simple; q=dns/txt; i=@eng.example.net;\r\n"
        "   t=1117574938; x=1118006938;\r\n"
        "   h=from:to:subject:date;\r\n"
        "   z=From:foo@eng.example.net|To:joe@example.com|\r\n"
        "    Subject:demo=20run|Date:July=205,=202005=203:44:08=20PM=20-0700;\r\n"
        "   bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=;\r\n"
        "   b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR");
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(to_string(read->algorithm), "rsa-sha256");
    EXPECT_EQ(read->domain, "example.net");
    EXPECT_EQ(read->selector, "brisbane");
    EXPECT_EQ(read->header, Canonical::simple);
    EXPECT_EQ(read->body, Canonical::simple);
    EXPECT_EQ(read->identity, "@eng.example.net");
    EXPECT_EQ(read->identity_domain(), "eng.example.net");
    EXPECT_EQ(read->made, 1'117'574'938U);
    EXPECT_EQ(read->expires, 1'118'006'938U);
    EXPECT_THAT(read->fields, ElementsAre("from", "to", "subject", "date"));
    EXPECT_EQ(read->body_hash, "12345678901234567890123456789012");
    EXPECT_EQ(read->value.size(), 48U);
}

// "c=relaxed" is relaxed/simple; without c= both are simple.
TEST(Rfc6376Section3_5, TheBodyIsSimpleUnlessItIsNamed) {
    constexpr std::string_view rest =
        "v=1; a=rsa-sha256; d=example.net; s=b; h=from; bh="
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=; b=AAAA";
    const auto relaxed = Signature::parse_dkim(fmt::format("c=relaxed; {}", rest));
    ASSERT_TRUE(relaxed);
    EXPECT_EQ(relaxed->header, Canonical::relaxed);
    EXPECT_EQ(relaxed->body, Canonical::simple);
    EXPECT_EQ(Signature::parse_dkim(rest)->header, Canonical::simple);
}

// Of three Received fields the two lowest are signed, the lowest first.
TEST(Rfc6376Section5_4_2, FieldsThatOccurAgain) {
    const Mail mail("Received: <A>\r\nReceived: <B>\r\nReceived: <C>\r\nFrom: a@example.com\r\n");
    const auto fields = select_fields(mail.fields(), {"Received", "Received", "From"}, nullptr);
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0]->whole, "Received: <C>\r\n");
    EXPECT_EQ(fields[1]->whole, "Received: <B>\r\n");
    const auto key = crypto::PrivateKey::generate_ed25519();
    TestZone zone;
    zone.text("s._domainkey.example.com", Rfc6376AppendixB::record(key));
    const auto message =
        signed_with("Received: <A>\r\nReceived: <B>\r\nReceived: <C>\r\nFrom: a@example.com\r\n\r\n",
                    "example.com", "s", key, {.fields = {"Received", "Received", "From"}});
    EXPECT_EQ(first(zone, "Received: <D>\r\n" + message).verdict, pass);
    EXPECT_EQ(first(zone, replaced(message, "<A>", "<X>")).verdict, pass) << "it is not signed";
    EXPECT_EQ(first(zone, replaced(message, "<B>", "<X>")).verdict, fail);
    EXPECT_EQ(first(zone, replaced(message, "<C>", "<X>")).verdict, fail);
    EXPECT_EQ(first(zone, replaced(message, "From:", "Received: <D>\r\nFrom:")).verdict, fail);
}

// --- RFC 8463 Appendix A

constexpr std::string_view rfc8463_signatures =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n";

TestZone rfc8463_zone() {
    TestZone zone;
    zone.text("brisbane._domainkey.football.example.com",
              "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        .text("test._domainkey.football.example.com",
              "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
              "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
              "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
              "Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
    return zone;
}

// A.3: either would be valid without the other.
TEST(Rfc8463AppendixA, BothSignaturesAreVerifiedEachByItself) {
    auto zone = rfc8463_zone();
    const auto whole = std::string(rfc8463_signatures) + std::string(appendix_a_message);
    const auto report = verify(zone, whole);
    ASSERT_EQ(report.signatures.size(), 2U);
    EXPECT_EQ(report.signatures[0].verdict, pass) << report.signatures[0].sentence();
    EXPECT_EQ(report.signatures[0].algorithm, "ed25519-sha256");
    EXPECT_EQ(report.signatures[1].verdict, pass) << report.signatures[1].sentence();
    EXPECT_EQ(report.signatures[1].algorithm, "rsa-sha256");
    const auto second = whole.find("DKIM-Signature", 1);
    EXPECT_EQ(first(zone, whole.substr(second)).verdict, pass);
    EXPECT_EQ(first(zone, whole.substr(0, second) + std::string(appendix_a_message)).verdict, pass);
    const auto altered = verify(zone, replaced(whole, "hungry", "thirsty"));
    for (const auto& each : altered.signatures) EXPECT_EQ(each.verdict, fail);
}

// A.1, A.2: the 32 octets of the secret key of RFC 8032 §7.1 test 1, in the frame of PKCS #8, make the
// public key of the record; and sign what it verifies.
TEST(Rfc8463AppendixA, TheSecretKeyMakesTheRecord) {
    const auto octets = from_hex("302e020100300506032b657004220420").value() +
                        from_base64("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").value();
    const auto key = crypto::PrivateKey::from_pem(
        fmt::format("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", to_base64(octets)));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_base64(key->public_octets()), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    auto zone = rfc8463_zone();
    EXPECT_EQ(first(zone, signed_with(appendix_a_message, "football.example.com", "brisbane", *key)).verdict,
              pass);
}

}  // namespace
}  // namespace hongyan::verify
