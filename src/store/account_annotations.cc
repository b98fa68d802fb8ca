// Notes on the mailboxes of an account: set, and forgotten with the mailbox.
#include <algorithm>

#include "store/account.h"
#include "store/edit.h"
#include "store/keys.h"
#include "store/notes.h"
#include "store/store.h"

namespace hongyan::store {
namespace {

// What is remembered as removed makes room for what is new.
Result<void> make_room(Edit& edit, MailboxId mailbox, AccountId of) {
    TRY(auto present, read_annotations(edit.transaction(), mailbox, of));
    if (present.size() <= max_annotations) return {};
    for (const auto& annotation : present)
        if (!annotation.value) edit.transaction().erase(keys::annotation(mailbox, of, annotation.entry));
    const auto count = std::ranges::count_if(present, [](const auto& one) { return one.value.has_value(); });
    if (static_cast<std::size_t>(count) <= max_annotations) return {};
    return fail(Error::Kind::over_quota, "there are {} entries, {} are allowed", count, max_annotations);
}

Result<void> set_one(Edit& edit, MailboxId mailbox, const Note& note) {
    TRY(const auto before, edit.transaction().get(keys::annotation(mailbox, note.of, note.entry)));
    if (!before && !note.value) return {};
    edit.transaction().put(keys::annotation(mailbox, note.of, note.entry),
                           encode_annotation(note.value, edit.modseq()));
    if (before) return {};
    return make_room(edit, mailbox, note.of);
}

}  // namespace

Result<ModSeq> Account::annotate(MailboxId mailbox, std::span<const Note> notes) const {
    for (const auto& note : notes) {
        if (note.entry.size() > max_entry_size)
            return fail(Error::Kind::invalid, "the name of the entry has {} octets", note.entry.size());
        if (note.value && note.value->size() > max_annotation_size)
            return fail(Error::Kind::too_large, "a value has {} octets, {} are allowed", note.value->size(),
                        max_annotation_size);
    }
    ModSeq modseq;
    TRY(store_->edit(id_, [&](Edit& edit) -> Result<void> {
        if (mailbox != no_mailbox) TRY(edit.mailbox(mailbox));
        for (const auto& note : notes) TRY(set_one(edit, mailbox, note));
        modseq = edit.modseq_taken();
        if (mailbox != no_mailbox && modseq != ModSeq()) edit.log(mailbox, Change::changed);
        return {};
    }));
    return modseq;
}

}  // namespace hongyan::store
