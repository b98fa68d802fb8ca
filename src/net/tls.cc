#include "net/tls.h"

#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace hongyan::net {

void SslDeleter::operator()(SSL* ssl) const { SSL_free(ssl); }

Error tls_error(std::string_view doing) {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return {Error::Kind::io, fmt::format("{}: {}", doing, reason != nullptr ? reason : "no reason given")};
}

namespace {

Result<void> use_files(SSL_CTX* context, const TlsFiles& files) {
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
        return std::unexpected(
            tls_error(fmt::format("cannot use the certificate {}", files.certificate.string())));
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return std::unexpected(tls_error(fmt::format("cannot use the key {} of certificate {}",
                                                     files.key.string(), files.certificate.string())));
    return {};
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Our order of signatures counts, and it has ECDSA with P-256 first. No renegotiation: nobody needs it.
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION);
    // An idle session keeps no buffers, and a write may go on from another address.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Tickets keep the state with the client, so we need no cache; the id tells our sessions from those of
    // others.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    constexpr std::array<unsigned char, 7> id{'h', 'o', 'n', 'g', 'y', 'a', 'n'};
    SSL_CTX_set_session_id_context(context, id.data(), static_cast<unsigned>(id.size()));
}

// The keys that seal tickets: 16 bytes of name, 32 for HMAC, 32 for AES (SSL_CTX_set_tlsext_ticket_keys(3)).
constexpr std::size_t ticket_keys_size = 80;

void inherit_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
    std::array<unsigned char, ticket_keys_size> keys{};
    if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), keys.size()) == 1)
        SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), keys.size());
    OPENSSL_cleanse(keys.data(), keys.size());
}

// RFC 9266 §4.2. In TLS 1.2 it binds only with the extended master secret (RFC 7627).
std::string exporter_of(SSL* ssl) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::array<unsigned char, 32> out{};
    if (SSL_get_extms_support(ssl) != 1 && SSL_version(ssl) < TLS1_3_VERSION) return {};
    if (SSL_export_keying_material(ssl, out.data(), out.size(), label.data(), label.size(), nullptr, 0, 1) !=
        1)
        return {};
    return {out.begin(), out.end()};
}

// RFC 5929 §3.1: the first Finished message of the handshake. The client's comes first, unless a session is
// resumed.
std::string unique_of(SSL* ssl) {
    if (SSL_version(ssl) >= TLS1_3_VERSION || SSL_get_extms_support(ssl) != 1) return {};
    std::array<char, EVP_MAX_MD_SIZE> out{};
    const auto size = SSL_session_reused(ssl) == 1 ? SSL_get_finished(ssl, out.data(), out.size())
                                                   : SSL_get_peer_finished(ssl, out.data(), out.size());
    return {out.data(), size};
}

// RFC 5929 §4.1: the hash that signed the certificate, but SHA-256 instead of MD5 and SHA-1.
std::string server_end_point_of(SSL* ssl) {
    X509* const certificate = SSL_get_certificate(ssl);
    int digest = NID_undef;
    if (certificate == nullptr ||
        X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1)
        return {};
    const auto* hash = EVP_get_digestbynid(digest);
    if (hash == nullptr || digest == NID_md5 || digest == NID_sha1) hash = EVP_sha256();
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (X509_digest(certificate, hash, out.data(), &size) != 1) return {};
    return {out.begin(), out.begin() + size};
}

}  // namespace

TlsFacts facts_of(SSL* ssl) {
    return {.description = fmt::format("{} {}", SSL_get_version(ssl), SSL_get_cipher_name(ssl)),
            .exporter = exporter_of(ssl),
            .unique = unique_of(ssl),
            .server_end_point = server_end_point_of(ssl)};
}

Result<TlsContext::Context> TlsContext::make(const std::vector<TlsFiles>& files) {
    const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) return std::unexpected(tls_error("cannot begin with TLS"));
    set_rules(context.get());
    for (const auto& pair : files) TRY(use_files(context.get(), pair));
    return context;
}

Result<std::unique_ptr<TlsContext>> TlsContext::load(const std::vector<TlsFiles>& files) {
    TRY(auto context, make(files));
    return std::unique_ptr<TlsContext>(new TlsContext(std::move(context)));
}

Result<void> TlsContext::reload(const std::vector<TlsFiles>& files) {
    TRY(auto fresh, make(files));
    const std::lock_guard lock(mutex_);
    inherit_ticket_keys(context_.get(), fresh.get());
    context_ = std::move(fresh);
    return {};
}

Result<SslPointer> TlsContext::accept_on(int descriptor) const {
    const std::lock_guard lock(mutex_);
    SslPointer ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1)
        return std::unexpected(tls_error("cannot begin a TLS session"));
    SSL_set_accept_state(ssl.get());
    return ssl;
}

}  // namespace hongyan::net
