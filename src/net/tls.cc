#include "net/tls.h"

#include <algorithm>
#include <array>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "base/file.h"

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

// A client whose certificate is worth nothing may still have a password: the session goes on and knows of
// none.
int verify_but_go_on(X509_STORE_CTX* chain, void* /*unused*/) {
    if (X509_verify_cert(chain) != 1 && X509_STORE_CTX_get_error(chain) == X509_V_OK)
        X509_STORE_CTX_set_error(chain, X509_V_ERR_UNSPECIFIED);
    return 1;
}

Result<void> use_authorities(SSL_CTX* context, const std::filesystem::path& file) {
    ERR_clear_error();
    auto* const names = SSL_load_client_CA_file(file.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return std::unexpected(tls_error(fmt::format("cannot use the authorities in {}", file.string())));
    }
    SSL_CTX_set_client_CA_list(context, names);  // clients choose by it; takes the list over
    SSL_CTX_set_cert_verify_callback(context, verify_but_go_on, nullptr);
    return {};
}

// The keys that seal tickets: 16 bytes of name, 32 for HMAC, 32 for AES (SSL_CTX_set_tlsext_ticket_keys(3)).
constexpr std::size_t ticket_keys_size = 80;

void inherit_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
    std::array<unsigned char, ticket_keys_size> keys{};
    if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), keys.size()) == 1)
        SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), keys.size());
    OPENSSL_cleanse(keys.data(), keys.size());
}

using Context = std::shared_ptr<SSL_CTX>;

Result<Context> make_context(const std::vector<TlsFiles>& files,
                             const std::filesystem::path& client_authorities) {
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) return std::unexpected(tls_error("cannot begin with TLS"));
    set_rules(context.get());
    for (const auto& pair : files) TRY(use_files(context.get(), pair));
    if (!client_authorities.empty()) TRY(use_authorities(context.get(), client_authorities));
    return context;
}

// The contexts of other names belong to the context that handshakes begin with, and live as long.
using Others = std::vector<Context>;

void forget_others(void* /*context*/, void* others, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*unused*/,
                   void* /*unused*/) {
    delete static_cast<Others*>(others);  // NOLINT(*-owning-memory): given to OpenSSL by keep_others
}

int index_of_others() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &forget_others);
    return index;
}

bool is_for(SSL_CTX* context, std::string_view host) {
    X509* const certificate = SSL_CTX_get0_certificate(context);
    return certificate != nullptr && X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
}

// RFC 6066 §3. Who asks for a name that is nobody's gets our certificate and may judge by himself.
int choose_by_name(SSL* ssl, int* /*alert*/, void* /*unused*/) {
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    auto* const own = SSL_get_SSL_CTX(ssl);
    if (is_for(own, name)) return SSL_TLSEXT_ERR_OK;
    const auto* const others = static_cast<const Others*>(SSL_CTX_get_ex_data(own, index_of_others()));
    const auto found =
        std::ranges::find_if(*others, [name](const Context& context) { return is_for(context.get(), name); });
    if (found == others->end()) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, found->get());
    return SSL_TLSEXT_ERR_OK;
}

void keep_others(SSL_CTX* context, Others others) {
    if (others.empty()) return;
    auto kept = std::make_unique<Others>(std::move(others));
    if (SSL_CTX_set_ex_data(context, index_of_others(), kept.get()) != 1) return;
    (void)kept.release();  // forget_others will free it
    SSL_CTX_set_tlsext_servername_callback(context, &choose_by_name);
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

// Text of a certificate; empty if there is none, or a NUL in it, with which some make one name look like
// another.
std::string text_of(const ASN1_STRING* string) {
    if (string == nullptr) return {};
    const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                           static_cast<std::size_t>(ASN1_STRING_length(string)));
    return text.contains('\0') ? std::string() : text;
}

std::string mailbox_of(const GENERAL_NAME* name) {
    if (name->type == GEN_EMAIL) return text_of(name->d.rfc822Name);
    if (name->type != GEN_OTHERNAME) return {};
    const auto* const other = name->d.otherName;
    const bool is_mailbox =
        OBJ_obj2nid(other->type_id) == NID_id_on_SmtpUTF8Mailbox && other->value->type == V_ASN1_UTF8STRING;
    return is_mailbox ? text_of(other->value->value.utf8string) : std::string();
}

std::vector<std::string> mailboxes_of(const X509* certificate) {
    std::vector<std::string> mailboxes;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i)
        if (auto mailbox = mailbox_of(sk_GENERAL_NAME_value(names.get(), i)); !mailbox.empty())
            mailboxes.push_back(std::move(mailbox));
    return mailboxes;
}

// A resumed session brings the certificate of its first handshake, which may have ended since.
bool is_good(SSL* ssl, const X509* certificate) {
    return SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

std::optional<PeerCertificate> certificate_of(SSL* ssl) {
    const auto* const certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr || SSL_is_server(ssl) == 0 || !is_good(ssl, certificate)) return std::nullopt;
    std::string hash(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(hash.data()), &size) != 1)
        return std::nullopt;
    hash.resize(size);
    return PeerCertificate{.fingerprint = to_hex(hash), .addresses = mailboxes_of(certificate)};
}

}  // namespace

TlsFacts facts_of(SSL* ssl) {
    return {.description = fmt::format("{} {}", SSL_get_version(ssl), SSL_get_cipher_name(ssl)),
            .exporter = exporter_of(ssl),
            .unique = unique_of(ssl),
            .server_end_point = server_end_point_of(ssl),
            .certificate = certificate_of(ssl)};
}

Result<TlsContext::Loaded> TlsContext::make(const std::vector<TlsFiles>& files,
                                            const std::filesystem::path& client_authorities,
                                            const std::vector<TlsFiles>& others) {
    TRY(const auto context, make_context(files, client_authorities));
    Others by_name;
    for (const auto& pair : others) {
        TRY(auto other, make_context({pair}, client_authorities));
        by_name.push_back(std::move(other));
    }
    keep_others(context.get(), std::move(by_name));
    Loaded loaded{.context = context, .authorities = {}};
    if (!client_authorities.empty()) {
        TRY(loaded.authorities, read_file(client_authorities));
    }
    return loaded;
}

Result<std::unique_ptr<TlsContext>> TlsContext::load(const std::vector<TlsFiles>& files,
                                                     const std::filesystem::path& client_authorities,
                                                     const std::vector<TlsFiles>& others) {
    TRY(auto loaded, make(files, client_authorities, others));
    return std::unique_ptr<TlsContext>(new TlsContext(std::move(loaded)));
}

Result<void> TlsContext::reload(const std::vector<TlsFiles>& files,
                                const std::filesystem::path& client_authorities,
                                const std::vector<TlsFiles>& others) {
    TRY(auto fresh, make(files, client_authorities, others));
    const std::lock_guard lock(mutex_);
    if (fresh.authorities == loaded_.authorities)
        inherit_ticket_keys(loaded_.context.get(), fresh.context.get());
    loaded_ = std::move(fresh);
    return {};
}

Result<SslPointer> TlsContext::accept_on(int descriptor, ClientCertificate certificate) const {
    const std::lock_guard lock(mutex_);
    SslPointer ssl(SSL_new(loaded_.context.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1)
        return std::unexpected(tls_error("cannot begin a TLS session"));
    if (certificate == ClientCertificate::asked && !loaded_.authorities.empty())
        SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
    SSL_set_accept_state(ssl.get());
    return ssl;
}

}  // namespace hongyan::net
