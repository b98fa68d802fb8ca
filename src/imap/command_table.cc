#include "imap/command_table.h"

#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/commands.h"
#include "sasl/mechanisms.h"

namespace hongyan::imap {
namespace {

constexpr States any{State::not_authenticated, State::authenticated, State::selected};
constexpr States before_log_in{State::not_authenticated};
constexpr States after_log_in{State::authenticated, State::selected};
constexpr States selected{State::selected};

using enum Numbers;
using namespace commands;

constexpr Row rows[] = {
    {"CAPABILITY", &capability, any, may_change, "", "RFC 3501 §6.1.1"},
    {"NOOP", &noop, any, may_change, "", "RFC 3501 §6.1.2"},
    {"LOGOUT", &logout, any, may_change, "", "RFC 3501 §6.1.3"},
    {"ID", &id, any, may_change, "ID", "RFC 2971 §3.1"},
    {"LANGUAGE", &language, any, may_change, "LANGUAGE", "RFC 5255 §3.2"},
    {"STARTTLS", &starttls, before_log_in, may_change, "", "RFC 3501 §6.2.1"},
    {"AUTHENTICATE", &authenticate, before_log_in, may_change, "SASL-IR", "RFC 3501 §6.2.2, RFC 4959 §3"},
    {"LOGIN", &login, before_log_in, may_change, "", "RFC 3501 §6.2.3"},
    {"UNAUTHENTICATE", &unauthenticate, after_log_in, may_change, "UNAUTHENTICATE", "RFC 8437 §2"},
    {"ENABLE", &enable, after_log_in, may_change, "ENABLE QRESYNC UTF8=ACCEPT UIDONLY",
     "RFC 9051 §6.3.1, RFC 5161 §3.1, RFC 7162 §3.2.3, RFC 6855 §3, RFC 9586 §3"},
    {"SELECT", &select, after_log_in, may_change, "", "RFC 3501 §6.3.1"},
    {"EXAMINE", &examine, after_log_in, may_change, "", "RFC 3501 §6.3.2"},
    {"CREATE", &create, after_log_in, may_change, "CREATE-SPECIAL-USE", "RFC 3501 §6.3.3, RFC 6154 §3"},
    {"DELETE", &remove, after_log_in, may_change, "", "RFC 3501 §6.3.4"},
    {"RENAME", &rename, after_log_in, may_change, "", "RFC 3501 §6.3.5"},
    {"SUBSCRIBE", &subscribe, after_log_in, may_change, "", "RFC 3501 §6.3.6"},
    {"UNSUBSCRIBE", &unsubscribe, after_log_in, may_change, "", "RFC 3501 §6.3.7"},
    {"LIST", &list, after_log_in, may_change, "CHILDREN SPECIAL-USE LIST-EXTENDED LIST-STATUS",
     "RFC 3501 §6.3.8, RFC 5258 §3"},
    {"LSUB", &lsub, after_log_in, may_change, "", "RFC 3501 §6.3.9"},
    {"NAMESPACE", &name_space, after_log_in, may_change, "NAMESPACE", "RFC 2342 §5"},
    {"GETQUOTA", &get_quota, after_log_in, may_change, "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE",
     "RFC 9208 §4.1.1"},
    {"GETQUOTAROOT", &get_quota_root, after_log_in, may_change, "", "RFC 9208 §4.1.2"},
    {"SETQUOTA", &set_quota, after_log_in, may_change, "", "RFC 9208 §4.1.3"},
    {"GETACL", &get_acl, after_log_in, may_change, "ACL RIGHTS=kxte LIST-MYRIGHTS", "RFC 4314 §3.3"},
    {"SETACL", &set_acl, after_log_in, may_change, "", "RFC 4314 §3.1"},
    {"DELETEACL", &delete_acl, after_log_in, may_change, "", "RFC 4314 §3.2"},
    {"LISTRIGHTS", &list_rights, after_log_in, may_change, "", "RFC 4314 §3.4"},
    {"MYRIGHTS", &my_rights, after_log_in, may_change, "", "RFC 4314 §3.5"},
    {"GETMETADATA", &get_metadata, after_log_in, may_change, "METADATA LIST-METADATA", "RFC 5464 §4.2"},
    {"SETMETADATA", &set_metadata, after_log_in, may_change, "", "RFC 5464 §4.3"},
    {"STATUS", &status, after_log_in, may_change, "STATUS=SIZE OBJECTID",
     "RFC 3501 §6.3.10, RFC 8438, RFC 8474 §4.3"},
    {"APPEND", &append, after_log_in, may_change, "MULTIAPPEND CATENATE", "RFC 3502, RFC 4469 §3"},
    {"RESETKEY", &reset_key, after_log_in, may_change, "", "RFC 4467 §7"},
    {"GENURLAUTH", &gen_url_auth, after_log_in, may_change, "URLAUTH", "RFC 4467 §7"},
    {"URLFETCH", &url_fetch, after_log_in, may_change, "URLAUTH=BINARY URL-PARTIAL",
     "RFC 4467 §7, RFC 5524 §3, RFC 5550 §5.7.1"},
    {"GETJMAPACCESS", &get_jmap_access, after_log_in, may_change, "", "RFC 9698"},
    {"COMPRESS", &compress, after_log_in, may_change, "COMPRESS=DEFLATE", "RFC 4978 §3"},
    {"NOTIFY", &notify, after_log_in, may_change, "NOTIFY", "RFC 5465 §3"},
    {"IDLE", &idle, after_log_in, may_change, "IDLE", "RFC 2177 §3"},
    {"CHECK", &noop, selected, may_change, "", "RFC 3501 §6.4.1"},
    {"CLOSE", &close, selected, may_change, "", "RFC 3501 §6.4.2"},
    {"UNSELECT", &unselect, selected, may_change, "UNSELECT", "RFC 3691 §2"},
    {"EXPUNGE", &expunge, selected, may_change, "", "RFC 3501 §6.4.3"},
    {"UID EXPUNGE", &uid_expunge, selected, may_change, "UIDPLUS", "RFC 4315 §2.1"},
    {"SEARCH", &search, selected, must_hold_still,
     "ESEARCH SEARCHRES PARTIAL WITHIN CONTEXT=SEARCH SEARCH=FUZZY FILTERS INPROGRESS",
     "RFC 3501 §6.4.4, RFC 4731 §3.1, RFC 5182 §2.1"},
    {"UID SEARCH", &search, selected, may_change, "", "RFC 3501 §6.4.8"},
    {"SORT", &sort, selected, must_hold_still, "SORT SORT=DISPLAY ESORT CONTEXT=SORT",
     "RFC 5256 §3, RFC 5957 §4, RFC 5267 §3"},
    {"UID SORT", &sort, selected, may_change, "", "RFC 5256 §3"},
    {"THREAD", &thread, selected, must_hold_still, "THREAD=ORDEREDSUBJECT THREAD=REFERENCES", "RFC 5256 §3"},
    {"UID THREAD", &thread, selected, may_change, "", "RFC 5256 §3"},
    {"ESEARCH", &esearch, after_log_in, may_change, "MULTISEARCH", "RFC 7377 §2"},
    {"CANCELUPDATE", &cancel_update, selected, may_change, "", "RFC 5267 §4.3.5"},
    {"COMPARATOR", &comparator, after_log_in, may_change, "I18NLEVEL=2", "RFC 5255 §4.7"},
    {"FETCH", &fetch, selected, must_hold_still, "CONDSTORE BINARY PREVIEW SAVEDATE",
     "RFC 3501 §6.4.5, RFC 7162 §3.1.4, RFC 3516 §4.2, RFC 8970 §3, RFC 8514 §4.2"},
    {"UID FETCH", &fetch, selected, may_change, "", "RFC 3501 §6.4.8"},
    {"STORE", &store_flags, selected, must_hold_still, "", "RFC 3501 §6.4.6, RFC 7162 §3.1.3"},
    {"UID STORE", &store_flags, selected, may_change, "", "RFC 3501 §6.4.8"},
    {"COPY", &copy, selected, may_change, "", "RFC 3501 §6.4.7"},
    {"UID COPY", &copy, selected, may_change, "", "RFC 3501 §6.4.8"},
    {"MOVE", &move, selected, may_change, "MOVE", "RFC 6851 §3.1"},
    {"UID MOVE", &move, selected, may_change, "", "RFC 6851 §3.2"},
    {"REPLACE", &replace, selected, may_change, "REPLACE", "RFC 8508 §3.2"},
    {"UID REPLACE", &replace, selected, may_change, "", "RFC 8508 §3.3"},
};

std::string log_in_words(const Session& session) {
    std::string words;
    if (session.settings().offers_tls && !session.security().is_encrypted()) words += " STARTTLS";
    for (const auto name : sasl::offered(session.settings().sasl, session.security().circumstances))
        words += fmt::format(" AUTH={}", name);
    if (!session.takes_passwords()) words += " LOGINDISABLED";
    return words;
}

}  // namespace

std::span<const Row> command_table() { return rows; }

const Row* find_command(std::string_view verb) {
    const auto* const found =
        std::ranges::find_if(rows, [verb](const Row& row) { return ascii::iequals(row.verb, verb); });
    return found != std::end(rows) ? found : nullptr;
}

// EXPUNGE has a twin, but names nothing.
bool takes_numbers(const Row& row) {
    return row.of() == SetOf::numbers && row.run != &expunge &&
           find_command(fmt::format("UID {}", row.verb)) != nullptr;
}

// A stranger may send small literals unasked, a user large ones (RFC 7888 §5).
std::string capabilities(const Session& session) {
    const bool is_stranger = session.state() == State::not_authenticated;
    std::string words = is_stranger ? "IMAP4rev1 IMAP4rev2 LITERAL-" : "IMAP4rev1 IMAP4rev2 LITERAL+";
    for (const auto& row : rows)
        if (!row.capability.empty() && (!is_stranger || row.states.contains(State::not_authenticated)))
            words += fmt::format(" {}", row.capability);
    if (!is_stranger)
        words += fmt::format(" APPENDLIMIT={}", session.settings().limits.message);  // RFC 7889 §2
    if (const auto limit = capability_of(session.settings().message_limits); !is_stranger && !limit.empty())
        words += fmt::format(" {}", limit);                                        // RFC 9738 §3
    if (!is_stranger && !session.settings().jmap.empty()) words += " JMAPACCESS";  // RFC 9698
    if (is_stranger) words += log_in_words(session);
    return words;
}

}  // namespace hongyan::imap
