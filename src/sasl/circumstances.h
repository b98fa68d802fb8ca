// What a log-in depends on besides its own words: the connection and the server's settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/scram.h"

namespace hongyan::sasl {

// What both ends of one TLS connection know and no third can have: tls-exporter (RFC 9266), tls-unique and
// tls-server-end-point (RFC 5929).
struct ChannelBinding {
    std::string type;
    std::string data;
};

// What TLS has shown of the client: a certificate that one of our authorities vouches for, and that he has
// its key.
struct Certificate {
    std::string fingerprint;                  // SHA-256 of the whole, in lower-case hexadecimal
    std::vector<std::string> addresses = {};  // mailboxes that the authority says are its owner's

    friend bool operator==(const Certificate&, const Certificate&) = default;
};

// Of one connection, at the moment of the log-in.
struct Circumstances {
    bool encrypted = false;
    std::vector<ChannelBinding> bindings = {};    // the best first; none without TLS
    std::optional<Certificate> certificate = {};  // nothing: none was shown that counts
};

enum class WithoutEncryption {
    nothing,     // no log-in at all
    hidden,      // mechanisms that do not show the password
    everything,  // for loopback and tests
};

// Of the server that gives out tokens; what a client whose token is refused is told (RFC 7628 §3.2.2).
struct Tokens {
    bool believed = false;           // somebody's, whose keys the server has
    std::string scope = {};          // that a token must have; may be empty
    std::string configuration = {};  // the address of its OpenID configuration; may be empty

    friend bool operator==(const Tokens&, const Tokens&) = default;
};

// Of the server. Outlives its sessions.
struct Settings {
    std::string server_name = "localhost";  // in the challenge of CRAM-MD5
    WithoutEncryption without_encryption = WithoutEncryption::nothing;
    // Some accounts keep their password so that the server can read it, which CRAM-MD5 needs.
    bool recoverable_passwords = false;
    // Names of the mechanisms to offer; empty: those of the table's default.
    std::vector<std::string> mechanisms = {};
    // Makes salts for users that do not exist; secret and lasting, so that asking twice tells nothing.
    std::string pretence_key = {};
    std::uint32_t iterations =
        crypto::scram_iterations;  // what such users are told: the number that new accounts get

    Tokens tokens = {};

    friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace hongyan::sasl
