// One line of LIST or LSUB.
#pragma once

#include <string>
#include <string_view>

#include "imap/task.h"
#include "imap/wire/values.h"
#include "store/mailbox.h"

namespace hongyan::imap::commands {

// "* LIST (attributes) "/" name", and behind it what RFC 5258 §3.5 adds.
void put_line(Desk& desk, std::string_view response, const wire::FlagNames& attributes, std::string_view name,
              std::string_view extended = {});

// ("OLDNAME" ("asked")), where a client said something else than the name as we write it; else empty
// (RFC 9051 §6.3.9.7).
std::string old_name(const Desk& desk, std::string_view asked, std::string_view name);
// An untagged LIST that tells so to a client that speaks IMAP4rev2, where there is anything to tell.
void put_old_name(Desk& desk, const wire::FlagNames& attributes, std::string_view asked,
                  std::string_view name);

// RFC 3501 §7.2.2, RFC 3348, RFC 6154 §2
wire::FlagNames attributes_of(const store::Mailbox& mailbox);

}  // namespace hongyan::imap::commands
