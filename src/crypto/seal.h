// Texts that must be read again, kept where others may see them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace hongyan::crypto {

inline constexpr std::size_t seal_key_size = 32;

// Encrypts with AES-256 in Galois/Counter Mode (NIST SP 800-38D): who has not the key can neither read nor
// change what was sealed. May be used from any thread.
class Seal {
public:
    // A key of seal_key_size bytes.
    explicit Seal(Secret key);

    // nonce (12 random bytes), ciphertext, tag (16 bytes). `context` says what the text belongs to and is not
    // kept: opened for another, the text is no text.
    std::string close(std::string_view text, std::string_view context, Random& random) const;
    // Corrupt if it was sealed with another key or for another context, or has been changed since.
    Result<Secret> open(std::string_view sealed, std::string_view context) const;

private:
    Secret key_;
};

// The key in this file, which nobody else may read (0600); made if there is none. Corrupt if what is there is
// no key: making another would lose what was sealed with the first.
Result<Secret> ensure_key(const std::filesystem::path& file, Random& random);

}  // namespace hongyan::crypto
