#include "net/test_certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "net/tls.h"

namespace hongyan::net {

namespace {

constexpr std::chrono::days authority_lifetime{3650};
constexpr std::chrono::days server_lifetime{825};  // the longest that Apple's clients take
constexpr std::chrono::days renewed_before{30};
constexpr std::chrono::hours slack{1};  // for clients whose clock is slow

template <auto Free>
struct Freer {
    template <typename Thing>
    void operator()(Thing* thing) const {
        Free(thing);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

// A certificate with its key.
struct Identity {
    Key key;
    Certificate certificate;
};

struct Demand {
    std::string name;
    std::chrono::days lifetime;
    std::vector<std::pair<int, std::string>> extensions;
};

Result<void> add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
        return std::unexpected(tls_error(fmt::format("cannot put '{}' into a certificate", value)));
    return {};
}

// RFC 5280 §4.1.2.2: positive, at most 20 bytes, and not to be guessed.
void set_random_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    bytes[0] &= 0x7fU;
    const std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

void set_validity(X509* certificate, std::chrono::days lifetime, const Clock& clock) {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock.now());
    ASN1_TIME_set(X509_getm_notBefore(certificate), (now - slack).time_since_epoch().count());
    ASN1_TIME_set(X509_getm_notAfter(certificate), (now + lifetime).time_since_epoch().count());
}

void set_subject(X509* certificate, const std::string& name) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
}

// Signed by the issuer, or by itself if there is none.
Result<Identity> make_identity(const Demand& demand, const Identity* issuer, const Clock& clock) {
    Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
    if (!made.key || !made.certificate) return std::unexpected(tls_error("cannot make a key"));
    auto* const certificate = made.certificate.get();
    const auto& signer = issuer != nullptr ? *issuer : made;
    X509_set_version(certificate, X509_VERSION_3);
    set_random_serial(certificate);
    set_validity(certificate, demand.lifetime, clock);
    set_subject(certificate, demand.name);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
    X509_set_pubkey(certificate, made.key.get());
    for (const auto& [kind, value] : demand.extensions)
        TRY(add_extension(certificate, signer.certificate.get(), kind, value));
    if (X509_sign(certificate, signer.key.get(), EVP_sha256()) == 0)
        return std::unexpected(tls_error("cannot sign a certificate"));
    return made;
}

std::string text_of(const Bio& bio) {
    char* start = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &start);
    return {start, static_cast<std::size_t>(size)};
}

std::string certificate_text(const Identity& identity) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), identity.certificate.get());
    return text_of(bio);
}

// Key and certificate in one file, so that no crash can part them.
std::string whole_text(const Identity& identity) {
    const Bio bio(BIO_new(BIO_s_secmem()));
    PEM_write_bio_PKCS8PrivateKey(bio.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio) + certificate_text(identity);
}

Result<Identity> read_identity(const std::filesystem::path& path) {
    TRY(const auto text, read_file(path));
    const auto open = [&] { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); };
    Identity identity{Key(PEM_read_bio_PrivateKey(open().get(), nullptr, nullptr, nullptr)),
                      Certificate(PEM_read_bio_X509(open().get(), nullptr, nullptr, nullptr))};
    if (!identity.key || !identity.certificate)
        return std::unexpected(tls_error(fmt::format("cannot read {}", path.string())));
    return identity;
}

Result<Identity> ensure_authority(const std::filesystem::path& folder, const Clock& clock) {
    const auto secret = folder / "ca-key.pem";
    if (!std::filesystem::exists(secret)) {
        const Demand demand{.name = "Hongyan test CA",
                            .lifetime = authority_lifetime,
                            .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                           {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                           {NID_subject_key_identifier, "hash"}}};
        TRY(const auto made, make_identity(demand, nullptr, clock));
        TRY(write_file(secret, whole_text(made), Mode::secret));
    }
    TRY(auto authority, read_identity(secret));
    if (!std::filesystem::exists(folder / "ca.pem"))
        TRY(write_file(folder / "ca.pem", certificate_text(authority)));
    return authority;
}

bool still_fits(const Identity& server, const Identity& authority, const std::string& host,
                const Clock& clock) {
    auto* const certificate = server.certificate.get();
    auto soon = std::chrono::system_clock::to_time_t(clock.now() + renewed_before);
    return X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1 &&
           X509_cmp_time(X509_get0_notAfter(certificate), &soon) > 0 &&
           X509_verify(certificate, authority.key.get()) == 1;
}

}  // namespace

Result<TestCertificate> ensure_test_certificate(const std::filesystem::path& folder, const std::string& host,
                                                const Clock& clock) {
    const TestCertificate files{folder / "ca.pem", folder / "server.pem"};
    TRY(const auto authority, ensure_authority(folder, clock));
    if (std::filesystem::exists(files.server)) {
        TRY(const auto server, read_identity(files.server));
        if (still_fits(server, authority, host, clock)) return files;
    }
    const Demand demand{.name = host,
                        .lifetime = server_lifetime,
                        .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                       {NID_key_usage, "critical,digitalSignature"},
                                       {NID_ext_key_usage, "serverAuth"},
                                       {NID_subject_key_identifier, "hash"},
                                       {NID_authority_key_identifier, "keyid:always"},
                                       {NID_subject_alt_name,
                                        fmt::format("DNS:{},DNS:localhost,IP:127.0.0.1,IP:::1", host)}}};
    TRY(const auto server, make_identity(demand, &authority, clock));
    TRY(write_file(files.server, whole_text(server), Mode::secret));
    return files;
}

}  // namespace hongyan::net
