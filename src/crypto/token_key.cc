#include "crypto/token_key.h"

#include <string>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace hongyan::crypto {

namespace {

constexpr std::size_t coordinate_size = 32;  // octets

struct Free {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

Owned<BIGNUM> number(std::string_view bytes) {
    return Owned<BIGNUM>(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Null if the parameters make no key.
OwnedKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
    const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        key = nullptr;
    ERR_clear_error();
    return OwnedKey(key);
}

// Ecdsa-Sig-Value in DER, as OpenSSL wants it (RFC 3279 §2.2.3); empty if it is not two numbers.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * coordinate_size) return {};
    auto r = number(signature.substr(0, coordinate_size));
    auto s = number(signature.substr(coordinate_size));
    const Owned<ECDSA_SIG> both(ECDSA_SIG_new());
    if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return {};
    r.release(), s.release();  // both are its own now
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(both.get(), &der);
    if (size <= 0) return {};
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

}  // namespace

Result<TokenKey> TokenKey::rsa(std::string_view modulus, std::string_view exponent) {
    constexpr std::size_t most_exponent = 8;  // octets; all keys in use have three
    if (modulus.size() > most_rsa_bits / 8 || exponent.size() > most_exponent)
        return fail(Error::Kind::invalid, "an RSA key of more than {} bits", most_rsa_bits);
    const auto n = number(modulus);
    const auto e = number(exponent);
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    OwnedKey key;
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1)
        key = make_key("RSA", builder.get());
    if (!key || BN_is_zero(n.get()) || BN_is_one(e.get()) || !BN_is_odd(e.get()))
        return fail(Error::Kind::invalid, "this is no RSA key");
    if (EVP_PKEY_get_bits(key.get()) < static_cast<int>(least_rsa_bits))
        return fail(Error::Kind::invalid, "an RSA key of fewer than {} bits", least_rsa_bits);
    return TokenKey(TokenAlgorithm::rs256, std::move(key));
}

Result<TokenKey> TokenKey::p256(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_size || y.size() != coordinate_size)
        return fail(Error::Kind::invalid, "a coordinate of P-256 has {} octets", coordinate_size);
    const auto point = fmt::format("\x04{}{}", x, y);
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    OwnedKey key;
    if (builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) == 1)
        key = make_key("EC", builder.get());
    if (!key) return fail(Error::Kind::invalid, "this is no point of P-256");
    return TokenKey(TokenAlgorithm::es256, std::move(key));
}

Result<TokenKey> TokenKey::ed25519(std::string_view x) {
    if (x.size() != coordinate_size)
        return fail(Error::Kind::invalid, "an Ed25519 key has {} octets", coordinate_size);
    OwnedKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x), x.size()));
    ERR_clear_error();
    if (!key) return fail(Error::Kind::invalid, "this is no Ed25519 key");
    return TokenKey(TokenAlgorithm::eddsa, std::move(key));
}

bool TokenKey::verify(std::string_view message, std::string_view signature) const {
    std::string der;
    if (algorithm_ == TokenAlgorithm::es256) {
        der = der_of(signature);
        if (der.empty()) return false;
        signature = der;
    }
    const auto* hash = algorithm_ == TokenAlgorithm::eddsa ? nullptr : EVP_sha256();
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    const bool good = context &&
                      EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key_.get()) == 1 &&
                      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                                       message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace hongyan::crypto
