// From what a person types to what the store knows.
#pragma once

#include <string_view>

#include "admin/command.h"
#include "store/account.h"

namespace hongyan::admin {

// The account with this login name; not_found names it.
Result<store::Account> account_named(const Call& call, std::string_view login);

// The mailbox of this name in the account.
Result<store::Mailbox> mailbox_named(const store::View& view, std::string_view name);

// UIDs as people write them: "7", "1-5", "3:9", "12-*".
Result<store::UidSet> parse_uids(const std::vector<std::string>& words);

// \Seen and the like with or without backslash, in any case; anything else is a keyword.
Result<store::Flags> parse_flags(const std::vector<std::string>& words);

// \Seen \Flagged $Forwarded, as IMAP writes them.
std::vector<std::string> flag_words(const store::Flags& flags);

// A moment as listings show it: RFC 3339 §5.6, UTC.
std::string shown(Instant when);

}  // namespace hongyan::admin
