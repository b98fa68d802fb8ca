// Annotations as IMAP names them, and telling of those that others have changed (RFC 5464).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "imap/wire/parser.h"
#include "store/annotations.h"
#include "store/view.h"

namespace hongyan::imap {

// "/private/comment" is "/comment" of that user, "/shared/comment" that of all.
std::pair<store::AccountId, std::string> divide_entry(std::string_view entry, store::AccountId user);
std::string join_entry(const store::Annotation& annotation);

// All that this user may see, by their whole names.
Result<std::map<std::string, std::string>> read_entries(const store::View& mail, store::MailboxId mailbox,
                                                        store::AccountId user);

// "* METADATA name entry …": which entries have changed after `since`, `not_these` changes left out (RFC 5464
// §4.4.2).
Result<void> put_changed_entries(std::string& out, const store::View& mail, store::MailboxId mailbox,
                                 std::string_view name, wire::MailboxNames names, store::AccountId user,
                                 store::ModSeq since, const std::set<store::ModSeq>& not_these);

// What a client that has enabled METADATA has been told of. Belongs to its session's standing.
class AnnotationNews {
public:
    bool is_wanted() const { return known_.has_value(); }
    // From the account as it is now on.
    Result<void> begin(const store::View& home);
    // The client knows what it did itself.
    void has_made(store::AccountId account, store::ModSeq modseq) {
        if (is_wanted() && account == account_) own_.insert(modseq);
    }
    // Of the mailboxes of the user's own account, and of the server. Reads as much as has changed.
    Result<void> tell(std::string& out, const store::View& home, wire::MailboxNames names);

private:
    std::optional<store::ModSeq> known_;
    store::AccountId account_;
    std::set<store::ModSeq> own_;
};

}  // namespace hongyan::imap
