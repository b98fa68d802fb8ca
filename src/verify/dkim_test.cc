#include "verify/dkim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/field.h"
#include "verify/answers_for_test.h"
#include "verify/tag_list.h"

namespace hongyan::verify {
namespace {

using testing::HasSubstr;
using enum DkimVerdict;

constexpr std::string_view header =
    "From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?Lunch?=\r\n  today\r\nDate: "
    "Sat, 21 Nov "
    "2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n";
constexpr std::string_view body = "Hi Bob,\r\n\r\ntoday  at one? \t\r\n\r\n\r\n";
const Instant now = Instant(std::chrono::seconds(1'800'000'000));

const crypto::PrivateKey& rsa_key() {
    static const auto key = crypto::PrivateKey::generate_rsa(1024);
    return key;
}
const crypto::PrivateKey& ed25519_key() {
    static const auto key = crypto::PrivateKey::generate_ed25519();
    return key;
}

std::string record_of(const crypto::PrivateKey& key, std::string_view more = "") {
    const auto record = DkimKey{.type = key.type(), .octets = key.public_octets()}.to_record();
    return record + std::string(more);
}

TestZone zone_with(std::string_view more = "") {
    TestZone zone;
    zone.text("r._domainkey.example.com", record_of(rsa_key(), more))
        .text("e._domainkey.example.com", record_of(ed25519_key(), more));
    return zone;
}

std::string message_of(std::string_view a_body = body) { return fmt::format("{}\r\n{}", header, a_body); }

std::string signature_of(std::string_view message, const crypto::PrivateKey& key,
                         const SigningOptions& options = {}) {
    const auto size = header_size(message);
    Mail mail(message.substr(0, size));
    mail.demand(options.body_demand());
    mail.body(message.substr(size));
    mail.finish();
    const std::string selector = key.type() == crypto::KeyType::rsa ? "r" : "e";
    return sign_dkim(mail, {"example.com", selector, key}, options);
}

DkimReport verify(TestZone& zone, std::string_view message) {
    const auto mail = Mail::whole(message);
    return zone.conclude<DkimReport>([&](KnownAnswers& answers) { return verify_dkim(*mail, now, answers); });
}

DkimOutcome verify_one(TestZone& zone, std::string_view message) {
    const auto report = verify(zone, message);
    return report.signatures.empty() ? DkimOutcome{.verdict = none} : report.signatures.front();
}

DkimOutcome verify_one(std::string_view message) {
    auto zone = zone_with();
    return verify_one(zone, message);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

// --- canonical forms

std::string canonical_body(Canonical canonical, std::string_view text, std::size_t piece = 1000) {
    // The form itself is not kept: it is known by its hash, and its size.
    BodyHash hash({.canonical = canonical});
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        hash.update(text.substr(0, piece));
    hash.finish();
    return to_hex(hash.digest());
}

struct BodyRow {
    const char* text;
    const char* simple;
    const char* relaxed;
};

// RFC 6376 §3.4.3 to §3.4.5.
TEST(BodyHash, MakesTheCanonicalForms) {
    constexpr BodyRow rows[] = {
        {"", "\r\n", ""},
        {"\r\n\r\n", "\r\n", ""},
        {" \r\n\t\r\n", " \r\n\t\r\n", ""},
        {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
        {"no end", "no end\r\n", "no end\r\n"},
        {"no end  ", "no end  \r\n", "no end\r\n"},
        {"a\r\n\r\nb", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
        {"a\rb \r c\nd \n", "a\rb \r c\nd \n\r\n", "a\rb \r c\nd \n\r\n"},
        {"a\r", "a\r\r\n", "a\r\r\n"},
        {"a\r\r\n", "a\r\r\n", "a\r\r\n"},
        {"\tx", "\tx\r\n", " x\r\n"},
    };
    for (const auto& row : rows)
        for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
            EXPECT_EQ(canonical_body(Canonical::simple, row.text, piece),
                      to_hex(crypto::digest(crypto::Hash::sha256, row.simple)))
                << row.text;
            EXPECT_EQ(canonical_body(Canonical::relaxed, row.text, piece),
                      to_hex(crypto::digest(crypto::Hash::sha256, row.relaxed)))
                << row.text;
        }
}

// The same written down as the RFC has it, slowly.
std::string relaxed_slowly(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        auto line = std::string(text.substr(at, end == text.npos ? end : end - at));
        std::string tight;
        for (const char c : line) {
            if (ascii::is_blank(c) && tight.ends_with(' ')) continue;
            tight += ascii::is_blank(c) ? ' ' : c;
        }
        if (tight.ends_with(' ')) tight.pop_back();
        out += tight + "\r\n";
        at = end == text.npos ? text.size() : end + 2;
    }
    while (out.ends_with("\r\n\r\n")) out.resize(out.size() - 2);
    return out == "\r\n" ? "" : out;
}

TEST(BodyHash, IsTheSameHoweverTheBodyIsCut) {
    EXPECT_TRUE(rc::check([] {
        const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
            "a", " ", "\t", "\r\n", "  ", "word", "x\r\n", std::string(70, 'y'), "\r"));
        const auto text = fmt::to_string(fmt::join(words, ""));
        const auto piece = *rc::gen::inRange<std::size_t>(1, 200);
        RC_ASSERT(canonical_body(Canonical::relaxed, text, piece) ==
                  to_hex(crypto::digest(crypto::Hash::sha256, relaxed_slowly(text))));
        RC_ASSERT(canonical_body(Canonical::simple, text, piece) == canonical_body(Canonical::simple, text));
    }));
}

// RFC 6376 §3.4.5, examples 1 and 2.
TEST(Canonical, FieldsAreAsTheExamples) {
    std::string out;
    add_field(out, "A: X\r\n", Canonical::relaxed);
    add_field(out, "B : Y\t\r\n\tZ  \r\n", Canonical::relaxed);
    EXPECT_EQ(out, "a:X\r\nb:Y Z\r\n");
    out.clear();
    add_field(out, "B : Y\t\r\n\tZ  \r\n", Canonical::simple);
    EXPECT_EQ(out, "B : Y\t\r\n\tZ  \r\n");
}

// RFC 6376 §3.4.2, step by step. Only the pair is a line end, and only SP and HTAB are white space (§2.8).
std::string relaxed_field_slowly(std::string_view field) {
    const auto colon = field.find(':');
    std::string unfolded;
    for (std::size_t at = colon + 1; at < field.size(); ++at) {
        const bool is_line_end = field.substr(at).starts_with("\r\n");
        if (!is_line_end) unfolded += field[at];
        if (is_line_end) ++at;
    }
    std::string tight;
    for (const char c : unfolded)
        if (!ascii::is_blank(c))
            tight += c;
        else if (!tight.empty() && !tight.ends_with(' '))
            tight += ' ';
    if (tight.ends_with(' ')) tight.pop_back();
    return ascii::to_lower(message::without_trailing_blanks(field.substr(0, colon))) + ":" + tight + "\r\n";
}

TEST(Canonical, OnlyThePairIsALineEnd) {
    std::string out;
    for (const auto* field : {"A: x\ry \r z\r\n", "B: \r\r\n \r\r\n", "C:\r\n x\ny\r\r\n\t\n\tz\r\n",
                              "D:\r\n \r\n\t\r\n", "E:x\r"})
        add_field(out, field, Canonical::relaxed);
    EXPECT_EQ(out, "a:x\ry \r z\r\nb:\r \r\r\nc:x\ny\r \n z\r\nd:\r\ne:x\r\r\n");
}

TEST(Canonical, AFieldIsTheSameAsStepByStep) {
    EXPECT_TRUE(rc::check([] {
        const auto words = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", " ", "\t", "\r\n ", "\r\n\t", "  ", "word", "\r", "\n\t",
                                          std::string(1, '\0'), "\v", "\xff"));
        const auto field = fmt::format("X-Words \t:{}\r\n", fmt::join(words, ""));
        std::string out = "before ";
        add_field(out, field, Canonical::relaxed);
        RC_ASSERT(out == "before " + relaxed_field_slowly(field));
    }));
}

TEST(Canonical, TheSignatureItselfIsTakenOut) {
    EXPECT_EQ(without_signature("X: a=b; b = 12\r\n 34 ; bh=56\r\n"), "X: a=b; b =; bh=56\r\n");
    EXPECT_EQ(without_signature("X: bh=56; b=12\r\n 34\r\n"), "X: bh=56; b=\r\n");
}

TEST(Fields, AreTakenFromTheBottomUp) {
    const std::string text = "A: 1\r\nB: 2\r\nA: 3\r\n";
    const Mail mail(text);
    const auto selected = select_fields(mail.fields(), {"a", "A", "a", "b", "c"}, nullptr);
    ASSERT_EQ(selected.size(), 3U);
    EXPECT_EQ(selected[0]->whole, "A: 3\r\n");
    EXPECT_EQ(selected[1]->whole, "A: 1\r\n");
    EXPECT_EQ(selected[2]->whole, "B: 2\r\n");
}

// --- what is signed verifies

TEST(Dkim, WhatIsSignedVerifiesInEveryForm) {
    for (const auto* key : {&rsa_key(), &ed25519_key()})
        for (const auto a : {Canonical::simple, Canonical::relaxed})
            for (const auto b : {Canonical::simple, Canonical::relaxed}) {
                const auto message = message_of();
                const auto field =
                    signature_of(message, *key, {.header = a, .body = b, .identity = "ann@example.com"});
                const auto outcome = verify_one(field + message);
                EXPECT_EQ(outcome.verdict, pass) << outcome.sentence() << "\n" << field;
                EXPECT_EQ(outcome.identity, "ann@example.com");
                for (std::string_view rest = field; !rest.empty();) {
                    const auto line = rest.substr(0, rest.find("\r\n"));
                    EXPECT_LE(line.size(), 78U);
                    rest.remove_prefix(line.size() + 2);
                }
            }
}

TEST(Dkim, SeveralSignaturesVerifyTogether) {
    const auto message = message_of();
    auto zone = zone_with();
    const auto report =
        verify(zone, signature_of(message, rsa_key()) + signature_of(message, ed25519_key()) + message);
    EXPECT_EQ(report.verdict(), pass);
    ASSERT_EQ(report.signatures.size(), 2U);
    EXPECT_EQ(report.signatures[0].bits, 1024U);
    EXPECT_EQ(report.signatures[1].verdict, pass);
}

TEST(Dkim, WhatIsSignedAndChangedFails) {
    const auto message = message_of();
    const auto field = signature_of(message, ed25519_key());
    EXPECT_TRUE(rc::check([&] {
        auto altered = message;
        const auto at = *rc::gen::inRange<std::size_t>(0, message.size());
        // Another letter for a letter: blanks and line ends may change without harm.
        RC_PRE(ascii::is_alnum(altered[at]));
        altered[at] = altered[at] == 'q' ? 'w' : 'q';
        RC_PRE(!ascii::iequals(altered, message));
        const auto outcome = verify_one(field + altered);
        // A field whose name has changed is another field.
        RC_ASSERT(outcome.verdict != pass);
    }));
}

// RFC 6376 §8.15: who adds a field that is sealed breaks the signature.
TEST(Dkim, NobodyCanAddASecondFrom) {
    const auto message = message_of();
    const auto field = signature_of(message, ed25519_key());
    EXPECT_EQ(verify_one("From: eve@example.net\r\n" + field + message).verdict, fail);
    EXPECT_EQ(verify_one("Cc: eve@example.net\r\n" + field + message).verdict, fail);
    EXPECT_EQ(verify_one("Received: from a by b\r\n" + field + message).verdict, pass);
}

// RFC 6376 §3.8: whoever shows the message may take it for more of From, and nobody signs it.
TEST(Dkim, ALineThatIsNoFieldBehindFromIsAChange) {
    const auto plain = message_of();
    const auto field = signature_of(plain, ed25519_key());
    for (const auto* line : {"\v, eve@example.net\r\n", "\r, eve@example.net\r\n", "eve@example.net\r\n"}) {
        const auto behind = replaced(plain, "To: bob", std::string(line) + "To: bob");
        EXPECT_EQ(verify_one(field + behind).verdict, fail) << line;
        EXPECT_EQ(verify_one(signature_of(behind, ed25519_key()) + behind).verdict, fail) << line;
        const auto elsewhere = replaced(plain, "Subject:", std::string(line) + "Subject:");
        EXPECT_EQ(verify_one(field + elsewhere).verdict, pass) << line;
    }
    EXPECT_EQ(verify_one("From ann Sat Nov 21\r\n" + field + plain).verdict, pass);
}

// RFC 6376 §3.4.2: a CR alone is neither blank nor line end.
TEST(Dkim, ACarriageReturnThatIsNoLineEndCounts) {
    for (const auto form : {Canonical::simple, Canonical::relaxed}) {
        const auto plain = message_of();
        const auto field = signature_of(plain, ed25519_key(), {.header = form});
        const auto with_it = replaced(plain, "ann@ex", "ann@ex\r");
        EXPECT_EQ(verify_one(field + with_it).verdict, fail);
        EXPECT_EQ(verify_one(field + replaced(plain, "org\r\n", "org\r\r\n")).verdict, fail);
        EXPECT_EQ(verify_one(signature_of(with_it, ed25519_key(), {.header = form}) + with_it).verdict, pass);
        EXPECT_EQ(verify_one(signature_of(with_it, ed25519_key(), {.header = form}) + plain).verdict, fail);
        EXPECT_EQ(verify_one(replaced(field, "b=", "b=\r") + plain).verdict, permerror);
    }
}

TEST(Dkim, RelaxedBearsOtherBlanksAndSimpleDoesNot) {
    const auto message = message_of();
    auto spaced = message;
    spaced.replace(spaced.find("Subject: "), 9, "SUBJECT:\t ");
    spaced += "\r\n\r\n";
    EXPECT_EQ(verify_one(signature_of(message, ed25519_key()) + spaced).verdict, pass);
    const SigningOptions simple{.header = Canonical::simple};
    EXPECT_EQ(verify_one(signature_of(message, ed25519_key(), simple) + spaced).verdict, fail);
}

// RFC 8616 §5
TEST(Dkim, InternationalDomainsAreSoughtByTheirALabels) {
    TestZone zone;
    zone.text("s._domainkey.xn--fsqu00a.xn--0zwm56d", record_of(ed25519_key()));
    const auto message = message_of();
    Mail mail(header);
    const SigningOptions options{.identity = "用户@例子.测试"};
    mail.demand(options.body_demand());
    mail.body(body);
    mail.finish();
    const auto field = sign_dkim(mail, {"例子.测试", "s", ed25519_key()}, options);
    const auto outcome = verify_one(zone, field + message);
    EXPECT_EQ(outcome.verdict, pass) << outcome.sentence();
}

// --- what the signature field must be (RFC 6376 §3.5, §6.1.1)

struct FieldRow {
    const char* from;
    const char* to;
    DkimVerdict verdict;
    const char* reason;
};

TEST(Dkim, TheSignatureIsReadStrictly) {
    const auto message = message_of();
    const auto field = signature_of(message, rsa_key(), {.made = 1'700'000'000, .expires = 1'900'000'000});
    ASSERT_EQ(verify_one(field + message).verdict, pass);
    constexpr FieldRow rows[] = {
        {"v=1;", "v=2;", permerror, "version"},
        {"v=1;", "", permerror, "no v="},
        {"v=1;", "v=1; v=1;", permerror, "list of tags"},
        {"v=1;", "v=1;;", permerror, "list of tags"},
        {"v=1;", "v=1; 1x=y;", permerror, "list of tags"},
        {"a=rsa-sha256;", "a=rsa-sha512;", permerror, "unknown algorithm"},
        {"a=rsa-sha256;", "a=RSA-SHA256;", permerror, "unknown algorithm"},
        {"a=rsa-sha256;", "a=rsa-sha1;", permerror, "SHA-1"},
        {"a=rsa-sha256;", "a=ed25519-sha256;", permerror, "another type"},
        {"c=relaxed/relaxed;", "c=relaxed/nowsp;", permerror, "canonicalization"},
        {"c=relaxed/relaxed;", "c=;", permerror, "canonicalization"},
        {"d=example.com;", "d=;", permerror, "no domain"},
        {"d=example.com;", "d=com;", permerror, "no domain"},
        {"d=example.com;", "d=example.com; i=ann@example.org;", permerror, "not within"},
        {"d=example.com;", "d=example.com; i=ann@notexample.com;", permerror, "not within"},
        {"d=example.com;", "d=example.com; i=example.com;", permerror, "not within"},
        {"d=example.com;", "d=example.com; i=a=40example.com;", fail, "header"},
        {"d=example.com;", "d=example.com; i=a=3Bb@=65xample.com;", fail, "header"},
        {"d=example.com;", "d=example.com; i=user=b.test@example.com;", fail, "header"},
        {"d=example.com;", "d=example.com; i=a@=6Fxample.com;", permerror, "not within"},
        {"d=example.com;", "(d) d=example.com;", permerror, "list of tags"},
        {"d=example.com;", "d=(d) example.com;", permerror, "no domain"},
        {"d=example.com;", "d=example.com; q=http/get;", permerror, "from DNS"},
        {"d=example.com;", "d=example.com; q=x : dns/txt;", fail, "header"},
        {"d=example.com;", "d=example.com; l=-1;", permerror, "no number"},
        {"d=example.com;", "d=example.com; l=99999999999999999999999;", fail, "shorter"},
        {"s=r;", "s=;", permerror, "no selector"},
        {"s=r;", "s=other;", permerror, "no key"},
        {"t=1700000000;", "t=now;", permerror, "no time"},
        {"t=1700000000;", "t=1999999999;", permerror, "expires before"},
        {"t=1700000000;", "t=1234567890123;", permerror, "no time"},
        {"x=1900000000;", "x=1750000000;", fail, "expired"},
        {"h=From:From:", "h=To:", permerror, "From"},
        {"h=From:From:", "h=:", permerror, "no field"},
        {"h=From:From:", "h=from : FROM :", fail, "header"},
        {"bh=", "bh=!", permerror, "bh="},
        {"bh=", "xh=", permerror, "no bh="},
        {"\r\n\tb=", "\r\n\tb=*", permerror, "b="},
        {"\r\n\tb=", "\r\n\tb=; y=", permerror, "b="},
    };
    for (const auto& row : rows) {
        auto altered = field;
        const auto at = altered.find(row.from);
        ASSERT_NE(at, altered.npos) << row.from;
        altered.replace(at, std::string_view(row.from).size(), row.to);
        const auto outcome = verify_one(altered + message);
        EXPECT_EQ(outcome.verdict, row.verdict) << row.to << ": " << outcome.sentence();
        EXPECT_THAT(outcome.reason, HasSubstr(row.reason)) << row.to;
    }
}

// --- what the key record says (RFC 6376 §3.6.1, §6.1.2; RFC 8301 §3.2)

struct KeyRow {
    std::string record;
    DkimVerdict verdict;
    const char* reason;
};

TEST(Dkim, TheKeyRecordIsReadStrictly) {
    const auto message = message_of();
    const auto signed_message =
        signature_of(message, rsa_key(), {.identity = "ann@mail.example.com"}) + message;
    const auto data = to_base64(rsa_key().public_octets());
    const auto short_key = to_base64(crypto::PrivateKey::generate_rsa(512).public_octets());
    const KeyRow rows[] = {
        {"p=" + data, pass, ""},
        {"v=DKIM1;k=rsa;p=" + data + ";", pass, ""},
        {"v=DKIM1; h=sha256 : x; s=x:email; t=y; n=words; p=" + data, pass, ""},
        {"h=sha1; p=" + data, permerror, "sha256"},
        {"s=tlsrpt; p=" + data, permerror, "not for mail"},
        {"s=*; p=" + data, pass, ""},
        {"t=s; p=" + data, permerror, "domain itself"},
        {"t=y:s; p=" + data, permerror, "domain itself"},
        {"v=DKIM2; p=" + data, permerror, "version"},
        {"k=rsa; v=DKIM1; p=" + data, permerror, "version"},
        {"v=DKIM1; p=", permerror, "revoked"},
        {"v=DKIM1; k=rsa", permerror, "no p="},
        {"v=DKIM1; k=dsa; p=" + data, permerror, "unknown"},
        {"v=DKIM1; k=ed25519; p=" + data, permerror, "another type"},
        {"v=DKIM1; p=***", permerror, "base64"},
        {"v=DKIM1; p=AAAA", permerror, "RSA key"},
        {"v=DKIM1; p=" + short_key, permerror, "512 bits"},
        {"v=DKIM1; p=" + data + "; p=" + data, permerror, "list of tags"},
        {"v=spf1 -all", permerror, "version"},
    };
    for (const auto& row : rows) {
        TestZone zone;
        zone.text("r._domainkey.example.com", row.record);
        const auto outcome = verify_one(zone, signed_message);
        EXPECT_EQ(outcome.verdict, row.verdict) << row.record << ": " << outcome.sentence();
        EXPECT_THAT(outcome.reason, HasSubstr(row.reason)) << row.record;
    }
}

TEST(Dkim, OfSeveralRecordsOneMayFit) {
    TestZone zone;
    zone.text("r._domainkey.example.com", "not a key").text("r._domainkey.example.com", record_of(rsa_key()));
    EXPECT_EQ(verify_one(zone, signature_of(message_of(), rsa_key()) + message_of()).verdict, pass);
}

TEST(Dkim, DnsFaultsAreTemporaryAndMissingKeysAreNot) {
    const auto message = message_of();
    const auto signed_message = signature_of(message, rsa_key()) + message;
    for (const auto trouble : {dns::Status::failed, dns::Status::bogus}) {
        TestZone zone;
        zone.set("r._domainkey.example.com", dns::Type::txt, trouble);
        EXPECT_EQ(verify_one(zone, signed_message).verdict, temperror);
    }
    TestZone nothing;
    EXPECT_EQ(verify_one(nothing, signed_message).verdict, permerror);
    EXPECT_EQ(verify_one(nothing, message).verdict, none);
}

TEST(Dkim, TheDomainThatTriesItOutIsKnown) {
    auto zone = zone_with("; t=y");
    EXPECT_TRUE(verify_one(zone, signature_of(message_of(), ed25519_key()) + message_of()).testing);
}

// RFC 6376 §8.2: what stands behind l= was not signed.
TEST(Dkim, WhatFollowsTheSignedLengthIsTold) {
    const std::string signed_part = "Hi Bob,\r\n";
    // The field as if only the first line had been there.
    const auto message = message_of(signed_part);
    auto zone = zone_with();
    const SigningOptions options{.body = Canonical::simple};
    Mail mail(header);
    mail.demand(options.body_demand());
    mail.body(signed_part);
    mail.finish();
    // Signed by hand: the tag l= stands before the others.
    auto names = fields_to_sign(mail.fields());
    auto field = fmt::format(
        "DKIM-Signature: l={}; v=1; a=ed25519-sha256; c=relaxed/simple; d=example.com; s=e; h={}; bh={}; ",
        signed_part.size(), fmt::join(names, ":"), to_base64(mail.find(options.body_demand())->digest()));
    std::string hashed;
    for (const auto* each : select_fields(mail.fields(), names, nullptr))
        add_field(hashed, each->whole, Canonical::relaxed);
    add_field(hashed, field + "b=\r\n", Canonical::relaxed);
    hashed.resize(hashed.size() - 2);
    const auto digest = crypto::digest(crypto::Hash::sha256, hashed);
    field += "b=" + to_base64(ed25519_key().sign(crypto::Hash::sha256, digest)) + "\r\n";
    const auto outcome = verify_one(zone, field + message_of(signed_part + "and more\r\n"));
    EXPECT_EQ(outcome.verdict, pass) << outcome.sentence();
    EXPECT_TRUE(outcome.partial);
    EXPECT_EQ(verify_one(zone, field + message_of("Hi\r\n")).verdict, fail);
}

TEST(Dkim, ACrowdOfSignaturesIsNotVerified) {
    std::string crowd;
    const auto message = message_of();
    const auto field = signature_of(message, ed25519_key());
    for (int i = 0; i < 100; ++i) crowd += field;
    auto zone = zone_with();
    const auto report = verify(zone, crowd + message);
    EXPECT_EQ(report.signatures.size(), most_signatures + 1);
    EXPECT_EQ(report.verdict(), pass);
}

// Behind so many signatures no other is even read.
TEST(Dkim, OfACrowdOnlyTheFirstAreRead) {
    std::string crowd;
    for (int i = 0; i < 100; ++i) crowd += "DKIM-Signature: v=2\r\nARC-Message-Signature: a=b\r\n";
    const auto mail = Mail::whole(crowd + "From: a@example.com\r\n\r\n");
    std::size_t of_dkim = 0, of_arc = 0;
    for (const auto& field : mail->fields()) {
        if (field.is("From")) continue;
        const bool is_read = mail->signature(field).error() != "there are too many signatures";
        (field.is(dkim_field) ? of_dkim : of_arc) += is_read ? 1 : 0;
    }
    EXPECT_EQ(of_dkim, most_signatures);
    EXPECT_EQ(of_arc, most_instances);
}

// However many bodies are demanded by signatures that have come.
TEST(Dkim, WhoSignsBehindACrowdHasItsHash) {
    std::string crowd;
    for (int i = 1; i <= 50; ++i)
        crowd += fmt::format(
            "ARC-Message-Signature: i={0}; a=rsa-sha256; d=x.example; s=r; l={0}; h=from; bh=AAAA; "
            "b=AAAA\r\n",
            i);
    const auto message = crowd + message_of();
    EXPECT_EQ(verify_one(signature_of(message, ed25519_key()) + message).verdict, pass);
}

TEST(Dkim, OfACrowdOfKeysAFewAreTried) {
    const auto message = message_of();
    const auto field = signature_of(message, ed25519_key());
    const auto other = crypto::PrivateKey::generate_ed25519();
    const std::string_view name = "e._domainkey.example.com";
    const auto with = [&](int others, int of_another_type) {
        TestZone zone;
        for (int i = 0; i < of_another_type; ++i) zone.text(name, record_of(rsa_key()));
        for (int i = 0; i < others; ++i) zone.text(name, record_of(other));
        zone.text(name, record_of(ed25519_key()));
        return verify_one(zone, field + message).verdict;
    };
    EXPECT_EQ(with(2, 0), pass);
    EXPECT_EQ(with(2, 5), pass) << "those of another type are not tried";
    EXPECT_EQ(with(3, 0), fail);
    // So many checks of one mail.
    TestZone zone;
    for (int i = 0; i < 3; ++i) zone.text(name, record_of(other));
    std::string crowd;
    for (int i = 0; i < 20; ++i) crowd += field;
    const auto report = verify(zone, crowd + message);
    EXPECT_EQ(report.signatures.front().verdict, fail);
    EXPECT_EQ(report.signatures.at(19).verdict, permerror);
    EXPECT_THAT(report.signatures.at(19).reason, HasSubstr("too many"));
}

// No key could make it fit, so none is asked for.
TEST(Dkim, ABodyThatHasChangedNeedsNoKey) {
    const auto message = message_of();
    auto zone = zone_with();
    const auto outcome = verify_one(zone, signature_of(message, ed25519_key()) + message + "More\r\n");
    EXPECT_EQ(outcome.verdict, fail);
    EXPECT_EQ(zone.asked, 0);
}

// --- keys

TEST(SignatureKey, GoesRoundThroughPem) {
    for (const auto* key : {&rsa_key(), &ed25519_key()}) {
        const auto again = crypto::PrivateKey::from_pem(key->to_pem().reveal());
        ASSERT_TRUE(again);
        EXPECT_EQ(again->public_octets(), key->public_octets());
    }
    EXPECT_FALSE(crypto::PrivateKey::from_pem("nothing"));
}

TEST(TagList, IsReadAsTheGrammarHasIt) {
    EXPECT_TRUE(TagList::parse(" a = b c ;\r\n\td=e; "));
    EXPECT_EQ(TagList::parse("a=b=c")->find("a"), "b=c");
    EXPECT_EQ(TagList::parse("a=")->find("a"), "");
    for (const auto* text : {"", ";", "a", "a=b;;", "a=b;c", "=b", "a b=c", "a=b; a=c", "a=b\x01"})
        EXPECT_FALSE(TagList::parse(text)) << text;
}

// RFC 6376 §2.11
TEST(TagList, QuotedPrintableIsUndone) {
    EXPECT_EQ(from_quoted_printable("a=3Bb =\r\n\t20c=3D"), "a;b c=");
    EXPECT_EQ(from_quoted_printable("J=C3=B6rg@example.com"), "J\u00f6rg@example.com");
    EXPECT_EQ(from_quoted_printable("u=b.test =3b =G0 =4 ="), "u=b.test=3b=G0=4=")
        << "what the grammar has not";
    EXPECT_EQ(from_quoted_printable(""), "");
}

TEST(TagList, HasSoManyTagsAndNoMore) {
    std::string text;
    for (std::size_t i = 0; i < most_tags; ++i) text += fmt::format("a{}=b;", i);
    EXPECT_TRUE(TagList::parse(text));
    EXPECT_FALSE(TagList::parse(text + "more=b"));
}

// RFC 6376 §2.8: of a field, line ends only where it goes on.
TEST(TagList, OfAFieldHasNoOtherLineEndsThanFolds) {
    for (const auto* text : {"a=b", "a=b\r\n c;\r\n\td=\r\n e", "\r\n a=b;\r\n "})
        EXPECT_TRUE(TagList::of_field(text)) << text;
    for (const auto* text : {"a=b\rc", "a=b\nc", "a=b\n c", "a=b\r", "a=b\n\r c", "a=b\r\r\n\n c"})
        EXPECT_FALSE(TagList::of_field(text)) << text;
    EXPECT_TRUE(TagList::parse("a=b\nc"));
}

}  // namespace
}  // namespace hongyan::verify
