// The messages that a command means, and what to say where some of them are gone.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "imap/command_table.h"

namespace hongyan::imap::commands {

// As Job parameters, before the session's view is asked for their UIDs.
struct Messages {
    wire::SequenceSet set;
    SetOf of = SetOf::numbers;
    bool is_saved = false;  // "$": what the last SEARCH with SAVE has found (RFC 5182 §2.1)

    // Nothing, where a sequence number is beyond the mailbox.
    std::optional<UidSet> in(const Selected& mailbox) const {
        return is_saved ? mailbox.saved() : mailbox.view().resolve(set, of);
    }
};

// SP (sequence-set / "$")   RFC 5182 §3
Messages read_messages(const Arguments& arguments);

// RFC 3501 §9, seq-number
Completion beyond_mailbox();
Completion read_only_mailbox();
// For the selected mailbox (RFC 4314 §4).
Completion lacks_right(Rights needed);

// NO where some of the messages that sequence numbers meant are gone and the client does not know yet
// (RFC 5530 §3, EXPUNGEISSUED). A UID that is gone is nothing to speak of (RFC 3501 §6.4.8).
Completion unless_gone(Completion completion, bool some_gone, SetOf of);

// The client counts on MODSEQ from now on. Where that is new and a mailbox is selected, tells from where to
// count (RFC 7162 §3.1).
void count_on_modseq(Desk& desk);

// uid-set, as COPYUID writes it: in their order.
std::string to_text(const std::vector<Uid>& uids);
// The same for numbers of either kind.
std::string to_text(std::span<const std::uint32_t> numbers);
// sequence-set, as MODIFIED writes it where numbers were asked for.
std::string numbers_text(const UidSet& uids, const MailboxView& view);

}  // namespace hongyan::imap::commands
