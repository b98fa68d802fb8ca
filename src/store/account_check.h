// The verification of one account, for check.h. For this folder.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/check.h"
#include "store/check.h"
#include "store/index_record.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/store.h"
#include "store/types.h"

namespace hongyan::store {

// What the store says of a message, and where it was really found.
struct MessageFacts {
    bool readable = true;
    std::uint64_t size = 0;
    std::uint64_t told_size = 0;  // as the entries have it
    Instant received;
    bool unended = false;
    bool foreign = false;
    bool has_nul = false;
    std::vector<Home> recorded;
    std::vector<Home> found;
};

// What follows from the entries of a mailbox.
struct MailboxFacts {
    Counts counts;
    Uid last;
    ModSeq highest;
    std::map<Uid, ModSeq> entries;
};

// Reads all of an account from one snapshot, sets right in memory what it can, and writes what then differs.
class AccountCheck {
public:
    // Adds the references that messages have to blobs, what there is, and what was found.
    AccountCheck(Store& store, AccountId account, engine::References& references, CheckReport& report)
        : store_(store),
          id_(account),
          references_(references),
          report_(report),
          snapshot_(store.engine().snapshot(engine::Scope::account(account))) {}

    Result<void> run(Repair repair);

private:
    using Correction = std::function<Result<void>(Edit&)>;

    enum class Derivable { no, yes };
    void found(MailboxId mailbox, std::string what, Derivable derivable = Derivable::yes) {
        findings_.push_back({id_, mailbox, std::move(what), derivable == Derivable::yes});
    }
    void found(std::string what, Derivable derivable = Derivable::yes) {
        found(no_mailbox, std::move(what), derivable);
    }

    Result<void> compare();
    Result<void> read_account_record();
    Result<void> read_messages();
    Result<void> read_message(MessageId id, std::string_view record);
    Result<void> read_places();
    Result<void> read_mailboxes();
    Result<void> read_entries();
    void read_entry(MailboxId mailbox, Uid uid, std::string_view record);
    std::optional<Entry> rebuilt_entry(MailboxId mailbox, Uid uid) const;
    void compare_entry(MailboxId mailbox, const Entry& entry);

    void compare_places();
    void compare_mailboxes();
    MailboxState recovered_mailbox(MailboxId id);
    void compare_mailbox(MailboxId id, MailboxState& state, const MailboxFacts& facts);
    void compare_parents();
    bool has_way_to_the_top(const MailboxState& mailbox) const;
    Result<void> compare_names();
    Result<void> compare_logs();
    Result<void> compare_log(MailboxId mailbox);
    Result<void> compare_deliveries();
    Result<void> compare_grants();
    Result<void> compare_annotations();
    void compare_url_key(std::string_view key, std::string_view value);
    bool is_mailbox_of(std::string_view key) const;
    Result<void> compare_index();
    Result<void> compare_blocks(const IndexState& state);
    void compare_account();

    Result<void> write();

    Store& store_;
    AccountId id_;
    engine::References& references_;
    CheckReport& report_;
    std::unique_ptr<engine::Snapshot> snapshot_;

    std::string account_before_;
    AccountState account_;
    std::map<MailboxId, MailboxState> mailboxes_;
    std::map<MessageId, MessageFacts> messages_;
    std::map<Home, MessageId> recorded_;
    std::map<MailboxId, MailboxFacts> facts_;
    ModSeq highest_annotation_;
    bool log_is_wrong_ = false;

    std::vector<Finding> findings_;  // of this account; `repaired` while it only can be
    std::map<std::string, std::optional<std::string>> records_;  // to be put, or erased
    std::vector<Correction> corrections_;                        // to be done after these
};

// A number that is given out next must lie beyond all that are in use.
void raise(auto& number, const auto& at_least) { number = std::max(number, at_least); }

}  // namespace hongyan::store
