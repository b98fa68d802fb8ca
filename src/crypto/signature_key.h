// Keys that sign and that verify: RSA (RFC 8017 §8.2) and Ed25519 (RFC 8032), over hashes that are there
// already.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

struct evp_pkey_st;

namespace hongyan::crypto {

enum class KeyType { rsa, ed25519 };

struct FreeKey {
    void operator()(evp_pkey_st* key) const;
};
using OwnedKey = std::unique_ptr<evp_pkey_st, FreeKey>;

// Any thread.
class PublicKey {
public:
    // A SubjectPublicKeyInfo or an RSAPublicKey, in DER. Invalid if it is none, or has an exponent of more
    // than 64 bits.
    static Result<PublicKey> rsa(std::string_view der);
    // 32 octets. Invalid if there are more or fewer.
    static Result<PublicKey> ed25519(std::string_view octets);

    KeyType type() const { return type_; }
    unsigned bits() const;
    // Of a digest made with `hash`: RSASSA-PKCS1-v1_5, or PureEdDSA over the digest (RFC 8463 §3).
    bool verify(Hash hash, std::string_view digest, std::string_view signature) const;

private:
    PublicKey(KeyType type, OwnedKey key) : type_(type), key_(std::move(key)) {}
    KeyType type_;
    OwnedKey key_;
};

// Any thread.
class PrivateKey {
public:
    static PrivateKey generate_rsa(unsigned bits);
    static PrivateKey generate_ed25519();
    // PKCS #8 or the older form of RSA, in PEM, without a password. Unsupported for other types of keys.
    static Result<PrivateKey> from_pem(std::string_view pem);

    KeyType type() const { return type_; }
    unsigned bits() const;
    Secret to_pem() const;  // PKCS #8
    // As DNS has it before base64: SubjectPublicKeyInfo in DER, or 32 octets.
    std::string public_octets() const;
    std::string sign(Hash hash, std::string_view digest) const;

private:
    PrivateKey(KeyType type, OwnedKey key) : type_(type), key_(std::move(key)) {}
    KeyType type_;
    OwnedKey key_;
};

}  // namespace hongyan::crypto
