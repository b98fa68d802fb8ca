// The names of mailboxes as IMAP4rev1 writes them: modified UTF-7 (RFC 3501 §5.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::imap::wire {

// `utf8` is well-formed UTF-8; what is not comes out as the replacement character.
std::string to_modified_utf7(std::string_view utf8);

// Nothing where the text is not what to_modified_utf7 would write: 8-bit bytes, an unfinished or superfluous
// shift, encoded ASCII, half a surrogate pair. So a name has one spelling only.
std::optional<std::string> from_modified_utf7(std::string_view text);

}  // namespace hongyan::imap::wire
