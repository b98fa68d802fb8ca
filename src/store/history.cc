#include "store/history.h"

#include <map>
#include <set>

#include "engine/without_waiting.h"
#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"

namespace hongyan::store {
namespace {

bool reaches_back(const AccountState& account, ModSeq since) {
    return since >= account.history_floor && since <= account.modseq;
}

UidRange uids_of(const ChangeRun& run) { return {run.first, Uid(run.first.value() + run.count - 1)}; }

// To look for so many records is less work than to begin a walk.
constexpr std::uint64_t soon_looked_for = 2;

// The same as each_change(), for who knows the last number that can have a record.
Result<void> each_change_up_to(const engine::Reader& reader, MailboxId mailbox, ModSeq since, ModSeq last,
                               const EachChange& each) {
    if (last.value() - std::min(since, last).value() > soon_looked_for)
        return each_change(reader, mailbox, since, each);
    for (auto modseq = since.next(); modseq <= last; modseq = modseq.next()) {
        TRY(const auto bytes, reader.get(keys::change(mailbox, modseq)));
        if (!bytes) continue;
        TRY(const auto record, decode_changes(*bytes));
        TRY(each(modseq, record));
    }
    return {};
}

Result<MailboxChanges> from_log(const engine::Reader& reader, MailboxId mailbox, ModSeq since, ModSeq last) {
    MailboxChanges changes;
    const auto note = [&](ModSeq, const ChangeRecord& record) -> Result<void> {
        for (const auto& run : record.runs) {
            const bool is_gone = run.change == Change::left || run.change == Change::destroyed;
            (is_gone ? changes.vanished : changes.changed).add(uids_of(run));
        }
        return {};
    };
    TRY(each_change_up_to(reader, mailbox, since, last, note));
    changes.changed.remove(changes.vanished);
    return changes;
}

// From what is there: right as far as it goes, but it does not know which of the missing UIDs the client had.
// Reads all messages, for which nobody else is to wait.
Result<MailboxChanges> from_messages(const engine::Reader& reader, MailboxId id, const MailboxState& mailbox,
                                     ModSeq since) {
    if (engine::WithoutWaiting::is_asked_for()) return engine::WithoutWaiting::miss();
    MailboxChanges changes;
    changes.exact = false;
    if (mailbox.uid_next > Uid(1)) changes.vanished.add(UidRange{Uid(1), Uid(mailbox.uid_next.value() - 1)});
    UidSet present;
    EntryWalk walk(reader, id, UidSet::all());
    while (true) {
        TRY(const auto* entry, walk.next());
        if (!entry) break;
        present.add(entry->uid);
        if (entry->modseq > since) changes.changed.add(entry->uid);
    }
    changes.vanished.remove(present);
    return changes;
}

// Which of the five things happened to one message, in any mailbox.
class Fate {
public:
    void add(Change change) { happened_ |= bit(change); }
    bool is(Change change) const { return (happened_ & bit(change)) != 0; }

private:
    static unsigned bit(Change change) { return 1U << static_cast<unsigned>(change); }
    unsigned happened_ = 0;
};

using Fates = std::map<MessageId, Fate>;

void add(Fates& fates, const ChangeRun& run) {
    for (std::uint32_t i = 0; i < run.count; ++i) fates[MessageId(run.message.value() + i)].add(run.change);
}

MessageChanges sorted_by_fate(const Fates& fates) {
    MessageChanges changes;
    for (const auto& [id, fate] : fates) {
        const bool came = fate.is(Change::appended);
        const bool went = fate.is(Change::destroyed);
        if (came && went) continue;
        (came ? changes.created : went ? changes.destroyed : changes.updated).push_back(id);
    }
    return changes;
}

struct MailboxFates {
    std::set<MailboxId> created, changed, removed;
};

Result<MailboxFates> mailbox_fates(const engine::Reader& reader, ModSeq since) {
    MailboxFates fates;
    TRY(each_change(reader, no_mailbox, since, [&](ModSeq, const ChangeRecord& record) -> Result<void> {
        for (const auto& run : record.runs) {
            auto& these = run.change == Change::joined ? fates.created
                          : run.change == Change::left ? fates.removed
                                                       : fates.changed;
            for (std::uint32_t i = 0; i < run.count; ++i) these.insert(MailboxId(run.first.value() + i));
        }
        return {};
    }));
    return fates;
}

}  // namespace

Result<void> each_change(const engine::Reader& reader, MailboxId mailbox, ModSeq since,
                         const EachChange& each) {
    auto range = engine::Range::starting_with(keys::changes(mailbox));
    range.first = keys::change(mailbox, since.next());
    const auto cursor = reader.scan(range);
    for (; cursor->valid(); cursor->next()) {
        const auto modseq = keys::number_at<ModSeq>(cursor->key(), keys::after_mailbox);
        if (!modseq) return fail(Error::Kind::corrupt, "a change has no modification sequence");
        TRY(const auto record, decode_changes(cursor->value()));
        TRY(each(*modseq, record));
    }
    return cursor->status();
}

Result<std::vector<MailboxId>> mailboxes_with_log(const engine::Reader& reader) {
    std::vector<MailboxId> mailboxes;
    const auto cursor = reader.scan(engine::Range::starting_with(std::string(1, keys::change_letter)));
    while (cursor->valid()) {
        const auto mailbox = keys::number_at<MailboxId>(cursor->key(), keys::after_letter);
        if (!mailbox) return fail(Error::Kind::corrupt, "a change has no mailbox");
        mailboxes.push_back(*mailbox);
        if (mailbox->value() == UINT32_MAX) break;
        cursor->seek(keys::changes(mailbox->next()));
    }
    TRY(cursor->status());
    return mailboxes;
}

Result<MailboxChanges> mailbox_changes_since(const engine::Reader& reader, MailboxId id, ModSeq since) {
    TRY(const auto account, read_account(reader));
    TRY(const auto mailbox, read_mailbox(reader, id));
    // A client from a future that we lost (a backup was restored) knows nothing that helps.
    const auto known = since <= account.modseq ? since : ModSeq();
    TRY(auto changes, reaches_back(account, since) ? from_log(reader, id, since, mailbox.highest_modseq)
                                                   : from_messages(reader, id, mailbox, known));
    changes.now = mailbox.highest_modseq;
    return changes;
}

Result<std::optional<MessageChanges>> message_changes_since(const engine::Reader& reader, ModSeq since) {
    TRY(const auto account, read_account(reader));
    if (!reaches_back(account, since)) return std::nullopt;
    Fates fates;
    TRY(const auto mailboxes, mailboxes_with_log(reader));
    for (const auto mailbox : mailboxes) {
        if (mailbox == no_mailbox) continue;
        TRY(each_change(reader, mailbox, since, [&](ModSeq, const ChangeRecord& record) -> Result<void> {
            for (const auto& run : record.runs) add(fates, run);
            return {};
        }));
    }
    auto changes = sorted_by_fate(fates);
    changes.now = account.modseq;
    return changes;
}

Result<std::optional<MailboxListChanges>> mailbox_list_changes_since(const engine::Reader& reader,
                                                                     ModSeq since) {
    TRY(const auto account, read_account(reader));
    if (!reaches_back(account, since)) return std::nullopt;
    TRY(auto fates, mailbox_fates(reader, since));
    MailboxListChanges changes;
    changes.now = account.modseq;
    TRY(each_below(reader, std::string(1, keys::mailbox_letter), [&](auto key, auto value) -> Result<void> {
        TRY(const auto mailbox, decode_mailbox(value));
        const auto id = keys::number_at<MailboxId>(key, keys::after_letter).value_or(no_mailbox);
        if (mailbox.kind == MailboxState::Kind::leaving) return {};
        const bool is_changed = fates.changed.contains(id);
        if (fates.created.contains(id)) {
            changes.created.push_back(id);
        } else if (is_changed || mailbox.highest_modseq > since) {
            changes.updated.push_back(id);
            changes.only_counts &= !is_changed;
        }
        return {};
    }));
    for (const auto id : fates.removed)
        if (!fates.created.contains(id)) changes.removed.push_back(id);
    return changes;
}

}  // namespace hongyan::store
