// What a server says: status responses with their codes (RFC 3501 §7.1), and the untagged data of §7.2 to
// §7.4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "imap/wire/values.h"

namespace hongyan::imap::wire {

enum class Condition { ok, no, bad, bye, preauth };

enum class Code {
    none,
    alert,
    already_exists,
    append_uid,
    authentication_failed,
    authorization_failed,
    bad_charset,
    bad_event,
    bad_url,
    bad_comparator,
    cannot,
    capability,
    client_bug,
    closed,
    compression_active,
    copy_uid,
    corruption,
    downgraded,
    expunge_issued,
    has_children,
    highest_modseq,
    in_progress,
    in_use,
    limit,
    mailbox_id,
    message_limit,
    metadata,
    modified,
    no_modseq,
    no_permission,
    nonexistent,
    notification_overflow,
    no_update,
    over_quota,
    parse,
    permanent_flags,
    privacy_required,
    read_only,
    read_write,
    server_bug,
    too_big,
    try_create,
    uid_next,
    uid_not_sticky,
    uid_required,
    uid_validity,
    unavailable,
    unknown_cte,
    undefined_filter,
    unseen,
    url_mechanism,
    use_attribute,
};

struct CodeRow {
    Code code;
    std::string_view text;
    std::string_view section;
};
// In the order of Code.
std::span<const CodeRow> code_rows();

// resp-text = ["[" resp-text-code "]" SP] text
struct ResponseText {
    Code code = Code::none;
    std::string arguments{};  // of the code, as written behind it
    std::string text{};       // for a person; control characters are not sent
};

// Beyond ASCII a text may go to who has asked for a language (RFC 5255 §3.5).
enum class Letters { ascii, utf8 };

// A status response under the tag of its command, or untagged: "*".
void put_status(std::string& out, std::string_view tag, Condition condition, const ResponseText& said,
                Letters letters = Letters::ascii);
inline constexpr std::string_view untagged = "*";

// command continuation request: "+ text"
void put_continuation(std::string& out, std::string_view text);

// "* 23 EXISTS", "* 5 RECENT", "* 44 EXPUNGE"
void put_numbered(std::string& out, std::uint64_t number, std::string_view what);

}  // namespace hongyan::imap::wire
