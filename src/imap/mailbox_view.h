// Which message has which number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/named.h"
#include "imap/wire/values.h"
#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::imap {

using store::ModSeq;
using store::Uid;
using store::UidSet;
using SequenceNumber = Named<std::uint32_t, struct SequenceNumberTag>;

enum class SetOf { numbers, uids };

// The UIDs that a set names, whether there are such messages or not; `largest` for "*".
UidSet named_uids(const wire::SequenceSet& set, Uid largest);
UidSet in_both(const UidSet& one, const UidSet& other);

// The view one IMAP session has of its mailbox: which UID has which number (RFC 3501 §2.3.1.2). Lags behind
// the store until the session may tell the client. Takes memory for each gap between UIDs, not for each
// message.
class MailboxView {
public:
    MailboxView() = default;
    explicit MailboxView(const UidSet& present);

    std::uint32_t size() const { return size_; }
    // 0 while there are no messages.
    Uid last_uid() const { return runs_.empty() ? Uid(0) : runs_.back().last(); }
    std::optional<SequenceNumber> number_of(Uid uid) const;
    // `number` is one of 1 to size().
    Uid uid_of(SequenceNumber number) const;
    UidSet uids() const;
    // Those of `some` that are in the view.
    UidSet present(const UidSet& some) const;

    // The messages that the client means, those that are in the view only. Nothing where a sequence number is
    // beyond the last message: that is BAD (RFC 3501 §9, seq-number). A UID that is not there is passed over.
    std::optional<UidSet> resolve(const wire::SequenceSet& set, SetOf of) const;

    // The same where numbers beyond the last message mean nothing, as in a search (RFC 7377 §2).
    UidSet matching(const wire::SequenceSet& set, SetOf of) const;

    // The largest UID up to which a client knows of every removal, since each of its numbers and the UID in
    // the same place of the other set belong together here too (RFC 7162 §3.2.5.2). 0 if there is none. Both
    // sets ascend, are equally large and without "*".
    Uid agrees_up_to(const wire::SequenceSet& numbers, const wire::SequenceSet& uids) const;

    // `arrived` come after all that are there.
    void append(const UidSet& arrived);
    // Gives for each the number that it has at the moment when the client is told of it, in the order of
    // telling: each is counted without those before it (RFC 3501 §7.4.1).
    std::vector<SequenceNumber> expunge(const UidSet& gone);

private:
    // Consecutive UIDs with consecutive numbers.
    struct Run {
        Uid first;
        std::uint32_t count;
        std::uint32_t before;  // messages before this run
        Uid last() const { return Uid(first.value() + count - 1); }
    };
    void add(store::UidRange range);
    std::uint32_t agreeing(SequenceNumber number, Uid uid, std::uint32_t count) const;
    std::optional<UidSet> resolve_numbers(const wire::SequenceSet& set) const;
    void add_numbers(UidSet& uids, std::uint32_t first, std::uint32_t last) const;

    std::vector<Run> runs_;
    std::uint32_t size_ = 0;
};

// sequence-set: "3:5,9"
std::string to_text(const UidSet& uids);

}  // namespace hongyan::imap
