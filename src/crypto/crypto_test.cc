#include <argon2.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/scanner.h"
#include "base/testing/scratch_folder.h"
#include "crypto/certificate.h"
#include "crypto/credentials.h"
#include "crypto/prepare_password.h"
#include "crypto/seal.h"

namespace hongyan::crypto {
namespace {

constexpr Argon2Cost cheap{.passes = 1, .memory = 64, .lanes = 1};

TEST(Digest, KnownAnswersOfRfc6234Section8_5) {
    EXPECT_EQ(to_hex(digest(Hash::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(digest(Hash::sha256, "abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(digest(Hash::sha512, "abc")).substr(0, 32), "ddaf35a193617abacc417349ae204131");
}

TEST(Hmac, KnownAnswersOfRfc4231AndAnEmptyKey) {
    EXPECT_EQ(to_hex(hmac(Hash::sha256, "Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac(Hash::sha256, std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac(Hash::sha1, "", "")), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST(Pbkdf2, KnownAnswersOfRfc6070) {
    struct Row {
        std::string_view password, salt;
        std::uint32_t iterations;
        std::size_t size;
        std::string_view key;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {
        {"password", "salt", 1, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
        {"password", "salt", 2, 20, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
        {"password", "salt", 4096, 20, "4b007901b765489abead49d926f721d065a429c1"},
        {"passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25,
         "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"},
        {"pass\0word"sv, "sa\0lt"sv, 4096, 16, "56fa6aa75548099dcc37d7f03425e0c3"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(to_hex(pbkdf2(Hash::sha1, row.password, row.salt, row.iterations, row.size).reveal()),
                  row.key);
}

TEST(Argon2, TheLibraryGivesTheAnswerOfRfc9106Section5_3) {
    std::string password(32, '\x01'), salt(16, '\x02'), key(8, '\x03'), data(12, '\x04'), tag(32, '\0');
    const auto octets = [](std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); };
    argon2_context context{};
    context.out = octets(tag), context.outlen = 32;
    context.pwd = octets(password), context.pwdlen = 32;
    context.salt = octets(salt), context.saltlen = 16;
    context.secret = octets(key), context.secretlen = 8;
    context.ad = octets(data), context.adlen = 12;
    context.t_cost = 3, context.m_cost = 32, context.lanes = context.threads = 4;
    context.version = ARGON2_VERSION_13;
    ASSERT_EQ(argon2id_ctx(&context), ARGON2_OK);
    EXPECT_EQ(to_hex(tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST(PasswordHash, OursIsPhcAndFitsOnlyItsPassword) {
    SeededRandom random(1);
    const auto hash = hash_password("correct horse", random);
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
    EXPECT_TRUE(verify_password(hash, "correct horse"));
    EXPECT_TRUE(verify_password("{ARGON2ID}" + hash, "correct horse"));
    EXPECT_FALSE(verify_password(hash, "correct horse "));
    EXPECT_NE(hash_password("correct horse", random, cheap), hash_password("correct horse", random, cheap));
}

constexpr std::string_view hashes_of_secret[] = {
    "$2b$04$ZKeeQ17sPJ.fSoPv1FRV4eGE314WTsfY2q2/G53HaCYHcPatClTyi",
    "{BLF-CRYPT}$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "$5$rounds=1000$MSW13Mb/FIy8hnxU$3u0D84ZafdjDANdxU1nUZKhp.5XKnaKWdurTzs6Vj2.",
    "{SHA512-CRYPT}$6$rounds=1000$9G9ys0ZLTDFow2eZ$"
    "jC81mQWpOz0Vxii9PtUCriiR5Gx4nAawy7iI9rnbqNGh2L5SXMT.8U.Z1j.rA6YAAkRAj9WIAJE/X1PfhKQHF0",
    "{crypt}$y$j75$abcdefghijklmnop$vZlXu1XtxOBWRxjOpQqONp1WYfMO0dN.H4xeSMU2ZvC",
    "{MD5-CRYPT}$1$sLfu.HFn$xce79mxmkaCHL6GML65ec.",
    "{SSHA}1G904nLkTkGWjKNnQuB/hpWXC/hzYWx0c2FsdA==",
    "{SSHA256}oBmrdHcA6OZEkkCLeXh71YAerbvhXz1qqwjrPsXmEtNzYWx0c2FsdA==",
    "{SSHA512}aCu7JRc+kLsuEmFs1zTY+AiP7DSGnjjG+dH28Dp+"
    "E5usqoAixeTPihKqZmkWal4mUfp63tqvCAkFV1LKTDFH6XNhbHRzYWx0",
    "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
    "{PLAIN}secret",
};

TEST(PasswordHash, HashesOfOtherSystemsFitAndAreOutdated) {
    for (const auto hash : hashes_of_secret) {
        EXPECT_TRUE(check_hash(hash)) << hash;
        EXPECT_TRUE(verify_password(hash, "secret")) << hash;
        EXPECT_FALSE(verify_password(hash, "Secret")) << hash;
        EXPECT_FALSE(verify_password(hash, std::string_view("secret\0x", 8))) << hash;
        EXPECT_TRUE(needs_rehash(hash)) << hash;
    }
}

TEST(PasswordHash, APasswordThatWasNeverHashedIsKnownAsSuch) {
    EXPECT_EQ(plain_password("{plain}secret"), "secret");
    EXPECT_EQ(plain_password("{CLEARTEXT}{PLAIN}"), "{PLAIN}");
    for (const auto* hash : {"secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{NONE}x"})
        EXPECT_EQ(plain_password(hash), std::nullopt);
}

TEST(PasswordHash, WhatIsNoHashFitsNothingAndIsNotImported) {
    for (const auto* hash :
         {"", "*", "!", "x", "{NONE}x", "{PLAIN}", "{SSHA}", "{SSHA}c2hvcnQ=", "{SHA}****", "$argon2id$", "{",
          "{CRYPT}", "$2y$31$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
          "$6$rounds=99999999$salt$x",
          "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_FALSE(check_hash(hash)) << hash;
        EXPECT_FALSE(verify_password(hash, "")) << hash;
        EXPECT_FALSE(verify_password(hash, "secret")) << hash;
    }
}

TEST(PasswordHash, ACheaperHashOfOursIsMadeAnew) {
    SeededRandom random(1);
    const auto hash = hash_password("x", random, cheap);
    EXPECT_TRUE(needs_rehash(hash));
    EXPECT_FALSE(needs_rehash(hash, cheap));
}

// The examples give what the client proves and what the server signs for the password "pencil".
struct ScramExample {
    Hash hash;
    std::string_view salt, auth_message, proof, signature;
};
constexpr ScramExample scram_examples[] = {
    {Hash::sha1, "QSXCR+Q6sek8bf92",
     "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,"
     "i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
     "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {Hash::sha256, "W22ZaJ0SNY7soEsUEjb6gQ==",
     "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
     "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

TEST(Scram, TheExamplesOfRfc5802Section5AndRfc7677Section3) {
    for (const auto& row : scram_examples) {
        const auto keys = ScramKeys::derive(row.hash, "pencil", *from_base64(row.salt), 4096);
        auto proof = *from_base64(row.proof);
        EXPECT_TRUE(keys.accept(row.auth_message, proof));
        EXPECT_EQ(to_base64(keys.server_signature(row.auth_message)), row.signature);
        proof[3] = static_cast<char>(proof[3] ^ 1);
        EXPECT_FALSE(keys.accept(row.auth_message, proof));
        EXPECT_FALSE(keys.accept(row.auth_message, ""));
        EXPECT_EQ(parse_scram_keys(to_string(keys)), keys);
    }
}

TEST(Scram, DamagedKeysAreRefused) {
    const auto good = to_string(ScramKeys::derive(Hash::sha1, "x", "salt", 4096));
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_scram_keys(good.substr(0, size)));
    EXPECT_FALSE(parse_scram_keys(good + "="));
    EXPECT_FALSE(parse_scram_keys("SCRAM-SHA-1$0:" + good.substr(good.find(':') + 1)));
}

TEST(PreparePassword, TheExamplesOfRfc8265Section4_3) {
    const std::pair<std::string_view, std::string_view> good[] = {
        {"correct horse battery staple", "correct horse battery staple"},
        {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},
        {"πßå", "πßå"},
        {"Jack of ♦s", "Jack of ♦s"},
        {"foo\u1680bar", "foo bar"},
        {"a\u0308\u3000密码", "ä 密码"},
    };
    for (const auto& [typed, prepared] : good)
        EXPECT_EQ(prepare_password(typed)->reveal(), prepared) << typed;
    for (const auto* bad : {"", "my cat is a \tby", "a\x7f", "\xff", "a\u00ad", "\ufdd0", "\u200e"})
        EXPECT_FALSE(prepare_password(bad)) << bad;
    EXPECT_FALSE(prepare_password(std::string(max_password_size + 1, 'a')));
}

TEST(Credentials, ARightPasswordIsRightInEveryForm) {
    SeededRandom random(1);
    const auto credentials = Credentials::make(*prepare_password("\u00e4 1"), random);
    EXPECT_EQ(verify(credentials, "\u00e4 1"), Verdict::right);
    EXPECT_EQ(verify(credentials, "a\u0308\u00a01"), Verdict::right);
    EXPECT_EQ(verify(credentials, "a 1"), Verdict::wrong);
    EXPECT_EQ(verify(credentials, ""), Verdict::wrong);
    EXPECT_EQ(credentials.scram.size(), 2U);
}

TEST(Credentials, AnImportedHashIsOutdatedAndFitsBytesThatNobodyPrepared) {
    EXPECT_EQ(verify({.hash = "{PLAIN}secret", .scram = {}}, "secret"), Verdict::outdated);
    EXPECT_EQ(verify({.hash = "{PLAIN}a\u0308", .scram = {}}, "a\u0308"), Verdict::outdated);
    EXPECT_EQ(verify({.hash = "{PLAIN}\xff", .scram = {}}, "\xff"), Verdict::right);
    EXPECT_EQ(verify({.hash = "{PLAIN}secret", .scram = {}}, "Secret"), Verdict::wrong);
    EXPECT_EQ(verify(nobodys_credentials(), "secret"), Verdict::wrong);
}

TEST(Argon2, HashesGoRoundInTheirNotation) {
    for (const std::string_view text : {"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
                                        "$argon2i$v=16$m=4096,t=3,p=2$c2FsdHNhbHRzYWx0$/////w"}) {
        const auto hash = parse_argon2(text);
        ASSERT_TRUE(hash) << text;
        EXPECT_EQ(to_string(*hash), text);
    }
    for (const std::string_view text :
         {"$argon2d$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=19$m=64,t=1,p=1$x$AAAA",
          "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ", "$argon2id$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA"})
        EXPECT_FALSE(parse_argon2(text)) << text;
}

TEST(Argon2, WhatTheReferenceImplementationMadeIsUnderstood) {
    for (const auto type : {Argon2_i, Argon2_id})
        for (const std::uint32_t lanes : {1U, 2U}) {
            std::array<char, 200> made{};
            ASSERT_EQ(argon2_hash(2, 64, lanes, "correct horse", 13, "salt of 17 bytes.", 17, nullptr, 24,
                                  made.data(), made.size(), type, ARGON2_VERSION_13),
                      ARGON2_OK);
            EXPECT_TRUE(verify_password(made.data(), "correct horse")) << made.data();
            EXPECT_FALSE(verify_password(made.data(), "correct Horse")) << made.data();
        }
}

TEST(Argon2, WhatItDoesNotPermitIsNoHash) {
    EXPECT_FALSE(argon2({.salt = "short", .hash = {}}, "x", 32));
    EXPECT_FALSE(argon2({.salt = "long enough", .hash = {}}, "x", 3));
    EXPECT_FALSE(argon2({.cost = {.passes = 0}, .salt = "long enough", .hash = {}}, "x", 32));
}

// The memory that a hash takes is this process's no longer when it is done.
TEST(Argon2, GivesItsMemoryBack) {
    const auto resident = [] {
        const auto text = read_file("/proc/self/statm").value();
        Scanner in(text);
        in.take_until(" ");
        return in.number() * 4;  // KiB
    };
    SeededRandom random(1);
    constexpr Argon2Cost large{.passes = 1, .memory = 64 * 1024, .lanes = 1};
    const auto before = resident();
    hash_password("x", random, large);
    EXPECT_LT(resident(), before + large.memory / 2);
}

TEST(Certificate, AFingerprintIsReadInTheNotationsOfOpenSslAndBrowsers) {
    const std::string plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(parse_fingerprint(plain), plain);
    EXPECT_EQ(parse_fingerprint("BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:"
                                "B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD"),
              plain);
    for (const auto* wrong : {"", "ba78", "ann.pem", "zz"}) EXPECT_FALSE(parse_fingerprint(wrong)) << wrong;
    for (const auto* wrong : {"", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
        EXPECT_EQ(certificate_fingerprint(wrong).error().kind, Error::Kind::invalid);
}

class NoRandom final : public Random {
public:
    void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
};

// Test case 14 of the GCM specification that NIST SP 800-38D standardises.
TEST(Seal, KnownAnswerOfAes256Gcm) {
    NoRandom random;
    const Seal seal(Secret(std::string(seal_key_size, '\0')));
    EXPECT_EQ(to_hex(seal.close(std::string(16, '\0'), {}, random)),
              "000000000000000000000000"
              "cea7403d4d606b6e074ec5d3baf39d18"
              "d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Seal, OpensWithItsKeyForItsContextUnchangedAndNotOtherwise) {
    SeededRandom random(1);
    const Seal seal(Secret(random.bytes(seal_key_size)));
    const Seal other(Secret(random.bytes(seal_key_size)));
    for (const std::string text : {"", "a", "correct horse battery staple"}) {
        const auto sealed = seal.close(text, "ann@here.test", random);
        EXPECT_EQ(seal.open(sealed, "ann@here.test")->reveal(), text);
        EXPECT_NE(sealed, seal.close(text, "ann@here.test", random));
        EXPECT_EQ(seal.open(sealed, "bob@here.test").error().kind, Error::Kind::corrupt);
        EXPECT_EQ(other.open(sealed, "ann@here.test").error().kind, Error::Kind::corrupt);
        for (std::size_t i = 0; i < sealed.size(); ++i) {
            auto changed = sealed;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            EXPECT_FALSE(seal.open(changed, "ann@here.test")) << i;
            EXPECT_FALSE(seal.open(sealed.substr(0, i), "ann@here.test")) << i;
        }
    }
}

TEST(Seal, AKeyIsMadeOnceForItsOwnerOnlyAndNeverReplaced) {
    namespace fs = std::filesystem;
    const ScratchFolder folder;
    const auto file = folder.path() / "key";
    SeededRandom random(1);
    const auto made = ensure_key(file, random);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->reveal().size(), seal_key_size);
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(ensure_key(file, random)->reveal(), made->reveal());
    for (const std::string_view damaged : {"", "short", "one byte more than a key may have: 33"}) {
        ASSERT_TRUE(write_file(file, damaged));
        EXPECT_EQ(ensure_key(file, random).error().kind, Error::Kind::corrupt);
        EXPECT_EQ(read_file(file), damaged);
    }
}

TEST(Secret, IsEmptyAfterItWasMoved) {
    std::string typed = "short";
    Secret first(std::move(typed));
    EXPECT_TRUE(typed.empty());  // NOLINT(bugprone-use-after-move): that is the promise
    Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), "short");
    EXPECT_TRUE(first.reveal().empty());  // NOLINT(bugprone-use-after-move): so is that
    first = std::move(second);
    EXPECT_EQ(first.reveal(), "short");
}

}  // namespace
}  // namespace hongyan::crypto
