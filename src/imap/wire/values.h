// The values that commands and responses are made of (RFC 3501 §9). Mailboxes are UTF-8 here, whatever they
// were written in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace hongyan::imap::wire {

// A number of a set, or "*": the largest there is.
class SetNumber {
public:
    constexpr SetNumber() = default;
    constexpr explicit SetNumber(std::uint32_t number) : number_(number) {}
    static constexpr SetNumber star() { return SetNumber(0); }

    constexpr bool is_star() const { return number_ == 0; }
    constexpr std::uint32_t or_largest(std::uint32_t largest) const { return is_star() ? largest : number_; }
    friend constexpr bool operator==(SetNumber, SetNumber) = default;

private:
    std::uint32_t number_ = 0;
};

struct SetRange {
    SetNumber first;
    SetNumber last;

    // Smaller number first (RFC 3501 §9, seq-range), "*" taken for `largest`.
    std::pair<std::uint32_t, std::uint32_t> resolved(std::uint32_t largest) const;
    friend bool operator==(const SetRange&, const SetRange&) = default;
};

// sequence-set, of sequence numbers or UIDs: as the client wrote it.
using SequenceSet = std::vector<SetRange>;

// flag: "\Seen", "$Forwarded", as written. A STORE or APPEND may not name \Recent; responses may.
using FlagNames = std::vector<std::string>;

// A day without a zone, as SEARCH compares (RFC 3501 §6.4.4).
using Date = std::chrono::year_month_day;

struct DateTime {
    Instant instant;
    std::chrono::minutes zone{0};  // east of UTC

    friend bool operator==(const DateTime&, const DateTime&) = default;
};

// section, and section-part (RFC 3501 §6.4.5): what of a message BODY[…] means.
struct Section {
    enum class Text { whole, header, header_fields, header_fields_not, text, mime };

    std::vector<std::uint32_t> part;  // 1.2.3; empty for the message itself
    Text text = Text::whole;
    std::vector<std::string> names;  // of HEADER.FIELDS and HEADER.FIELDS.NOT, as written

    friend bool operator==(const Section&, const Section&) = default;
};

// <first.count>: octets from the zero-based first on.
struct Partial {
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    friend bool operator==(const Partial&, const Partial&) = default;
};

enum class MessageItem {
    flags,
    internal_date,
    rfc822_size,
    envelope,
    body,
    body_structure,
    uid,
    modseq,
    rfc822,
    rfc822_header,
    rfc822_text,
    preview,    // RFC 8970 §3
    email_id,   // RFC 8474 §5
    thread_id,  // RFC 8474 §5
    save_date,  // RFC 8514 §4.2
};

struct BodyItem {
    Section section;
    std::optional<Partial> partial;
    bool peek = false;

    friend bool operator==(const BodyItem&, const BodyItem&) = default;
};

// BINARY[…]: a part with its transfer encoding undone (RFC 3516 §4.2, RFC 9051 §6.4.5).
struct BinaryItem {
    std::vector<std::uint32_t> part;
    std::optional<Partial> partial;  // of the decoded octets
    bool peek = false;

    friend bool operator==(const BinaryItem&, const BinaryItem&) = default;
};
struct BinarySizeItem {
    std::vector<std::uint32_t> part;

    friend bool operator==(const BinarySizeItem&, const BinarySizeItem&) = default;
};

// fetch-att
using FetchItem = std::variant<MessageItem, BodyItem, BinaryItem, BinarySizeItem>;

// partial-range (RFC 9394 §4), as written: 500:1 is 1:500. Counted from the end where both had a "-".
struct PartialRange {
    std::uint32_t first = 1;
    std::uint32_t last = 1;
    bool from_end = false;

    friend bool operator==(const PartialRange&, const PartialRange&) = default;
};

// What stands behind the set of a FETCH.
struct FetchArguments {
    std::vector<FetchItem> items;                // macros spelled out
    std::optional<std::uint64_t> changed_since;  // RFC 7162 §3.1.4.1
    bool vanished = false;                       // RFC 7162 §3.2.6
    std::optional<PartialRange> partial;         // RFC 9394 §3.3

    friend bool operator==(const FetchArguments&, const FetchArguments&) = default;
};

// What stands behind the set of a STORE.
struct StoreArguments {
    enum class How { replace, add, remove };

    std::optional<std::uint64_t> unchanged_since;  // RFC 7162 §3.1.3
    How how = How::replace;
    bool silent = false;
    FlagNames flags;

    friend bool operator==(const StoreArguments&, const StoreArguments&) = default;
};

enum class StatusItem {
    messages,
    recent,
    uid_next,
    uid_validity,
    unseen,
    highest_modseq,
    deleted,          // RFC 9208 §4.1.4
    deleted_storage,  // RFC 9208 §4.1.4
    size,
    append_limit,  // RFC 7889 §3.1
    mailbox_id,    // RFC 8474 §4.3
};

struct StatusArguments {
    std::string mailbox;
    std::vector<StatusItem> items;

    friend bool operator==(const StatusArguments&, const StatusArguments&) = default;
};

// Of LSUB.
struct ListArguments {
    std::string reference;
    std::string pattern;  // with its wildcards "*" and "%"

    friend bool operator==(const ListArguments&, const ListArguments&) = default;
};

// list-select-opts: which of the names that match (RFC 5258 §3.1, RFC 6154 §2).
struct ListSelection {
    bool subscribed = false;
    bool remote = false;
    bool recursive_match = false;
    bool special_use = false;

    friend bool operator==(const ListSelection&, const ListSelection&) = default;
};

// list-return-opts: what is told of them (RFC 5258 §3.2, RFC 6154 §2, RFC 5819 §2).
struct ListReturn {
    bool subscribed = false;
    bool children = false;
    bool special_use = false;
    bool my_rights = false;                  // RFC 8440
    std::vector<std::string> metadata = {};  // RFC 9590: the entries
    std::vector<StatusItem> status;

    friend bool operator==(const ListReturn&, const ListReturn&) = default;
};

struct ExtendedListArguments {
    ListSelection selection;
    std::string reference;
    std::vector<std::string> patterns;
    ListReturn wanted;
    bool is_extended = false;  // written in a form that RFC 3501 does not have

    friend bool operator==(const ExtendedListArguments&, const ExtendedListArguments&) = default;
};

// The QRESYNC parameter (RFC 7162 §3.2.5): what a client knew of the mailbox. Its sets hold no "*".
struct Resynchronisation {
    std::uint32_t uid_validity = 0;
    std::uint64_t modseq = 0;
    SequenceSet known_uids;  // empty: all there were
    // The n-th of these numbers was the n-th of these UIDs. Ascending, equally many; may be empty.
    SequenceSet matched_numbers;
    SequenceSet matched_uids;

    friend bool operator==(const Resynchronisation&, const Resynchronisation&) = default;
};

struct SelectArguments {
    std::string mailbox;
    bool condstore = false;  // RFC 7162 §3.1.8
    std::optional<Resynchronisation> resynchronisation;

    friend bool operator==(const SelectArguments&, const SelectArguments&) = default;
};

// Octets that an APPEND brings with it.
struct AppendText {
    enum class Form {
        literal,
        literal8,  // may hold NUL (RFC 3516 §4.4)
        utf8,      // may hold UTF-8 in its header (RFC 6855 §4)
    };
    Form form = Form::literal;
    std::string octets;

    friend bool operator==(const AppendText&, const AppendText&) = default;
};
// What an APPEND takes from a message that is here already (RFC 4469 §3).
struct AppendUrl {
    std::string url;

    friend bool operator==(const AppendUrl&, const AppendUrl&) = default;
};
using AppendPart = std::variant<AppendText, AppendUrl>;

// append-message (RFC 3502, RFC 4469 §5, RFC 6855 §4)
struct AppendMessage {
    FlagNames flags;
    std::optional<DateTime> date;
    bool catenates = false;  // else there is one part, a text
    std::vector<AppendPart> parts;

    friend bool operator==(const AppendMessage&, const AppendMessage&) = default;
};

struct AppendArguments {
    std::string mailbox;
    std::vector<AppendMessage> messages;

    friend bool operator==(const AppendArguments&, const AppendArguments&) = default;
};

// Of CREATE (RFC 6154 §3).
struct CreateArguments {
    std::string mailbox;
    FlagNames uses;  // attributes with their backslash

    friend bool operator==(const CreateArguments&, const CreateArguments&) = default;
};

// id-params-list (RFC 2971 §3.1): a value may be NIL. Empty for NIL itself.
using IdPairs = std::vector<std::pair<std::string, std::optional<std::string>>>;

}  // namespace hongyan::imap::wire
