// The fields that sign: DKIM-Signature (RFC 6376 §3.5) and ARC-Message-Signature (RFC 8617 §4.1.2), which is
// nearly the same.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/signature_key.h"
#include "dns/name.h"
#include "verify/canonical.h"

namespace hongyan::verify {

inline constexpr std::string_view dkim_field = "DKIM-Signature";
inline constexpr std::string_view arc_message_field = "ARC-Message-Signature";

// Of one mail. The others are not even read, and count as permerror; and chains of ARC have no more.
inline constexpr std::size_t most_signatures = 20;
inline constexpr unsigned most_instances = 50;  // RFC 8617 §4.2.1

// a=
struct Algorithm {
    crypto::KeyType key = crypto::KeyType::rsa;
    crypto::Hash hash = crypto::Hash::sha256;
    friend bool operator==(const Algorithm&, const Algorithm&) = default;
};
std::string_view to_string(const Algorithm& algorithm);
// Nothing if it is unknown. rsa-sha1 is known, and refused by those who verify (RFC 8301 §3.1).
std::optional<Algorithm> parse_algorithm(std::string_view text);

struct Signature {
    Algorithm algorithm;
    std::string value, body_hash;  // b= and bh=, decoded
    Canonical header = Canonical::simple, body = Canonical::simple;
    bool names_canonical = true;   // c= says so
    std::string domain, selector;  // d= and s= as written
    dns::Name key;                 // where the key lies, by both
    // i=, or "@" and the domain; of DKIM only. What cannot be shown is encoded (RFC 6376 §2.11), and so is
    // every "@" but that before the domain.
    std::string identity;
    std::vector<std::string> fields;
    std::optional<std::uint64_t> length;         // l=
    std::optional<std::uint64_t> made, expires;  // t=, x=: seconds since 1970
    unsigned instance = 0;                       // i= of ARC

    // What is wrong, for a person.
    static std::expected<Signature, std::string> parse_dkim(std::string_view field_value);
    static std::expected<Signature, std::string> parse_arc(std::string_view field_value);

    BodyDemand body_demand() const { return {.canonical = body, .hash = algorithm.hash, .length = length}; }
    bool covers_author() const;           // RFC 6376 §5.4
    Signature as_relaxed() const;         // relaxed/relaxed
    std::string identity_domain() const;  // behind the "@"
    bool has_expired(Instant now) const;
};

// Of s= and d=: where the key lies (RFC 6376 §3.6.2.1). Nothing if that is no name.
std::optional<dns::Name> key_name(std::string_view selector, std::string_view domain);

// domain-name = sub-domain 1*("." sub-domain), in A-labels or U-labels (RFC 6376 §3.5, RFC 8616 §5)
bool is_signing_domain(std::string_view domain);

// The value of an ARC-Message-Signature or ARC-Seal as a list of tags: where `instance` and `seal-cv-tag`
// have comments (RFC 8617 §4.1), which a list of tags has nowhere, there are blanks. Looks at `value` or at
// `room`.
std::string_view without_arc_comments(std::string_view value, std::string& room);

// The instance of an ARC field, 1 to 50 (RFC 8617 §4.2.1).
std::optional<unsigned> parse_instance(std::string_view digits);

}  // namespace hongyan::verify
