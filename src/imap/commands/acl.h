// What others tell of rights too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imap/commands/names.h"

namespace hongyan::imap::commands {

// "* MYRIGHTS name rights" (RFC 4314 §3.8, RFC 8440 §3)
void put_my_rights(Desk& desk, std::string_view name, Rights rights);

// The name of the account whose mailbox it is; nothing if that cannot be found out.
std::optional<std::string> owner_of(const Desk& desk, const Place& place);

}  // namespace hongyan::imap::commands
