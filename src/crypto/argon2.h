// Argon2 (RFC 9106) over libargon2, in memory that goes back to the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace hongyan::crypto {

struct Argon2Cost {
    std::uint32_t passes = 2;
    std::uint32_t memory = 19 * 1024;  // KiB
    std::uint32_t lanes = 1;
};

enum class Argon2Kind { i, id };

// What a hash says of itself, and the hash.
struct Argon2Hash {
    Argon2Kind kind = Argon2Kind::id;
    std::uint32_t version = 19;
    Argon2Cost cost = {};
    std::string salt;
    std::string hash;
};

// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash", the two in base64 without padding (PHC notation).
std::string to_string(const Argon2Hash& hash);
std::optional<Argon2Hash> parse_argon2(std::string_view text);

// `size` bytes of hash with the kind, version, cost and salt of `like`; nothing if Argon2 permits no such
// hash, or there is no memory for it. Takes the memory that the cost says, for as long as it works.
std::optional<Secret> argon2(const Argon2Hash& like, std::string_view password, std::size_t size);

}  // namespace hongyan::crypto
