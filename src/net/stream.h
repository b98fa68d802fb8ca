// A connection as a session's loop sees it: bytes come, bytes go, and every wait ends.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/task.h"

namespace hongyan::net {

class TlsContext;
class TlsClientContext;
struct TlsDemand;
struct OutwardTls;
struct TlsFailure;

// Whether a client is asked for a certificate. Whether he has one is his business.
enum class ClientCertificate { not_asked, asked };

// A client's certificate, of which he has the key.
struct PeerCertificate {
    std::string fingerprint;  // SHA-256 of the whole, in lower-case hexadecimal
    std::vector<std::string>
        addresses;  // its rfc822Name (RFC 5280 §4.2.1.6) and SmtpUTF8Mailbox (RFC 9598 §3)

    friend bool operator==(const PeerCertificate&, const PeerCertificate&) = default;
};

// What is to be known about a TLS session. All empty in plain text.
struct TlsFacts {
    std::string description = {};                     // "TLSv1.3 TLS_AES_256_GCM_SHA384"
    std::string exporter = {};                        // the channel binding tls-exporter (RFC 9266 §4.2)
    std::string unique = {};                          // tls-unique (RFC 5929 §3), which TLS 1.3 has not
    std::string server_end_point = {};                // tls-server-end-point (RFC 5929 §4)
    std::optional<PeerCertificate> certificate = {};  // only if our authorities vouch for it, today
};

// What came of waiting for the peer.
struct Incoming {
    enum class Kind { bytes, closed, timed_out, interrupted, failed };
    Kind kind = Kind::bytes;
    // In a buffer that the whole thread shares: valid until this thread waits again, so hand it on at once.
    std::string_view bytes;
};

// Belongs to one thread and one task; interrupt() is for others on the same thread. One read or write at a
// time.
class Stream {
public:
    virtual ~Stream() = default;

    virtual Task<Incoming> read(Deadline deadline) = 0;

    // Returns when all bytes have been handed over; `unavailable` at the deadline, `io` when the peer is
    // gone. The bytes must stay until then.
    virtual Task<Result<void>> write(std::string_view bytes, Deadline deadline) = 0;

    // Lets the peer's system know that all has been read. For a peer who is in the middle of something and to
    // whom nothing is said yet: many send the end of a command by itself, and their system holds it back
    // until the part before is acknowledged (RFC 896), while ours holds the acknowledgment back until there
    // is something to say (RFC 1122 §4.2.3.2). Both would wait some 40 ms.
    virtual void acknowledge() = 0;

    // Becomes the server side of TLS. What follows is encrypted.
    virtual Task<Result<void>> secure(const TlsContext& context, ClientCertificate certificate,
                                      Deadline deadline) = 0;

    // Becomes the client side of TLS. If it fails, nothing more may be said here: close or abort it. Without
    // a failure the demand is met.
    virtual Task<std::expected<OutwardTls, TlsFailure>> secure_outward(const TlsClientContext& context,
                                                                       TlsDemand demand,
                                                                       Deadline deadline) = 0;

    // Says goodbye and waits for the peer to do so too, so that it receives our last words (a close with
    // unread input would take them back: RFC 9112 §9.6 describes it for HTTP).
    virtual Task<> close(Deadline deadline) = 0;

    // Ends a read() that is waiting with `interrupted`; otherwise nothing happens.
    virtual void interrupt() = 0;
    // Breaks the connection: whatever waits, and whatever comes after, fails.
    virtual void abort() = 0;

    // Has the peer gone, or is the connection broken? Asked while the peer is not being read. What it has
    // said last and nobody has read yet hides that.
    virtual bool is_gone() = 0;

    // Of the TLS session as it is now.
    virtual TlsFacts tls_facts() const = 0;
};

}  // namespace hongyan::net
