#include "crypto/signature_key.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace hongyan::crypto {
namespace {

// More than are remembered: each is checked by the key that it was made with, and by no other, at the first
// time and later.
TEST(PublicKey, ManyAreKeptApart) {
    constexpr std::size_t count = 150;
    const std::string digest(32, 'd');
    std::vector<std::string> keys, signatures;
    for (std::size_t i = 0; i < count; ++i) {
        const auto key = PrivateKey::generate_rsa(512);
        keys.push_back(key.public_octets());
        signatures.push_back(key.sign(Hash::sha256, digest));
    }
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < count; ++i) {
            const auto key = PublicKey::rsa(keys[i]);
            ASSERT_TRUE(key);
            EXPECT_EQ(key->bits(), 512);
            EXPECT_TRUE(key->verify(Hash::sha256, digest, signatures[i]));
            EXPECT_FALSE(key->verify(Hash::sha256, digest, signatures[(i + 1) % count]));
        }
}

TEST(PublicKey, OneInUseOutlastsThatItIsForgotten) {
    const std::string digest(32, 'd');
    const auto own = PrivateKey::generate_rsa(512);
    const auto key = PublicKey::rsa(own.public_octets());
    ASSERT_TRUE(key);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(PublicKey::rsa(PrivateKey::generate_rsa(512).public_octets()));
    EXPECT_TRUE(key->verify(Hash::sha256, digest, own.sign(Hash::sha256, digest)));
}

TEST(PublicKey, WhatIsNoneStaysNone) {
    for (int round = 0; round < 2; ++round) {
        EXPECT_FALSE(PublicKey::rsa(""));
        EXPECT_FALSE(PublicKey::rsa("not a key"));
        EXPECT_FALSE(PublicKey::rsa(PrivateKey::generate_ed25519().public_octets()));
    }
}

std::string der(char tag, const std::string& content) {
    std::string out(1, tag);
    if (content.size() >= 128) out += '\x81';
    return out + static_cast<char>(content.size()) + content;
}

// To check a signature by one with a large exponent takes a hundred times as long.
TEST(PublicKey, HasASmallExponent) {
    const auto modulus = der('\x02', '\x7f' + std::string(127, '\x77'));
    const auto with = [&](std::size_t octets) {
        return PublicKey::rsa(der('\x30', modulus + der('\x02', '\x01' + std::string(octets - 1, '\x01'))));
    };
    EXPECT_TRUE(with(1));
    EXPECT_TRUE(with(3));
    EXPECT_TRUE(with(8));
    EXPECT_FALSE(with(9));
    EXPECT_FALSE(with(120));
}

// What is kept of a key between two signatures is for that key and that hash.
TEST(PublicKey, ChecksWithEachHashAndAfterFailures) {
    constexpr std::size_t many = 3;
    const auto one = digest(Hash::sha256, "one"), old = digest(Hash::sha1, "one");
    std::vector<PrivateKey> keys;
    for (std::size_t i = 0; i < many; ++i) keys.push_back(PrivateKey::generate_rsa(512));
    for (std::size_t i = 0; i < many; ++i) {
        const auto known = PublicKey::rsa(keys[i].public_octets()).value();
        const auto other = PublicKey::rsa(keys[(i + 1) % many].public_octets()).value();
        const auto signature = keys[i].sign(Hash::sha256, one);
        EXPECT_TRUE(known.verify(Hash::sha256, one, signature));
        EXPECT_FALSE(other.verify(Hash::sha256, one, signature));
        EXPECT_FALSE(known.verify(Hash::sha1, old, signature));
        EXPECT_FALSE(known.verify(Hash::sha256, one, "short"));
        EXPECT_TRUE(known.verify(Hash::sha1, old, keys[i].sign(Hash::sha1, old)));
        EXPECT_TRUE(known.verify(Hash::sha256, one, signature)) << "what failed before changes nothing";
    }
}

}  // namespace
}  // namespace hongyan::crypto
