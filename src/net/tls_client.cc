#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace hongyan::net {

namespace {

// OpenSSL 3.3 has a call of its own for times beyond 2038, and 3.4 calls the other one obsolete.
time_t time_of(const SSL_SESSION* session) {
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
    return SSL_SESSION_get_time_ex(session);
#else
    return SSL_SESSION_get_time(session);
#endif
}

constexpr std::size_t most_sessions = 4096;      // some 3 KB each
constexpr long session_lifetime = 2L * 60 * 60;  // seconds
constexpr int security_for_anybody = 1;          // 80 bits and SHA-1: better than no TLS at all (RFC 7435 §3)

struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

void forget_key(void* /*ssl*/, void* key, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*unused*/,
                void* /*unused*/) {
    delete static_cast<std::string*>(key);  // NOLINT(*-owning-memory): given to OpenSSL by mark
}

int index_of_key() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &forget_key);
    return index;
}

int index_of_sessions() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

// What two handshakes must have in common so that one may vouch for the other: all that was demanded.
std::string key_of(const TlsDemand& demand) {
    auto key = fmt::format("{}\n{}", static_cast<int>(demand.verify), demand.server_name);
    for (const auto& name : demand.other_names) key += "\n" + name;
    for (const auto& record : demand.tlsa) key += "\t" + record.to_rdata();
    return key;
}

}  // namespace

// Belongs to all threads.
class TlsClientContext::Sessions {
public:
    void keep(const std::string& key, SSL_SESSION* session) {
        const std::lock_guard lock(mutex_);
        if (sessions_.size() >= most_sessions) sessions_.erase(sessions_.begin());
        sessions_[key].reset(session);
    }
    // TLS 1.3 wants a ticket used once only (RFC 8446 §C.4), so it is taken away.
    Session take(const std::string& key) {
        const std::lock_guard lock(mutex_);
        const auto found = sessions_.find(key);
        if (found == sessions_.end()) return nullptr;
        auto session = std::move(found->second);
        sessions_.erase(found);
        if (time_of(session.get()) + session_lifetime < ::time(nullptr)) return nullptr;
        return session;
    }

    static int on_new_session(SSL* ssl, SSL_SESSION* session) {
        auto* const all =
            static_cast<Sessions*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index_of_sessions()));
        const auto* const key = static_cast<std::string*>(SSL_get_ex_data(ssl, index_of_key()));
        if (all == nullptr || key == nullptr) return 0;
        all->keep(*key, session);
        return 1;  // it is ours now
    }

private:
    std::mutex mutex_;  // guards sessions_
    std::unordered_map<std::string, Session> sessions_;
};

namespace {

Result<void> trust(SSL_CTX* context, const std::filesystem::path& authorities) {
    ERR_clear_error();
    const int done = authorities.empty() ? SSL_CTX_set_default_verify_paths(context)
                                         : SSL_CTX_load_verify_file(context, authorities.c_str());
    if (done == 1) return {};
    return std::unexpected(tls_error(fmt::format("cannot use the authorities in {}", authorities.string())));
}

bool succeeded(int result) { return result == 1; }

// OpenSSL takes a certificate that is for any of them. Only with DANE may a name stand in the subject
// (RFC 7672 §3.2.3); else it is a subjectAltName or none (RFC 8461 §4.1).
bool expect_names(SSL* ssl, const TlsDemand& demand) {
    const unsigned subject = demand.verify == Verify::dane ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | subject);
    if (!demand.server_name.empty() && demand.verify != Verify::dane &&
        !succeeded(SSL_set1_host(ssl, demand.server_name.c_str())))
        return false;
    return std::ranges::all_of(demand.other_names, [&](const std::string& name) {
        return succeeded(SSL_add1_host(ssl, name.c_str()));
    });
}

template <auto Read, auto Free>
bool is_whole(const std::string& der) {
    const auto* place = reinterpret_cast<const unsigned char*>(der.data());
    auto* const thing = Read(nullptr, &place, static_cast<long>(der.size()));
    Free(thing);
    ERR_clear_error();
    return thing != nullptr && place == reinterpret_cast<const unsigned char*>(der.data() + der.size());
}

// Usable, and where it is no digest, what it says it is.
bool can_use(const dns::Tlsa& record) {
    if (!record.is_usable()) return false;
    if (record.matching != 0) return true;
    return record.selector == 0 ? is_whole<&d2i_X509, &X509_free>(record.data)
                                : is_whole<&d2i_PUBKEY, &EVP_PKEY_free>(record.data);
}

// RFC 7672 §3.1.1: with DANE-EE neither names nor dates count.
bool expect_tlsa(SSL* ssl, const TlsDemand& demand) {
    if (SSL_dane_enable(ssl, demand.server_name.c_str()) <= 0) return false;
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    for (const auto& record : demand.tlsa)
        if (can_use(record) && SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching,
                                                 reinterpret_cast<const unsigned char*>(record.data.data()),
                                                 record.data.size()) <= 0)
            return false;
    return true;
}

bool prepare(SSL* ssl, const TlsDemand& demand) {
    if (demand.verify == Verify::dane && !expect_tlsa(ssl, demand)) return false;
    if (demand.verify == Verify::none) SSL_set_security_level(ssl, security_for_anybody);
    if (!demand.server_name.empty() &&
        SSL_set_tlsext_host_name(ssl, demand.server_name.c_str()) != 1)  // NOLINT(*-cstyle-cast)
        return false;
    return expect_names(ssl, demand);
}

void mark(SSL* ssl, std::string key) {
    auto kept = std::make_unique<std::string>(std::move(key));
    if (SSL_set_ex_data(ssl, index_of_key(), kept.get()) == 1) (void)kept.release();  // forget_key frees it
}

}  // namespace

TlsClientContext::TlsClientContext(std::shared_ptr<SSL_CTX> context, std::unique_ptr<Sessions> sessions)
    : sessions_(std::move(sessions)), context_(std::move(context)) {}

TlsClientContext::~TlsClientContext() { SSL_CTX_set_ex_data(context_.get(), index_of_sessions(), nullptr); }

Result<std::unique_ptr<TlsClientContext>> TlsClientContext::make(const std::filesystem::path& authorities) {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context) return std::unexpected(tls_error("cannot begin with TLS"));
    auto* const raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(
        raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // The handshake always ends; judge_server() then says what the certificate is worth, and in what words.
    SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
    if (SSL_CTX_dane_enable(raw) <= 0) return std::unexpected(tls_error("cannot begin with DANE"));
    TRY(trust(raw, authorities));
    auto sessions = std::make_unique<Sessions>();
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_ex_data(raw, index_of_sessions(), sessions.get());
    SSL_CTX_sess_set_new_cb(raw, &Sessions::on_new_session);
    return std::unique_ptr<TlsClientContext>(new TlsClientContext(context, std::move(sessions)));
}

Result<SslPointer> TlsClientContext::connect_on(int descriptor, const TlsDemand& demand) const {
    ERR_clear_error();
    SslPointer ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1 || !prepare(ssl.get(), demand))
        return std::unexpected(tls_error("cannot begin a TLS session"));
    auto key = key_of(demand);
    if (const auto session = sessions_->take(key)) SSL_set_session(ssl.get(), session.get());
    mark(ssl.get(), std::move(key));
    SSL_set_connect_state(ssl.get());
    return ssl;
}

// --- what was found

namespace {

std::string text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// Those a person would look for; a certificate may have hundreds.
std::string names_in(const X509* certificate) {
    constexpr std::size_t enough = 5;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::vector<std::string> found;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
    }
    if (found.empty()) return "no host";
    const bool more = found.size() > enough;
    if (more) found.resize(enough);
    return fmt::format("{}{}", fmt::join(found, ", "), more ? " and others" : "");
}

std::string duration_words(long seconds) {
    constexpr long hour = 3600;
    constexpr long day = 24 * hour;
    if (seconds >= 2 * day) return fmt::format("{} days", seconds / day);
    if (seconds >= 2 * hour) return fmt::format("{} hours", seconds / hour);
    return fmt::format("{} minutes", seconds / 60);
}

// Seconds from a moment in a certificate till now.
long seconds_since(const ASN1_TIME* moment) {
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, moment, nullptr) != 1) return 0;
    return days * 24L * 3600 + seconds;
}

std::string subject_of(const X509* certificate) {
    std::array<char, 256> line{};
    X509_NAME_oneline(X509_get_subject_name(certificate), line.data(), static_cast<int>(line.size()));
    return line.data();
}

// "of mx.example.net", or whose in its chain it is.
std::string about_dates(SSL* ssl, const std::string& host) {
    const auto* const chain = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        const auto* const certificate = sk_X509_value(chain, i);
        const auto whose =
            i == 0 ? fmt::format("the certificate of {}", host)
                   : fmt::format("the certificate of the authority {} of {}", subject_of(certificate), host);
        if (const long ago = seconds_since(X509_get0_notAfter(certificate)); ago > 0)
            return fmt::format("{} expired {} ago", whose, duration_words(ago));
        if (const long ago = seconds_since(X509_get0_notBefore(certificate)); ago < 0)
            return fmt::format("{} begins to be valid in {}", whose, duration_words(-ago));
    }
    return fmt::format("a certificate in the chain of {} has expired", host);
}

struct Finding {
    CertificateProblem problem = CertificateProblem::none;
    std::string text;
};

Finding finding_of(SSL* ssl, const std::string& host) {
    using enum CertificateProblem;
    const auto* const certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr) return {not_trusted, fmt::format("{} has no certificate", host)};
    const long result = SSL_get_verify_result(ssl);
    switch (result) {
        case X509_V_OK:
            return {};
        case X509_V_ERR_HOSTNAME_MISMATCH:
            return {host_mismatch,
                    fmt::format("the certificate of {} is for {}", host, names_in(certificate))};
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return {expired, about_dates(ssl, host)};
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return {not_trusted, fmt::format("the certificate of {} is signed by nobody but itself", host)};
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return {not_trusted,
                    fmt::format("no authority that we trust vouches for the certificate of {}", host)};
        case X509_V_ERR_DANE_NO_MATCH:
            return {no_tlsa_match, fmt::format("the certificate of {} fits none of its TLSA records", host)};
        default:
            return {not_trusted, fmt::format("the certificate of {} is not good: {}", host,
                                             X509_verify_cert_error_string(result))};
    }
}

// RFC 7672 §2.2: when none of the records can be used, TLS is still a must, but nobody can be verified.
bool has_use_for_records(const TlsDemand& demand) { return std::ranges::any_of(demand.tlsa, &can_use); }

}  // namespace

std::expected<OutwardTls, TlsFailure> judge_server(SSL* ssl, const TlsDemand& demand) {
    auto found = finding_of(ssl, demand.server_name);
    const bool by_records = demand.verify == Verify::dane && has_use_for_records(demand);
    const bool must = demand.verify == Verify::pkix || by_records;
    if (must && found.problem != CertificateProblem::none)
        return std::unexpected(
            TlsFailure{TlsFailure::Kind::certificate, found.problem, std::move(found.text)});
    if (demand.verify == Verify::dane && !by_records) found.text = "none of the TLSA records can be used";
    return OutwardTls{.version = SSL_get_version(ssl),
                      .cipher = SSL_get_cipher_name(ssl),
                      .policy = demand.verify,
                      .verified = found.problem == CertificateProblem::none && found.text.empty(),
                      .problem = found.problem,
                      .explanation = std::move(found.text),
                      .resumed = SSL_session_reused(ssl) != 0};
}

}  // namespace hongyan::net
