// What of a message is hashed: the canonical forms of RFC 6376 §3.4.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/hasher.h"

namespace hongyan::verify {

enum class Canonical { simple, relaxed };
std::string_view to_string(Canonical canonical);

// Appends a field, name to line end, in its canonical form (RFC 6376 §3.4.1, §3.4.2). `whole` ends with its
// CRLF.
void add_field(std::string& out, std::string_view whole, Canonical canonical);

// The value of the tag "b" and the white space around it taken out (RFC 6376 §3.7).
std::string without_signature(std::string_view whole);

// What is to be hashed of a body.
struct BodyDemand {
    Canonical canonical = Canonical::simple;
    crypto::Hash hash = crypto::Hash::sha256;
    std::optional<std::uint64_t> length = {};  // octets of the canonical form, l=
    friend bool operator==(const BodyDemand&, const BodyDemand&) = default;
};

// Hashes a body that comes in pieces of any size (RFC 6376 §3.4.3, §3.4.4), without copying what stays as it
// is.
class BodyHash {
public:
    explicit BodyHash(const BodyDemand& demand) : demand_(demand), hasher_(demand.hash) {}

    const BodyDemand& demand() const { return demand_; }
    void update(std::string_view body);
    void finish();  // once, after the last piece

    const std::string& digest() const { return digest_; }  // when finished
    // Octets of the canonical form, hashed or beyond the length that was demanded.
    std::uint64_t size() const { return size_; }

private:
    void step(char c);
    void emit(std::string_view bytes);
    void flush();

    BodyDemand demand_;
    crypto::Hasher hasher_;
    std::string gathered_;  // not hashed yet
    std::string digest_;
    std::uint64_t size_ = 0;
    std::uint64_t breaks_ = 0;  // line ends that count only if something follows
    bool blank_ = false;        // blanks likewise, but not at the end of a line
    bool cr_ = false;           // the last octet was a CR
};

}  // namespace hongyan::verify
