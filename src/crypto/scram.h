// What a server keeps of a password for SCRAM, and how a client's proof is checked against it (RFC 5802 §3,
// RFC 7677). The password cannot be computed from it, but can be guessed against it, so it is a secret too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"

namespace hongyan::crypto {

inline constexpr std::uint32_t least_scram_iterations = 4096;  // RFC 7677 §4
inline constexpr std::uint32_t scram_iterations = 10'000;      // ours, for new passwords

struct ScramKeys {
    Hash hash = Hash::sha256;
    std::uint32_t iterations = scram_iterations;
    std::string salt;
    std::string stored_key;
    std::string server_key;

    // `password` is prepared already.
    static ScramKeys derive(Hash hash, std::string_view password, std::string salt, std::uint32_t iterations);

    // Whether the client has the key. `auth_message` joins the messages so far (RFC 5802 §3).
    bool accept(std::string_view auth_message, std::string_view client_proof) const;
    std::string server_signature(std::string_view auth_message) const;

    friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

// "SCRAM-SHA-256$10000:salt$StoredKey:ServerKey", as directories write it (RFC 5803 §3).
std::string to_string(const ScramKeys& keys);
Result<ScramKeys> parse_scram_keys(std::string_view text);

}  // namespace hongyan::crypto
