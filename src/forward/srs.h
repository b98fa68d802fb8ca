// The Sender Rewriting Scheme: who forwards mail of another domain's sender takes the reverse-path upon
// himself, or the next server finds that we may not send for that domain (SPF, RFC 7208 §11.4). A bounce
// comes back to us and is led to the sender.
//
//   ann@far.test                          forwarded by here.test becomes
//   SRS0=HASH=DAY=far.test=ann@here.test
//
//   SRS0=…@first.test                     which first.test has made, becomes
//   SRS1=HASH=first.test==…@here.test     so that it does not grow with each forwarder
//
// HASH is a keyed hash of what stands behind it, in base32: nobody else can make addresses that we would
// forward to. DAY counts days, modulo 1024, in base32.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "message/address.h"

namespace hongyan::forward {

// Octets of a local part that every server takes (RFC 5321 §4.5.3.1.1). A reverse-path that would be longer
// is not rewritten: some servers would refuse it, and with it the message; unrewritten it may pass by its
// signature.
inline constexpr std::size_t longest_local_part = 64;
inline constexpr std::size_t hash_digits = 6;  // 30 bits, guessed at through SMTP only

// May be used from any thread.
class Srs {
public:
    // The first key makes addresses, all of them check: so that a new key can be put before the old one,
    // which goes when its addresses have expired. At least one, of 16 bytes or more. `lifetime` is how long
    // bounces find the way back: 1 to 500 days.
    explicit Srs(std::vector<crypto::Secret> keys, std::chrono::days lifetime = std::chrono::days(21));

    // The reverse-path under which `forwarder`, a domain of ours, sends on. Errors: too_large.
    Result<message::Address> rewrite(const message::Address& sender, const message::Domain& forwarder,
                                     Instant now) const;

    // Whom a bounce to an address that rewrite() made is for: the sender, or the forwarder before us. Letters
    // may have changed their case on the way. Errors: not_found for what is_rewritten() denies; denied for
    // what we have not made, or not lately; invalid if an address of ours holds no address, which cannot
    // happen.
    Result<message::Address> original(const message::Address& rewritten, Instant now) const;

private:
    std::string hash(const crypto::Secret& key, std::string_view text) const;
    bool is_ours(std::string_view hash, std::string_view text) const;

    std::vector<crypto::Secret> keys_;
    std::chrono::days lifetime_;
};

// Does it look like SRS0 or SRS1, ours or another's?
bool is_rewritten(const message::LocalPart& local_part);

}  // namespace hongyan::forward
