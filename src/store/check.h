// Every invariant of the store, verified; and what can be derived from the rest, put right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/check.h"
#include "store/store.h"
#include "store/types.h"

namespace hongyan::store {

enum class Repair { no, yes };

struct CheckOptions {
    Repair repair = Repair::no;
    bool read_blobs = true;  // every blob is read and hashed, not only counted
    // References that are not of messages: other folders keep blobs too.
    engine::References other_references = {};
};

struct Finding {
    std::optional<AccountId> account;  // nothing: about what all accounts share
    MailboxId mailbox;                 // no_mailbox: about the account as a whole
    std::string what;                  // a sentence
    bool repaired = false;

    friend bool operator==(const Finding&, const Finding&) = default;
};

struct CheckReport {
    std::uint64_t accounts = 0;
    std::uint64_t mailboxes = 0;
    std::uint64_t messages = 0;
    std::uint64_t blobs = 0;
    std::vector<Finding> findings;
};

// Verifies every account, then the blobs. Nobody else may use the store meanwhile; with Repair::yes, conflict
// if somebody does.
Result<CheckReport> check(Store& store, const CheckOptions& options = {});

}  // namespace hongyan::store
