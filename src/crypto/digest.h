// Hashes and what is made of them: HMAC (RFC 2104) and PBKDF2 (RFC 8018 §5.2). Any thread may call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace hongyan::crypto {

enum class Hash { sha1, sha256, sha512, md5 };  // MD5 is for CRAM-MD5 and APOP only

std::size_t digest_size(Hash hash);  // bytes
std::string digest(Hash hash, std::string_view bytes);
std::string hmac(Hash hash, std::string_view key, std::string_view bytes);

// `size` bytes of key.
Secret pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations,
              std::size_t size);

}  // namespace hongyan::crypto
