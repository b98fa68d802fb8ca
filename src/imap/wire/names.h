// The words of IMAP for our values, one table each: the parser and the writer read the same rows.
#pragma once

#include <array>
#include <string_view>

#include "base/ascii.h"
#include "imap/wire/values.h"

namespace hongyan::imap::wire {

template <typename Value>
struct Word {
    std::string_view text;
    Value value;
};

inline constexpr std::array message_items{
    Word{"FLAGS", MessageItem::flags},
    Word{"INTERNALDATE", MessageItem::internal_date},
    Word{"RFC822.SIZE", MessageItem::rfc822_size},
    Word{"ENVELOPE", MessageItem::envelope},
    Word{"BODY", MessageItem::body},
    Word{"BODYSTRUCTURE", MessageItem::body_structure},
    Word{"UID", MessageItem::uid},
    Word{"MODSEQ", MessageItem::modseq},
    Word{"RFC822", MessageItem::rfc822},
    Word{"RFC822.HEADER", MessageItem::rfc822_header},
    Word{"RFC822.TEXT", MessageItem::rfc822_text},
    Word{"PREVIEW", MessageItem::preview},
    Word{"EMAILID", MessageItem::email_id},
    Word{"THREADID", MessageItem::thread_id},
    Word{"SAVEDATE", MessageItem::save_date},
};

inline constexpr std::array section_texts{
    Word{"HEADER", Section::Text::header},
    Word{"HEADER.FIELDS", Section::Text::header_fields},
    Word{"HEADER.FIELDS.NOT", Section::Text::header_fields_not},
    Word{"TEXT", Section::Text::text},
    Word{"MIME", Section::Text::mime},
};

inline constexpr std::array status_items{
    Word{"MESSAGES", StatusItem::messages},
    Word{"RECENT", StatusItem::recent},
    Word{"UIDNEXT", StatusItem::uid_next},
    Word{"UIDVALIDITY", StatusItem::uid_validity},
    Word{"UNSEEN", StatusItem::unseen},
    Word{"HIGHESTMODSEQ", StatusItem::highest_modseq},
    Word{"DELETED", StatusItem::deleted},
    Word{"DELETED-STORAGE", StatusItem::deleted_storage},
    Word{"SIZE", StatusItem::size},
    Word{"APPENDLIMIT", StatusItem::append_limit},
    Word{"MAILBOXID", StatusItem::mailbox_id},
};

inline constexpr std::array list_selections{
    Word{"SUBSCRIBED", &ListSelection::subscribed},
    Word{"REMOTE", &ListSelection::remote},
    Word{"RECURSIVEMATCH", &ListSelection::recursive_match},
    Word{"SPECIAL-USE", &ListSelection::special_use},
};
inline constexpr std::array list_returns{
    Word{"SUBSCRIBED", &ListReturn::subscribed},
    Word{"CHILDREN", &ListReturn::children},
    Word{"SPECIAL-USE", &ListReturn::special_use},
    Word{"MYRIGHTS", &ListReturn::my_rights},
};

// ALL, FAST and FULL (RFC 3501 §6.4.5) say no more than their first items of these.
inline constexpr std::array macro_items{MessageItem::flags, MessageItem::internal_date,
                                        MessageItem::rfc822_size, MessageItem::envelope, MessageItem::body};
inline constexpr std::array fetch_macros{Word{"FAST", std::size_t{3}}, Word{"ALL", std::size_t{4}},
                                         Word{"FULL", std::size_t{5}}};

inline constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The row with this word, in any case; null if there is none. Rows have a member `text`.
template <typename Table>
constexpr auto find_word(const Table& table, std::string_view text) -> const typename Table::value_type* {
    for (const auto& row : table)
        if (ascii::iequals(row.text, text)) return &row;
    return nullptr;
}
template <typename Table, typename Value>
constexpr std::string_view word_of(const Table& table, const Value& value) {
    for (const auto& row : table)
        if (row.value == value) return row.text;
    return {};
}

}  // namespace hongyan::imap::wire
