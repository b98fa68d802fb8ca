// Certificates and keys, ready for handshakes.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/stream.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace hongyan::net {

struct SslDeleter {
    void operator()(SSL* ssl) const;
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

// PEM files; they may be one and the same.
struct TlsFiles {
    std::filesystem::path certificate;  // the server's first, then its intermediates
    std::filesystem::path key;

    friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// The server's side of TLS 1.2 and 1.3 (RFC 8996: nothing older; RFC 8314 §4). May be used from any thread.
// Sessions keep the certificates they began with; new ones take what was loaded last.
class TlsContext {
public:
    // Several certificates for different kinds of keys: the order of preference is ECDSA before RSA.
    // `client_authorities` is a PEM file with the roots of client certificates; empty: nobody is asked for
    // one. A client that asks for a name (RFC 6066 §3) gets the first of `others` that is for it, if those in
    // `files` are not.
    static Result<std::unique_ptr<TlsContext>> load(const std::vector<TlsFiles>& files,
                                                    const std::filesystem::path& client_authorities = {},
                                                    const std::vector<TlsFiles>& others = {});

    // Reads the files again, or others. On an error the old certificates stay in use. Tickets given out
    // before stay valid, so a reload does not cost every client a full handshake; but not if the authorities
    // have changed, for a ticket says that a certificate was good.
    Result<void> reload(const std::vector<TlsFiles>& files,
                        const std::filesystem::path& client_authorities = {},
                        const std::vector<TlsFiles>& others = {});

    // A server's handshake to come on this descriptor, which the caller keeps open.
    Result<SslPointer> accept_on(int descriptor, ClientCertificate certificate) const;

private:
    struct Loaded {
        std::shared_ptr<SSL_CTX> context;
        std::string authorities;  // PEM; empty if there are none
    };
    explicit TlsContext(Loaded loaded) : loaded_(std::move(loaded)) {}
    static Result<Loaded> make(const std::vector<TlsFiles>& files,
                               const std::filesystem::path& client_authorities,
                               const std::vector<TlsFiles>& others);

    mutable std::mutex mutex_;  // guards loaded_
    Loaded loaded_;
};

TlsFacts facts_of(SSL* ssl);

// What OpenSSL has to say about the last failure of this thread; clears it.
Error tls_error(std::string_view doing);

}  // namespace hongyan::net
