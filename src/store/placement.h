// Putting messages into mailboxes and taking them out, within an edit: the counts, the places of a message,
// the log and the blob all move together. For this folder.
#pragma once

#include "base/result.h"
#include "store/edit.h"
#include "store/message.h"
#include "store/types.h"

namespace hongyan::store {

// A message new to the account. Errors: over_quota, too_large, invalid keywords, and those of
// Edit::selectable.
Result<Placed> place_new(Edit& edit, MailboxId mailbox, const NewMessage& message, Instant now);
// The same, unless its key says that it is there already.
Result<Placed> place_once(Edit& edit, MailboxId mailbox, const NewMessage& message, Instant now);
// A message of the account `from`, whose bytes are kept together with it. not_found if they are there no
// more; over_quota.
Result<Placed> place_foreign(Edit& edit, MailboxId mailbox, AccountId from, const Entry& entry,
                             const MessageView& message, Instant now);
// Places that a message gets: its record of them is written anew with each.
inline constexpr std::size_t max_homes = 100;
// One that `entry` of another mailbox (or the same) of the account shows, with these flags and its received
// date. Where that has as many places as it gets, the copy is a message of its own, which shares the bytes.
// Errors then: as of place_foreign.
Result<Placed> place_copy(Edit& edit, AccountId account, const Entry& entry, MailboxId to, const Flags& flags,
                          Instant now);
// The same, and it leaves the mailbox where it was.
Result<Placed> place_moved(Edit& edit, MailboxId from, const Entry& entry, MailboxId to, const Flags& flags,
                           Instant now);

// Out of one mailbox; out of the last one, it leaves the account.
Result<void> take_out(Edit& edit, MailboxId mailbox, const Entry& entry);

// invalid for what is no keyword, too_large for too many.
Result<void> permit_keywords(const Flags& flags);
// Other flags, which have been permitted.
Result<Entry> put_flags(Edit& edit, MailboxId mailbox, const Entry& before, Flags flags);

// How a mailbox's counts differ by one message.
void count(Counts& counts, const Entry& entry);
void discount(Counts& counts, const Entry& entry);

}  // namespace hongyan::store
