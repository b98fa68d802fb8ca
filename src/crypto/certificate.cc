#include "crypto/certificate.h"

#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/ascii.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace hongyan::crypto {

Result<std::string> certificate_fingerprint(std::string_view pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr), X509_free);
    ERR_clear_error();
    std::string hash(digest_size(Hash::sha256), '\0');
    if (!certificate || X509_digest(certificate.get(), EVP_sha256(),
                                    reinterpret_cast<unsigned char*>(hash.data()), nullptr) != 1)
        return fail(Error::Kind::invalid, "this is no certificate in PEM");
    return to_hex(hash);
}

Result<std::string> parse_fingerprint(std::string_view text) {
    std::string digits = ascii::to_lower(text);
    std::erase(digits, ':');
    const auto bytes = from_hex(digits);
    if (!bytes || bytes->size() != digest_size(Hash::sha256))
        return fail(Error::Kind::invalid, "\"{}\" is no SHA-256 fingerprint", text);
    return digits;
}

}  // namespace hongyan::crypto
