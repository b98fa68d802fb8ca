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

}  // namespace

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
