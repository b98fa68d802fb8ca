// Who has signed this message? DomainKeys Identified Mail (RFC 6376, RFC 8301, RFC 8463, RFC 8616 §5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "verify/dkim_key.h"
#include "verify/inquiry.h"
#include "verify/mail.h"

namespace hongyan::verify {

// RFC 8601 §2.7.1
enum class DkimVerdict {
    none,       // not signed
    pass,       // signed, and unchanged since
    fail,       // changed, cut short or expired
    temperror,  // the key is not to be had now (RFC 6376: TEMPFAIL)
    permerror,  // it can never be verified: syntax, no key, a key or an algorithm that does not count
};
std::string_view to_string(DkimVerdict verdict);

// What came of one signature.
struct DkimOutcome {
    DkimVerdict verdict = DkimVerdict::permerror;
    std::string reason = {};                                // why it is no pass, for a person
    std::string domain = {}, selector = {}, identity = {};  // d=, s=, i=; empty if they cannot be read
    std::string algorithm = {};
    unsigned bits = 0;      // of the key
    bool testing = false;   // the domain tries DKIM out: a failure means nothing (RFC 6376 §3.6.1)
    bool partial = false;   // the body goes on behind what was signed (RFC 6376 §8.2)
    std::string mark = {};  // the first letters of b=, by which it is known (RFC 6008 §4)

    // "signed by example.com"
    std::string sentence() const;
    friend bool operator==(const DkimOutcome&, const DkimOutcome&) = default;
};

struct DkimReport {
    std::vector<DkimOutcome> signatures;  // in the order of the header

    // Of all together: one that passes is enough (RFC 6376 §6.1).
    DkimVerdict verdict() const;
};

// All signatures of a finished mail. Nothing if an answer is missing.
std::optional<DkimReport> verify_dkim(const Mail& mail, Instant now, KnownAnswers& answers);

inline constexpr std::size_t most_keys_at_a_name = 3;  // are tried, of the signature's type first
inline constexpr unsigned most_key_checks = 40;        // of DKIM in one mail

// What a key record answers for a signature: the keys that fit, or why there is none.
struct KeyAnswer {
    std::vector<DkimKey> keys;
    DkimVerdict trouble = DkimVerdict::permerror;
    std::string reason;
};
// Nothing if it is not known yet.
std::optional<KeyAnswer> find_keys(const Signature& signature, KnownAnswers& answers,
                                   KeyService service = KeyService::mail);

// Does the signature, in that field of the mail, fit its header and body? Everything but the key record's
// rules on identities. `whole` is the field with its name.
DkimOutcome verify_signature(const Mail& mail, const message::Field& field, const Signature& signature,
                             const std::vector<DkimKey>& keys, KeyChecks& checks);

// --- signing

struct DkimSigner {
    std::string domain, selector;  // A-labels, or U-labels for mail with SMTPUTF8
    const crypto::PrivateKey& key;
};

struct SigningOptions {
    Canonical header = Canonical::relaxed, body = Canonical::relaxed;
    std::string identity = {};               // i=; empty: none
    std::optional<std::uint64_t> made = {};  // seconds since 1970
    std::optional<std::uint64_t> expires = {};
    // Names for h=; empty: those of RFC 6376 §5.4.1 that are there, and some once more than they are, so that
    // nobody can add another (RFC 6376 §8.15).
    std::vector<std::string> fields = {};

    BodyDemand body_demand() const { return {.canonical = body}; }
};

// The names for h= that a header calls for.
std::vector<std::string> fields_to_sign(const std::vector<message::Field>& fields);

// The field DKIM-Signature with its line end, folded. The mail is finished, and options.body_demand() was
// demanded of it. The fields of several signers stand in any order before the message.
std::string sign_dkim(const Mail& mail, const DkimSigner& signer, const SigningOptions& options);

// ARC-Message-Signature likewise (RFC 8617 §4.1.2), which covers DKIM-Signature too.
std::string sign_arc_message(const Mail& mail, const DkimSigner& signer, const SigningOptions& options,
                             unsigned instance);

// "name=" and base64, folded to lines, as the end of a field.
std::string folded_base64(std::string_view name, std::string_view octets);

}  // namespace hongyan::verify
