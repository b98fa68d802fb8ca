// Records of keys in DNS (RFC 6376 §3.6.1, RFC 8463 §4).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signature_key.h"
#include "verify/signature.h"

namespace hongyan::verify {

// What a signature is for, and so which of the services that a key is for it may use (s=).
enum class KeyService {
    mail,
    tls_reports,  // RFC 8460 §3: keys for mail are good for these, too
};

struct DkimKey {
    crypto::KeyType type = crypto::KeyType::rsa;
    std::string octets = {};               // p=, decoded; empty: the key has been revoked
    std::vector<std::string> hashes = {};  // h=; empty: all
    bool testing = false;                  // t=y
    bool exact_domain = false;             // t=s: i= has the domain of d= itself

    // What is wrong, for a person; a key for other services is wrong too.
    static std::expected<DkimKey, std::string> parse(std::string_view record,
                                                     KeyService service = KeyService::mail);
    std::string to_record() const;
};

// The key, if it is fit for the algorithm (RFC 6376 §6.1.2, RFC 8301 §3.2): RSA of 1024 to 8192 bits, or
// Ed25519.
std::expected<crypto::PublicKey, std::string> usable_key(const DkimKey& record, const Algorithm& algorithm);

// How often a public key may still be tried on one mail: to write many signatures costs nothing, to check
// them does.
struct KeyChecks {
    unsigned left;

    bool take() { return left != 0 && left-- != 0; }
};

}  // namespace hongyan::verify
