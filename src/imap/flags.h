// The flags of a message between IMAP's words and the store's values (RFC 3501 §2.3.2).
#pragma once

#include <string>

#include "base/result.h"
#include "imap/wire/values.h"
#include "store/flags.h"

namespace hongyan::imap {

enum class Recent { no, yes };

// As FETCH shows them.
wire::FlagNames names_of(const store::Flags& flags, Recent recent = Recent::no);

// Nothing for names that no STORE or APPEND may set: \Recent and unknown names with a backslash. Error
// invalid: a keyword that is none, or too many of them.
Result<store::Flags> flags_of(const wire::FlagNames& names);
// \Recent, or a system flag that we do not have.
const std::string* unknown_flag(const wire::FlagNames& names);

}  // namespace hongyan::imap
