// Rights as IMAP writes them (RFC 4314 §2.1), and what they permit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/flags.h"
#include "store/rights.h"

namespace hongyan::imap {

using store::Right;
using store::Rights;

// What the rights that RFC 2086 did not have add to CAPABILITY (RFC 4314 §2.2).
inline constexpr std::string_view rights_capability = "RIGHTS=kxte";

// With the obsolete "c" and "d" where one of their members is there (RFC 4314 §2.1.1).
std::string to_text(Rights rights);
// Nothing where a letter is no right of ours; "c" is "kx", "d" is "te".
std::optional<Rights> parse_rights(std::string_view letters);

// The flags that one may set with these rights (RFC 4314 §4, COPY and STORE).
store::Flags permitted(const store::Flags& flags, Rights rights);
store::FlagChange::Untouchable untouchable(Rights rights);

// SELECT says READ-WRITE to who has one of them (RFC 4314 §5.2); all flags are shared here.
inline constexpr Rights changing{Right::insert, Right::expunge, Right::seen, Right::write,
                                 Right::mark_deleted};

}  // namespace hongyan::imap
