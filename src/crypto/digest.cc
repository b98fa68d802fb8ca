#include "crypto/digest.h"

#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"

namespace hongyan::crypto {

namespace {

constexpr std::array hash_names{"SHA1", "SHA256", "SHA512", "MD5"};

const char* name_of(Hash hash) { return hash_names[static_cast<std::size_t>(hash)]; }

// Fetching walks the providers under a lock, so it is done once and kept for the life of the program.
const EVP_MD* algorithm(Hash hash) {
    static const auto fetched = [] {
        std::array<EVP_MD*, hash_names.size()> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = EVP_MD_fetch(nullptr, hash_names[i], nullptr);
        return all;
    }();
    const auto* md = fetched[static_cast<std::size_t>(hash)];
    check(md != nullptr, "OpenSSL has SHA-1, SHA-256, SHA-512 and MD5");
    return md;
}

EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    check(fetched != nullptr, "OpenSSL has HMAC");
    return fetched;
}

struct FreeMacContext {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::size_t digest_size(Hash hash) { return static_cast<std::size_t>(EVP_MD_get_size(algorithm(hash))); }

std::string digest(Hash hash, std::string_view bytes) {
    std::string out(digest_size(hash), '\0');
    check(EVP_Digest(bytes.data(), bytes.size(), octets(out), nullptr, algorithm(hash), nullptr) == 1,
          "a digest can be computed");
    return out;
}

std::string hmac(Hash hash, std::string_view key, std::string_view bytes) {
    const std::unique_ptr<EVP_MAC_CTX, FreeMacContext> context(EVP_MAC_CTX_new(hmac_algorithm()));
    std::string name = name_of(hash);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
        OSSL_PARAM_construct_end()};
    std::string out(digest_size(hash), '\0');
    std::size_t size = 0;
    // OpenSSL takes a key without bytes for a key that was set before, unless it has an address.
    const auto* start = key.empty() ? octets("") : octets(key);
    check(EVP_MAC_init(context.get(), start, key.size(), parameters) == 1 &&
              EVP_MAC_update(context.get(), octets(bytes), bytes.size()) == 1 &&
              EVP_MAC_final(context.get(), octets(out), &size, out.size()) == 1,
          "an HMAC can be computed");
    return out;
}

Secret pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations,
              std::size_t size) {
    std::string out(size, '\0');
    check(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(salt),
                            static_cast<int>(salt.size()), static_cast<int>(iterations), algorithm(hash),
                            static_cast<int>(size), octets(out)) == 1,
          "a key can be derived");
    return Secret(std::move(out));
}

}  // namespace hongyan::crypto
