// What others tell of annotations too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "imap/task.h"
#include "imap/wire/metadata_parser.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// Rights of which one is needed besides "l" (RFC 5464 §3.3).
inline constexpr Rights noting{Right::read, Right::seen, Right::write, Right::insert, Right::post};

// "* METADATA name (entry value …)" of a mailbox, or of the server with no_mailbox and an empty name. Entries
// without a value have NIL, where nothing below them was asked for. Gives the size of the largest value that
// was left out for max_size; 0 if none was.
Result<std::size_t> put_metadata(Desk& desk, const store::View& mail, store::MailboxId mailbox,
                                 std::string_view name, const wire::GetMetadataArguments& wanted);

}  // namespace hongyan::imap::commands
