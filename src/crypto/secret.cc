#include "crypto/secret.h"

#include <openssl/crypto.h>

namespace hongyan::crypto {

void wipe(std::string& text) {
    // All that was ever reserved may hold what was once there, the small buffer inside the object included.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hongyan::crypto
