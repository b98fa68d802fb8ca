// Passwords as they are kept. New ones are Argon2id (RFC 9106) in PHC notation; those that come from another
// system are checked by the scheme they were made with. Any thread may call; a check takes tens of
// milliseconds and as many MiB as its hash demands, so sessions leave it to a worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/argon2.h"

namespace hongyan::crypto {

// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". `password` is prepared already.
std::string hash_password(std::string_view password, Random& random, const Argon2Cost& cost = {});

// `hash` is in PHC or crypt(5) notation, or has a scheme in braces before it: {ARGON2ID} {ARGON2I} {CRYPT}
// {BLF-CRYPT} {MD5-CRYPT} {SHA256-CRYPT} {SHA512-CRYPT} {SSHA} {SSHA256} {SSHA512} {SHA} {SHA256} {SHA512}
// {PLAIN} {CLEARTEXT}. A hash that cannot be understood fits no password.
bool verify_password(std::string_view hash, std::string_view password);

// Whether the hash should be made anew at the next chance: another scheme than ours, or cheaper than `cost`.
bool needs_rehash(std::string_view hash, const Argon2Cost& cost = {});

// The password itself, if that is what the hash holds ({PLAIN}, {CLEARTEXT}): better hashed at once than
// kept.
std::optional<std::string_view> plain_password(std::string_view hash);

// Whether verify_password() could ever say yes and would take a bearable time; for import. Invalid if not.
Result<void> check_hash(std::string_view hash);

}  // namespace hongyan::crypto
