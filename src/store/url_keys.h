// The secrets by which leave to fetch from a mailbox is signed: one of each mailbox, made when it is first
// needed (RFC 4467 §2.2). Whoever knows it can make such leave; it is told to nobody.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace hongyan::store {

inline constexpr std::size_t url_key_size = 32;  // octets; RFC 4467 §2.2 asks for 16

// Any thread; blocks for the disk. Nothing where none has been made.
Result<std::optional<std::string>> find_url_key(const Store& store, AccountId account, MailboxId mailbox);
// The mailbox's key; `fresh`, random bytes, where it had none. Durable on return, like the others. Error
// not_found where there is no such mailbox.
Result<std::string> need_url_key(Store& store, AccountId account, MailboxId mailbox, std::string_view fresh);
// Another key in its place: what was signed with the old one is worth nothing any more.
Result<void> reset_url_key(Store& store, AccountId account, MailboxId mailbox, std::string_view fresh);
// None of the account's mailboxes has a key any more.
Result<void> remove_url_keys(Store& store, AccountId account);

}  // namespace hongyan::store
