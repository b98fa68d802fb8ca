// What a search has found, and how a client is told of it: SEARCH (RFC 3501 §7.2.5), ESEARCH (RFC 4731 §3.1).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "imap/mailbox_view.h"
#include "imap/wire/search.h"

namespace hongyan::imap::commands {

struct FoundMessage {
    Uid uid;
    std::uint32_t number = 0;  // sequence number, while it holds still
    ModSeq modseq;
    int relevancy = 100;  // RFC 6203 §4

    std::uint32_t named(SetOf of) const { return of == SetOf::uids ? uid.value() : number; }
};
// In the order in which they are told.
using Found = std::vector<FoundMessage>;

// The messages that the options point at: those of MIN, MAX and PARTIAL; all where ALL or COUNT is among the
// options, or none of the three. This is what "$" means then (RFC 5182 §2.4, RFC 9394 §3.2), and what MODSEQ
// counts (RFC 4731 §3.2).
Found pointed_at(const Found& found, const wire::ResultOptions& wanted);
UidSet uids_of(std::span<const FoundMessage> found);
ModSeq highest_of(std::span<const FoundMessage> found);

// The part of `found` that is asked for; empty where the range is beyond it (RFC 9394 §3.1).
std::span<const FoundMessage> part_of(const Found& found, const wire::PartialRange& range);

// Whose answer an ESEARCH response is (RFC 4466 §2.6.2).
struct Correlator {
    std::string tag;
    // Of a search of several mailboxes (RFC 7377 §2.1), as written on the wire.
    std::string mailbox{};
    store::UidValidity uid_validity{};
};

// "* ESEARCH (TAG …)" and " UID" where it is so; the data follows.
void begin_esearch(std::string& out, const Correlator& correlator, SetOf of);
// Appends the response; nothing where SAVE alone is wanted (RFC 5182 §2.4).
void put_esearch(std::string& out, const Correlator& correlator, const wire::ResultOptions& wanted,
                 const Found& found, SetOf of, bool with_modseq);

}  // namespace hongyan::imap::commands
