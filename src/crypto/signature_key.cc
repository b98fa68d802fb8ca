#include "crypto/signature_key.h"

#include <string>
#include <utility>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "base/lately.h"

namespace hongyan::crypto {

namespace {

constexpr std::size_t ed25519_size = 32;

struct FreeContext {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Bio = std::unique_ptr<BIO, FreeContext>;

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

const EVP_MD* algorithm(Hash hash) {
    switch (hash) {
        case Hash::sha1:
            return EVP_sha1();
        case Hash::sha512:
            return EVP_sha512();
        case Hash::md5:
            return EVP_md5();
        case Hash::sha256:
            break;
    }
    return EVP_sha256();
}

bool prepare(EVP_PKEY_CTX* context, Hash hash) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, algorithm(hash)) == 1;
}

constexpr std::size_t many_keys = 64;  // most mail comes from few domains

KeyContext made_checker(EVP_PKEY* key, Hash hash) {
    KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 || !prepare(context.get(), hash)) return nullptr;
    return context;
}

// What OpenSSL needs to check signatures of a key, or null if there can be none: to make it takes half as
// long as to check one. Each holds its key, so that an address means the same key as long as it is here.
EVP_PKEY_CTX* checker(EVP_PKEY* key, Hash hash) {
    thread_local Lately<std::pair<EVP_PKEY*, Hash>, KeyContext> checkers(many_keys);
    const std::pair name(key, hash);
    if (const auto* const known = checkers.find(name)) return known->get();
    auto made = made_checker(key, hash);
    return made ? checkers.keep(name, std::move(made)).get() : nullptr;
}

bool verify_rsa(EVP_PKEY* key, Hash hash, std::string_view digest, std::string_view signature) {
    auto* const context = checker(key, hash);
    return context != nullptr &&
           EVP_PKEY_verify(context, octets(signature), signature.size(), octets(digest), digest.size()) == 1;
}

bool verify_ed25519(EVP_PKEY* key, std::string_view digest, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(digest),
                            digest.size()) == 1;
}

std::string sign_rsa(EVP_PKEY* key, Hash hash, std::string_view digest) {
    const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    check(context && EVP_PKEY_sign_init(context.get()) == 1 && prepare(context.get(), hash),
          "a key can sign");
    auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
    std::string out(size, '\0');
    check(EVP_PKEY_sign(context.get(), octets(out), &size, octets(digest), digest.size()) == 1,
          "a key signs");
    out.resize(size);
    return out;
}

std::string sign_ed25519(EVP_PKEY* key, std::string_view digest) {
    const DigestContext context(EVP_MD_CTX_new());
    auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
    std::string out(size, '\0');
    check(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), octets(out), &size, octets(digest), digest.size()) == 1,
          "a key signs");
    out.resize(size);
    return out;
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

namespace {

// All keys in use have 3 or 65537. A large one makes checks take a hundred times as long.
bool has_small_exponent(const EVP_PKEY* key) {
    constexpr int most_bits = 64;
    BIGNUM* exponent = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return false;
    const int bits = BN_num_bits(exponent);
    BN_free(exponent);
    return bits <= most_bits;
}

OwnedKey read_rsa(std::string_view der) {
    const auto* at = octets(der);
    OwnedKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    if (!key) {
        at = octets(der);
        key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
    }
    if (key && (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || !has_small_exponent(key.get())))
        key.reset();
    ERR_clear_error();
    return key;
}

OwnedKey shared(const OwnedKey& key) {
    EVP_PKEY_up_ref(key.get());
    return OwnedKey(key.get());
}

constexpr std::size_t longest_kept = 1'100;  // octets of one: 8192 bits

// Reading a key takes OpenSSL 3 as long as checking a signature does. Some 3 KB each.
OwnedKey rsa_key(std::string_view der) {
    thread_local Lately<std::string, OwnedKey> keys(many_keys);
    if (const auto* const known = keys.find(der)) return shared(*known);
    auto key = read_rsa(der);
    return key && der.size() <= longest_kept ? shared(keys.keep(std::string(der), std::move(key)))
                                             : std::move(key);
}

}  // namespace

Result<PublicKey> PublicKey::rsa(std::string_view der) {
    auto key = rsa_key(der);
    if (!key) return fail(Error::Kind::invalid, "this is no RSA key");
    return PublicKey(KeyType::rsa, std::move(key));
}

Result<PublicKey> PublicKey::ed25519(std::string_view bytes) {
    if (bytes.size() != ed25519_size)
        return fail(Error::Kind::invalid, "an Ed25519 key has {} octets, not {}", ed25519_size, bytes.size());
    OwnedKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size()));
    ERR_clear_error();
    if (!key) return fail(Error::Kind::invalid, "this is no Ed25519 key");
    return PublicKey(KeyType::ed25519, std::move(key));
}

unsigned PublicKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())); }

bool PublicKey::verify(Hash hash, std::string_view digest, std::string_view signature) const {
    const bool good = type_ == KeyType::rsa ? verify_rsa(key_.get(), hash, digest, signature)
                                            : verify_ed25519(key_.get(), digest, signature);
    ERR_clear_error();
    return good;
}

PrivateKey PrivateKey::generate_rsa(unsigned bits) {
    OwnedKey key(EVP_RSA_gen(bits));
    check(key != nullptr, "an RSA key can be made");
    return {KeyType::rsa, std::move(key)};
}

PrivateKey PrivateKey::generate_ed25519() {
    OwnedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    check(key != nullptr, "an Ed25519 key can be made");
    return {KeyType::ed25519, std::move(key)};
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const auto no_password = [](char*, int, int, void*) { return -1; };
    OwnedKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key) return fail(Error::Kind::invalid, "this is no private key in PEM, or it has a password");
    switch (EVP_PKEY_get_base_id(key.get())) {
        case EVP_PKEY_RSA:
            return PrivateKey(KeyType::rsa, std::move(key));
        case EVP_PKEY_ED25519:
            return PrivateKey(KeyType::ed25519, std::move(key));
        default:
            return fail(Error::Kind::unsupported, "a key is to be of RSA or Ed25519");
    }
}

unsigned PrivateKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())); }

Secret PrivateKey::to_pem() const {
    const Bio out(BIO_new(BIO_s_secmem()));
    check(out && PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1,
          "a key can be written");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

std::string PrivateKey::public_octets() const {
    if (type_ == KeyType::ed25519) {
        std::string out(ed25519_size, '\0');
        std::size_t size = out.size();
        check(EVP_PKEY_get_raw_public_key(key_.get(), octets(out), &size) == 1, "a key has a public half");
        return out;
    }
    const int size = i2d_PUBKEY(key_.get(), nullptr);
    check(size > 0, "a key has a public half");
    std::string out(static_cast<std::size_t>(size), '\0');
    auto* at = octets(out);
    i2d_PUBKEY(key_.get(), &at);
    return out;
}

std::string PrivateKey::sign(Hash hash, std::string_view digest) const {
    return type_ == KeyType::rsa ? sign_rsa(key_.get(), hash, digest) : sign_ed25519(key_.get(), digest);
}

}  // namespace hongyan::crypto
