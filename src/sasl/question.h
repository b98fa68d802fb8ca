// What a log-in has to ask the world, and what it is told.
#pragma once

#include <string>
#include <variant>

#include "crypto/digest.h"
#include "crypto/scram.h"
#include "sasl/circumstances.h"

namespace hongyan::sasl {

// Whose credentials these are, and for whom he wants to act; no authzid means for himself (RFC 4422 §2). The
// world decides whether he may, and refuses with wrong_credentials if not.
struct Identity {
    std::string authcid;
    std::string authzid;

    friend bool operator==(const Identity&, const Identity&) = default;
};

struct VerifyPassword {
    Identity who;
    std::string password;
};
// Answered with KnownKeys. Also refused for an account that has none for this hash; the client cannot tell
// that from a wrong password.
struct FetchScramKeys {
    Identity who;
    crypto::Hash hash = crypto::Hash::sha256;
};
// Answered with a KnownSecret: only for accounts that agreed to have one kept in a recoverable form.
struct FetchSecret {
    Identity who;
};
// Answered with Granted: the account that the certificate stands for, or that `authzid` names and the
// certificate may use.
struct IdentifyCertificate {
    Certificate certificate;
    std::string authzid;
};
// Answered with Granted: the account that the token is for. Refused if `authzid` names another, and with
// insufficient_scope if it is good, but not for mail.
struct VerifyToken {
    std::string token;
    std::string authzid;
};
using Question = std::variant<VerifyPassword, FetchScramKeys, FetchSecret, IdentifyCertificate, VerifyToken>;

// The session now acts for this account; the name is the directory's.
struct Granted {
    std::string account;
    std::string additional_data;  // for protocols that can carry it with the outcome (RFC 4422 §3.6)
};

struct KnownKeys {
    std::string account;
    crypto::ScramKeys keys;
};

struct KnownSecret {
    std::string account;
    std::string secret;
};

// Each protocol has its own reply for each; in SMTP RFC 4954 §6 gives them.
enum class Refusal {
    wrong_credentials,   // or no right to act for the other: the client learns no more than this
    malformed,           // not what the mechanism's grammar allows
    cancelled,           // by the client
    too_weak,            // the account demands a stronger mechanism
    needs_transition,    // the account has to log in with PLAIN once (RFC 4954 §6, 432)
    insufficient_scope,  // the token is good, but not for this (RFC 6750 §3.1)
    needs_encryption,    // under TLS this mechanism would be welcome
    unavailable,         // a fault of ours: the same may work later
};

struct Refused {
    Refusal why = Refusal::wrong_credentials;
    std::string detail;  // for our log, not for the client
    std::string name =
        {};  // the user's, in the one form in which equal ones are equal; empty: as he wrote it
};

using Answer = std::variant<Granted, KnownKeys, KnownSecret, Refused>;

}  // namespace hongyan::sasl
