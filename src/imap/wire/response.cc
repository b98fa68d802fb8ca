#include "imap/wire/response.h"

#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/check.h"
#include "message/utf8.h"

namespace hongyan::imap::wire {
namespace {

constexpr std::array rows{
    CodeRow{Code::none, "", ""},
    CodeRow{Code::alert, "ALERT", "RFC 3501 §7.1"},
    CodeRow{Code::already_exists, "ALREADYEXISTS", "RFC 5530 §3"},
    CodeRow{Code::append_uid, "APPENDUID", "RFC 4315 §3"},
    CodeRow{Code::authentication_failed, "AUTHENTICATIONFAILED", "RFC 5530 §3"},
    CodeRow{Code::authorization_failed, "AUTHORIZATIONFAILED", "RFC 5530 §3"},
    CodeRow{Code::bad_charset, "BADCHARSET", "RFC 3501 §7.1"},
    CodeRow{Code::bad_event, "BADEVENT", "RFC 5465 §3.1"},
    CodeRow{Code::bad_url, "BADURL", "RFC 4469 §4.1"},
    CodeRow{Code::bad_comparator, "BADCOMPARATOR", "RFC 5255 §4.9"},
    CodeRow{Code::cannot, "CANNOT", "RFC 5530 §3"},
    CodeRow{Code::capability, "CAPABILITY", "RFC 3501 §7.1"},
    CodeRow{Code::client_bug, "CLIENTBUG", "RFC 5530 §3"},
    CodeRow{Code::closed, "CLOSED", "RFC 7162 §3.2.11"},
    CodeRow{Code::compression_active, "COMPRESSIONACTIVE", "RFC 4978 §3"},
    CodeRow{Code::copy_uid, "COPYUID", "RFC 4315 §3"},
    CodeRow{Code::corruption, "CORRUPTION", "RFC 5530 §3"},
    CodeRow{Code::downgraded, "DOWNGRADED", "RFC 6858 §3"},
    CodeRow{Code::expunge_issued, "EXPUNGEISSUED", "RFC 5530 §3"},
    CodeRow{Code::has_children, "HASCHILDREN", "RFC 9051 §7.1"},
    CodeRow{Code::highest_modseq, "HIGHESTMODSEQ", "RFC 7162 §3.1.2.1"},
    CodeRow{Code::in_progress, "INPROGRESS", "RFC 9585 §4"},
    CodeRow{Code::in_use, "INUSE", "RFC 5530 §3"},
    CodeRow{Code::limit, "LIMIT", "RFC 5530 §3"},
    CodeRow{Code::mailbox_id, "MAILBOXID", "RFC 8474 §4.1"},
    CodeRow{Code::message_limit, "MESSAGELIMIT", "RFC 9738 §3.1"},
    CodeRow{Code::metadata, "METADATA", "RFC 5464 §4.2.1, §4.3"},
    CodeRow{Code::modified, "MODIFIED", "RFC 7162 §3.1.3"},
    CodeRow{Code::no_modseq, "NOMODSEQ", "RFC 7162 §3.1.2.2"},
    CodeRow{Code::no_permission, "NOPERM", "RFC 5530 §3"},
    CodeRow{Code::nonexistent, "NONEXISTENT", "RFC 5530 §3"},
    CodeRow{Code::notification_overflow, "NOTIFICATIONOVERFLOW", "RFC 5465 §5.8"},
    CodeRow{Code::no_update, "NOUPDATE", "RFC 5267 §4.3.1"},
    CodeRow{Code::over_quota, "OVERQUOTA", "RFC 5530 §3"},
    CodeRow{Code::parse, "PARSE", "RFC 3501 §7.1"},
    CodeRow{Code::permanent_flags, "PERMANENTFLAGS", "RFC 3501 §7.1"},
    CodeRow{Code::privacy_required, "PRIVACYREQUIRED", "RFC 5530 §3"},
    CodeRow{Code::read_only, "READ-ONLY", "RFC 3501 §7.1"},
    CodeRow{Code::read_write, "READ-WRITE", "RFC 3501 §7.1"},
    CodeRow{Code::server_bug, "SERVERBUG", "RFC 5530 §3"},
    CodeRow{Code::too_big, "TOOBIG", "RFC 4469 §4.2"},
    CodeRow{Code::try_create, "TRYCREATE", "RFC 3501 §7.1"},
    CodeRow{Code::uid_next, "UIDNEXT", "RFC 3501 §7.1"},
    CodeRow{Code::uid_not_sticky, "UIDNOTSTICKY", "RFC 4315 §3"},
    CodeRow{Code::uid_required, "UIDREQUIRED", "RFC 9586 §3"},
    CodeRow{Code::uid_validity, "UIDVALIDITY", "RFC 3501 §7.1"},
    CodeRow{Code::unavailable, "UNAVAILABLE", "RFC 5530 §3"},
    CodeRow{Code::unknown_cte, "UNKNOWN-CTE", "RFC 3516 §4.3"},
    CodeRow{Code::undefined_filter, "UNDEFINED-FILTER", "RFC 5466 §3.1"},
    CodeRow{Code::unseen, "UNSEEN", "RFC 3501 §7.1"},
    CodeRow{Code::url_mechanism, "URLMECH", "RFC 4467 §7"},
    CodeRow{Code::use_attribute, "USEATTR", "RFC 6154 §6"},
};
static_assert([] {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].code != static_cast<Code>(i)) return false;
    return true;
}());

constexpr std::array<std::string_view, 5> conditions{"OK", "NO", "BAD", "BYE", "PREAUTH"};

// text = 1*TEXT-CHAR: what came from elsewhere may hold anything. UTF8-TEXT-CHAR   RFC 5255 §3.5
void put_text(std::string& out, std::string_view text, Letters letters) {
    const bool keeps_8bit = letters == Letters::utf8 && message::valid_utf8(text);
    const auto is_sent = [keeps_8bit](char c) {
        return !ascii::is_control(c) && (keeps_8bit || !ascii::is_8bit(c));
    };
    for (const auto c : text) out.push_back(is_sent(c) ? c : '?');
}

}  // namespace

std::span<const CodeRow> code_rows() { return rows; }

void put_status(std::string& out, std::string_view tag, Condition condition, const ResponseText& said,
                Letters letters) {
    fmt::format_to(std::back_inserter(out), "{} {} ", tag, conditions[static_cast<std::size_t>(condition)]);
    if (said.code != Code::none)
        fmt::format_to(std::back_inserter(out), "[{}{}{}] ", rows[static_cast<std::size_t>(said.code)].text,
                       said.arguments.empty() ? "" : " ", said.arguments);
    check(!said.text.empty(), "a status response has a text for a person");
    put_text(out, said.text, letters);
    out += "\r\n";
}

void put_continuation(std::string& out, std::string_view text) {
    out += "+ ";
    out += text;
    out += "\r\n";
}

void put_numbered(std::string& out, std::uint64_t number, std::string_view what) {
    fmt::format_to(std::back_inserter(out), "* {} {}\r\n", number, what);
}

}  // namespace hongyan::imap::wire
