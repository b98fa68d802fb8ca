// What happened since a modification sequence, as the protocols ask for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::store {

// Every transaction leaves one record in the log of each mailbox that it touched. The mailboxes themselves
// are items of the log of no_mailbox, with their id in the place of the UID.
enum class Change : std::uint8_t {
    appended = 1,   // a new message of the account
    joined = 2,     // a message of the account came into this mailbox too; a mailbox was created
    changed = 3,    // flags; name, parent, use, subscription of a mailbox
    left = 4,       // gone from this mailbox, not from the account; a mailbox was removed
    destroyed = 5,  // gone from the account
};

// Consecutive UIDs of consecutive messages.
struct ChangeRun {
    Change change;
    Uid first;
    std::uint32_t count = 1;
    MessageId message;  // of the first

    friend bool operator==(const ChangeRun&, const ChangeRun&) = default;
};

struct ChangeRecord {
    std::vector<ChangeRun> runs;  // in the order they happened
    std::string unknown;          // fields of a newer version

    // Joins the last run where it can.
    void add(Change change, Uid uid, MessageId message);
    friend bool operator==(const ChangeRecord&, const ChangeRecord&) = default;
};

// For CHANGEDSINCE and QRESYNC (RFC 7162 §3.1.4, §3.2.5): what a client that knew the mailbox at `since` has
// to learn.
struct MailboxChanges {
    ModSeq now;      // HIGHESTMODSEQ
    UidSet changed;  // there now, and new or changed since
    // Gone since. Also what had not arrived at `since`: a client may have heard of a message before its
    // modseq.
    UidSet vanished;
    // False where the logs no longer reach back: `vanished` is then every UID below UIDNEXT that is not
    // there, as RFC 7162 §3.2.5.1 permits.
    bool exact = true;
};

// For Email/changes (RFC 8621 §4.3, RFC 8620 §5.2). An id is in one list only.
struct MessageChanges {
    ModSeq now;
    std::vector<MessageId> created;
    std::vector<MessageId> updated;  // flags, or the mailboxes they are in
    std::vector<MessageId> destroyed;

    friend bool operator==(const MessageChanges&, const MessageChanges&) = default;
};

// For Mailbox/changes (RFC 8621 §2.2) and NOTIFY.
struct MailboxListChanges {
    ModSeq now;
    std::vector<MailboxId> created;
    std::vector<MailboxId> updated;
    std::vector<MailboxId> removed;
    bool only_counts = true;  // nothing but messages changed: updatedProperties of RFC 8621 §2.2

    friend bool operator==(const MailboxListChanges&, const MailboxListChanges&) = default;
};

// Transactions one after another, and whether others changed the mailbox between them.
struct Run {
    ModSeq before;         // the mailbox's highest when the first began
    ModSeq after;          // and when the last was made
    bool unbroken = true;  // each found the mailbox as the one before had left it

    void add(const Run& next) {
        const bool is_first = after == ModSeq();
        unbroken = unbroken && next.unbroken && (is_first || next.before == after);
        if (is_first) before = next.before;
        after = next.after;
    }
};

}  // namespace hongyan::store
