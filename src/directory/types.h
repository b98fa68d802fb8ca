// What the directory knows: domains, accounts, aliases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/credentials.h"
#include "directory/app_password.h"
#include "directory/name.h"
#include "engine/engine.h"

namespace hongyan::directory {

using engine::AccountId;

// 0 is no limit.
struct Quota {
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    friend bool operator==(const Quota&, const Quota&) = default;
};

struct Domain {
    DomainName name;
    Instant created{};
    bool closing = false;  // is being removed with all that is in it; takes no mail and no names any more
    std::string unknown;   // fields of a newer version

    friend bool operator==(const Domain&, const Domain&) = default;
};

// A person or a role that has mailboxes. The id is given once and never again; the name may be.
struct Account {
    AccountId id;
    Name name;
    std::string display_name;
    std::string language;  // a tag such as "zh-CN" (RFC 5646); empty: the server's
    crypto::Credentials credentials;
    std::optional<Quota> quota;  // nothing: the server's
    bool disabled = false;       // takes no mail and no log-in, keeps what it has
    // The password itself, sealed, for mechanisms that need it; empty unless the account opted in.
    std::string sealed_password;
    std::vector<std::string> certificates;  // fingerprints (crypto/certificate.h) of those it logs in with
    std::vector<AppPassword> app_passwords = {};
    Instant created{};
    std::optional<Instant> removed;  // only the record is left, so that the id is known to be used up
    std::string unknown;             // fields of a newer version

    friend bool operator==(const Account&, const Account&) = default;
};

// A name that stands for others: local, remote or both.
struct Alias {
    Name name;
    std::vector<std::string> targets;  // addresses; a remote local part is left as it was written
    Instant created{};
    bool keeps_sender = false;  // what goes on to elsewhere keeps its reverse-path: no SRS
    std::string unknown;        // fields of a newer version

    friend bool operator==(const Alias&, const Alias&) = default;
};

}  // namespace hongyan::directory
