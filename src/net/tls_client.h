// The client's side of TLS: what we demand of a server's certificate, and what we found.
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "dns/record.h"
#include "net/tls.h"

using SSL_SESSION = struct ssl_session_st;

namespace hongyan::net {

// How a server must prove who it is, before anything else is said to it.
enum class Verify {
    none,  // encrypted to whomever (RFC 7435)
    pkix,  // a certificate for its name, from an authority we trust (RFC 9525, RFC 8461 §4.1)
    dane,  // a certificate that fits a TLSA record (RFC 7672 §3)
};

// What the handshake must come to. Never weaker than TLS 1.2 (RFC 8996).
struct TlsDemand {
    Verify verify = Verify::none;
    // What the client asks for (RFC 6066 §3): the host's name; with dane, the TLSA base domain (RFC 7672
    // §8.1).
    std::string server_name;
    // For which the certificate may be beside server_name: with dane, the domain of the mail and where its
    // CNAMEs led (RFC 7672 §3.2.2).
    std::vector<std::string> other_names = {};
    std::vector<dns::Tlsa> tlsa = {};  // with dane, those of the host
};

// What is wrong with a certificate, in the words of reports (RFC 8460 §4.3).
enum class CertificateProblem { none, host_mismatch, expired, not_trusted, no_tlsa_match };

// A handshake that was completed and met the demand.
struct OutwardTls {
    std::string version;  // "TLSv1.3"
    std::string cipher;   // "TLS_AES_256_GCM_SHA384"
    Verify policy = Verify::none;
    // The certificate is good: as demanded, or, where nothing was, by pkix.
    bool verified = false;
    CertificateProblem problem =
        CertificateProblem::none;  // where none was demanded: what it would have been
    std::string explanation;  // of the problem: "the certificate of mx.example.net is for mail.example.net"
    bool resumed = false;     // an earlier handshake with the same demand was taken up
};

struct TlsFailure {
    enum class Kind {
        network,      // the peer was too slow or has gone
        handshake,    // the two could not agree
        certificate,  // it was not what was demanded: `problem` says how
    };
    Kind kind = Kind::network;
    CertificateProblem problem = CertificateProblem::none;
    std::string text;  // for a person
};

// Trusted authorities and sessions to resume. May be used from any thread; outlives the streams.
class TlsClientContext {
public:
    // Authorities in a PEM file; empty: those of the system.
    static Result<std::unique_ptr<TlsClientContext>> make(const std::filesystem::path& authorities = {});
    ~TlsClientContext();
    TlsClientContext(const TlsClientContext&) = delete;
    TlsClientContext& operator=(const TlsClientContext&) = delete;

    // A client's handshake to come on this descriptor, which the caller keeps open.
    Result<SslPointer> connect_on(int descriptor, const TlsDemand& demand) const;

private:
    class Sessions;
    TlsClientContext(std::shared_ptr<SSL_CTX> context, std::unique_ptr<Sessions> sessions);
    std::unique_ptr<Sessions> sessions_;  // the context's callback knows it
    std::shared_ptr<SSL_CTX> context_;
};

// After the handshake: whether the demand was met.
std::expected<OutwardTls, TlsFailure> judge_server(SSL* ssl, const TlsDemand& demand);

}  // namespace hongyan::net
