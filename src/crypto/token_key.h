// Public keys that check the signatures of tokens (RFC 7518 §3): RS256, ES256, and EdDSA with Ed25519 (RFC
// 8037).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "crypto/signature_key.h"

namespace hongyan::crypto {

enum class TokenAlgorithm : std::uint8_t { rs256, es256, eddsa };

// Any thread.
class TokenKey {
public:
    static constexpr unsigned least_rsa_bits = 2048;   // RFC 7518 §3.3
    static constexpr unsigned most_rsa_bits = 16'384;  // a signature of more would take too long

    // Modulus and exponent, unsigned and with the most significant octet first (RFC 7518 §6.3.1). Invalid if
    // that is no key of a size that we take.
    static Result<TokenKey> rsa(std::string_view modulus, std::string_view exponent);
    // The coordinates of a point of P-256, 32 octets each (RFC 7518 §6.2.1). Invalid if it is not on the
    // curve.
    static Result<TokenKey> p256(std::string_view x, std::string_view y);
    // 32 octets (RFC 8037 §2). Invalid otherwise.
    static Result<TokenKey> ed25519(std::string_view x);

    TokenAlgorithm algorithm() const { return algorithm_; }
    // `signature` as a token carries it: for ES256 the two numbers, 32 octets each (RFC 7518 §3.4).
    bool verify(std::string_view message, std::string_view signature) const;

private:
    TokenKey(TokenAlgorithm algorithm, OwnedKey key) : algorithm_(algorithm), key_(std::move(key)) {}
    TokenAlgorithm algorithm_;
    OwnedKey key_;
};

}  // namespace hongyan::crypto
