// What a SEARCH looks for, as a tree (RFC 3501 §6.4.4, RFC 7162 §3.1.5), and what it wants to hear of that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imap/wire/values.h"

namespace hongyan::imap::wire {

struct SearchKey;

// ALL, and a parenthesised list: every one of the keys must hold.
struct AllOf {
    std::vector<SearchKey> keys;
    friend bool operator==(const AllOf&, const AllOf&);
};
struct EitherOf {  // OR: exactly two keys
    std::vector<SearchKey> keys;
    friend bool operator==(const EitherOf&, const EitherOf&);
};
struct NotThis {  // exactly one key
    std::vector<SearchKey> key;
    friend bool operator==(const NotThis&, const NotThis&);
};
// ANSWERED, UNANSWERED, KEYWORD x, … OLD is \Recent not wanted.
struct HasFlag {
    std::string flag;
    bool wanted = true;
    friend bool operator==(const HasFlag&, const HasFlag&) = default;
};
// FROM, TO, CC, BCC, SUBJECT, and HEADER with any name: the decoded value contains the text. An empty text
// asks whether the field is there.
struct FieldContains {
    std::string field;
    std::string text;
    friend bool operator==(const FieldContains&, const FieldContains&) = default;
};
struct BodyContains {
    std::string text;
    friend bool operator==(const BodyContains&, const BodyContains&) = default;
};
struct TextContains {  // header or body
    std::string text;
    friend bool operator==(const TextContains&, const TextContains&) = default;
};
enum class WhichDate { internal, sent, saved };  // saved: RFC 8514 §4.3
enum class Compare { before, on, since };
struct DateIs {
    WhichDate which = WhichDate::internal;
    Compare compare = Compare::on;
    Date date;
    friend bool operator==(const DateIs&, const DateIs&) = default;
};
struct SizeIs {  // LARGER, SMALLER: both strictly
    bool larger = true;
    std::uint64_t octets = 0;
    friend bool operator==(const SizeIs&, const SizeIs&) = default;
};
struct InSequence {
    SequenceSet set;
    friend bool operator==(const InSequence&, const InSequence&) = default;
};
struct InUids {
    SequenceSet set;
    friend bool operator==(const InUids&, const InUids&) = default;
};
// UIDAFTER, UIDBEFORE: larger or smaller, the UID itself left out (RFC 9738 §3.2).
struct UidBeside {
    bool after = true;
    std::uint32_t uid = 1;
    friend bool operator==(const UidBeside&, const UidBeside&) = default;
};
// MODSEQ [entry type] n. We keep one modseq a message, so entry and type change nothing (RFC 7162 §3.1.5).
struct ModSeqAtLeast {
    std::uint64_t modseq = 0;
    friend bool operator==(const ModSeqAtLeast&, const ModSeqAtLeast&) = default;
};

// FUZZY: what matches only more or less is found too, and is worth less (RFC 6203 §3). Exactly one key.
struct Fuzzy {
    std::vector<SearchKey> key;
    friend bool operator==(const Fuzzy&, const Fuzzy&);
};
// FILTER: a search that is kept under a name (RFC 5466 §3.1).
struct ByFilter {
    std::string name;
    friend bool operator==(const ByFilter&, const ByFilter&) = default;
};
// "$", and "UID $": what a SEARCH with SAVE has found last (RFC 5182 §2.1).
struct InSaved {
    friend bool operator==(const InSaved&, const InSaved&) = default;
};
// OLDER, YOUNGER: how long ago the message came (RFC 5032 §3).
struct Within {
    bool older = true;
    std::uint32_t seconds = 0;
    friend bool operator==(const Within&, const Within&) = default;
};

// EMAILID, THREADID: exactly this objectid (RFC 8474 §6).
struct HasId {
    bool of_thread = false;
    std::string id;
    friend bool operator==(const HasId&, const HasId&) = default;
};

struct SearchKey {
    std::variant<AllOf, EitherOf, NotThis, HasFlag, FieldContains, BodyContains, TextContains, DateIs, SizeIs,
                 InSequence, InUids, UidBeside, ModSeqAtLeast, InSaved, Within, HasId, Fuzzy, ByFilter>
        is;
    friend bool operator==(const SearchKey&, const SearchKey&) = default;
};

inline bool operator==(const AllOf& a, const AllOf& b) { return a.keys == b.keys; }
inline bool operator==(const EitherOf& a, const EitherOf& b) { return a.keys == b.keys; }
inline bool operator==(const Fuzzy& a, const Fuzzy& b) { return a.key == b.key; }
inline bool operator==(const NotThis& a, const NotThis& b) { return a.key == b.key; }

// search-program: texts are still in the charset that the client named; empty means US-ASCII or UTF-8.
struct SearchProgram {
    std::string charset;
    SearchKey key;

    friend bool operator==(const SearchProgram&, const SearchProgram&) = default;
};

// search-return-opts: what is to be told of the messages found.
struct ResultOptions {
    bool min = false;  // RFC 4731 §3.1
    bool max = false;
    bool all = false;
    bool count = false;
    bool context = false;                      // RFC 5267 §4.2: a hint that we need not
    bool update = false;                       // RFC 5267 §4.3
    std::vector<FetchItem> fetched = {};       // of new messages, with UPDATE (RFC 5465 §7)
    bool relevancy = false;                    // RFC 6203 §4
    bool save = false;                         // RFC 5182 §2.1
    std::optional<PartialRange> partial = {};  // RFC 9394 §3.1; never beside `all`

    friend bool operator==(const ResultOptions&, const ResultOptions&) = default;
};

// What stands behind SEARCH.
struct SearchArguments {
    std::optional<ResultOptions> wanted;  // nothing: answer as RFC 3501 has it
    SearchProgram program;

    friend bool operator==(const SearchArguments&, const SearchArguments&) = default;
};

}  // namespace hongyan::imap::wire
