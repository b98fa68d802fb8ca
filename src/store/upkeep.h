// Work that goes on over many transactions and may be cut short. For this folder.
#pragma once

#include "base/result.h"
#include "store/types.h"

namespace hongyan::store {

class Store;

// Takes the messages out of a mailbox that has been removed, then its record.
Result<void> finish_removal(Store& store, AccountId account, MailboxId mailbox);

// Messages whose blobs and places are touched, in one transaction: each costs some ten microseconds of the
// committer, which serves all accounts.
inline constexpr std::size_t messages_at_once = 250;

}  // namespace hongyan::store
