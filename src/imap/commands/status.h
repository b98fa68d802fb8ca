// STATUS (RFC 3501 §6.3.10, RFC 7162 §3.1.7).
#pragma once

#include <span>
#include <string_view>

#include "imap/task.h"
#include "imap/wire/values.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// "* STATUS name (…)". Who asks for HIGHESTMODSEQ counts on MODSEQ from then on.
Result<void> put_status(Desk& desk, const store::View& mail, const store::Mailbox& mailbox,
                        std::string_view name, std::span<const wire::StatusItem> items);

}  // namespace hongyan::imap::commands
