// The messages of an account: kept, flagged, copied, moved, expunged.
#include <algorithm>
#include <future>

#include "base/check.h"
#include "store/account.h"
#include "store/edit.h"
#include "store/flag_work.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/roll.h"
#include "store/store.h"
#include "store/upkeep.h"

namespace hongyan::store {
namespace {

// In one transaction, where blobs are not touched.
constexpr std::size_t flags_at_once = 2'000;
constexpr std::size_t copies_at_once = 2'000;

// What a message costs a transaction besides what it holds: keys, places, its share of the log.
constexpr std::size_t bytes_beside = 200;

Result<Mailbox> selectable(const View& view, MailboxId id) {
    TRY(auto mailbox, view.mailbox(id));
    if (!mailbox.selectable())
        return fail(Error::Kind::denied, "\"{}\" is only a name above other mailboxes", mailbox.name.text());
    return mailbox;
}

// UIDs that are given out while the work goes on are none of its business.
Result<UidSet> known_uids(const View& view, MailboxId mailbox, UidSet uids) {
    TRY(const auto state, selectable(view, mailbox));
    uids.remove(UidSet::of({state.uid_next, last_uid}));
    return uids;
}

Result<UidSet> marked_deleted(const View& view, MailboxId mailbox, const UidSet& uids) {
    UidSet marked;
    TRY(view.each_entry(mailbox, uids, [&](const Entry& entry) -> Result<void> {
        if (entry.flags.contains(Flag::deleted)) marked.add(entry.uid);
        return {};
    }));
    return marked;
}

// Works on messages in transactions that stay within the engine's limits: how much records beside the entries
// take is found out, and then fewer are worked on at once. `work` gives what one transaction achieved, from
// nothing each time it runs; `achieved` takes it when it is durable.
template <typename Outcome>
Result<void> in_portions(Store& store, AccountId account, MailboxId mailbox, UidSet uids,
                         PortionLimits limits,
                         const std::function<Result<Outcome>(Edit&, const std::vector<Entry>&)>& work,
                         const std::function<void(Outcome)>& achieved) {
    while (!uids.empty()) {
        Portion portion;
        Outcome outcome;
        bool is_refused = false;  // what is done, not how much it is at once
        auto done = store.edit(account, [&](Edit& edit) -> Result<void> {
            TRY(edit.selectable(mailbox));
            TRY(portion, read_portion(edit.transaction(), mailbox, uids, limits));
            auto worked = work(edit, portion.entries);
            is_refused = !worked;
            TRY(outcome, std::move(worked));
            return {};
        });
        const bool is_too_much = !done && !is_refused && done.error().kind == Error::Kind::too_large;
        if (is_too_much && portion.entries.size() > 1) {
            limits.messages = portion.entries.size() / 2;
            continue;
        }
        TRY(done);
        achieved(std::move(outcome));
        if (!portion.next) return {};
        uids = uids.from(*portion.next);
    }
    return {};
}

std::size_t written_size(const Flags& flags) {
    std::size_t size = 0;
    for (const auto& keyword : flags.keywords()) size += keyword.size() + 4;
    return size;
}

Result<FlagsChanged> change_some(Edit& edit, MailboxId mailbox, const std::vector<Entry>& entries,
                                 const FlagChange& change) {
    FlagsChanged changed;
    TRY(const auto* state, edit.mailbox(mailbox));
    changed.run.before = state->highest_modseq;
    for (const auto& entry : entries) {
        if (change.unchanged_since && entry.modseq > *change.unchanged_since) {
            changed.refused.add(entry.uid);
            continue;
        }
        changed.before.push_back(entry.modseq);
        auto flags = change.applied_to(entry.flags);
        if (flags == entry.flags) {
            changed.entries.push_back(entry);
            continue;
        }
        TRY(permit_keywords(flags));
        TRY(auto now, put_flags(edit, mailbox, entry, std::move(flags)));
        changed.entries.push_back(std::move(now));
    }
    changed.modseq = edit.modseq_taken();
    changed.run.after = changed.modseq == ModSeq() ? changed.run.before : changed.modseq;
    return changed;
}

using WorkOnFlags = std::function<Result<FlagsChanged>(Edit&, const std::vector<Entry>&)>;

// The outcome of a transaction, which is waited for in any case: it uses what its maker has.
class UnderWay {
public:
    explicit UnderWay(std::future<Result<void>> outcome) : outcome_(std::move(outcome)) {}
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() {
        if (outcome_.valid()) outcome_.wait();
    }
    Result<void> get() { return outcome_.get(); }

private:
    std::future<Result<void>> outcome_;
};

// A transaction on messages that have been read outside it; conflict where others have changed the mailbox
// since. `changed` is set when it is durable.
std::future<Result<void>> submit(Store& store, AccountId account, MailboxId mailbox, AsRead known,
                                 const WorkOnFlags& work, std::shared_ptr<FlagsChanged> changed) {
    auto all = [mailbox, known = std::make_shared<const AsRead>(std::move(known)), &work,
                changed](engine::Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(const auto* state, edit.selectable(mailbox));
        if (state->highest_modseq != known->at)
            return fail(Error::Kind::conflict, "the mailbox {} has changed", mailbox);
        TRY(*changed, work(edit, known->entries));
        return edit.finish();
    };
    const auto promise = std::make_shared<std::promise<Result<void>>>();
    store.engine().submit(
        {{engine::Scope::account(account), std::move(all)}}, engine::Together::each_by_itself,
        [promise](std::vector<Result<void>> outcomes) { promise->set_value(std::move(outcomes.front())); });
    return promise->get_future();
}

// As in_portions(), but each portion is read, and what came of the one before is noted, while the disk works.
// Gives those that are left, where others work on the mailbox too or it cannot be read.
Result<UidSet> read_ahead(Store& store, AccountId account, MailboxId mailbox, UidSet uids,
                          const PortionLimits& limits, const WorkOnFlags& work,
                          const std::function<void(FlagsChanged)>& achieved) {
    const auto snapshot = store.engine().snapshot(engine::Scope::account(account));
    TRY(const auto state, read_mailbox(*snapshot, mailbox));
    TRY(auto portion, read_portion(*snapshot, mailbox, uids, limits));
    auto at = state.highest_modseq;
    std::optional<FlagsChanged> before;
    while (!portion.entries.empty()) {
        const auto changed = std::make_shared<FlagsChanged>();
        UnderWay commit(submit(store, account, mailbox, {std::move(portion.entries), at}, work, changed));
        if (before) achieved(*std::exchange(before, std::nullopt));
        auto rest = portion.next ? uids.from(*portion.next) : UidSet();
        auto next = rest.empty() ? Portion() : read_portion(*snapshot, mailbox, rest, limits);
        if (const auto done = commit.get(); !done) {
            if (done.error().kind == Error::Kind::conflict) return uids;
            return std::unexpected(done.error());
        }
        if (changed->modseq != ModSeq()) store.announce(account, changed->modseq);
        at = changed->run.after;
        uids = std::move(rest);
        before = std::move(*changed);
        if (!next) break;  // whoever goes on finds out why
        portion = *std::move(next);
    }
    if (before) achieved(*std::move(before));
    return uids;
}

Result<Expunged> expunge_some(Edit& edit, MailboxId mailbox, const std::vector<Entry>& entries, Which which) {
    Expunged expunged;
    for (const auto& entry : entries) {
        if (which == Which::marked_deleted && !entry.flags.contains(Flag::deleted)) continue;
        TRY(take_out(edit, mailbox, entry));
        expunged.uids.add(entry.uid);
    }
    expunged.modseq = edit.modseq_taken();
    return expunged;
}

void add(Copied& all, Copied more) {
    all.from.insert(all.from.end(), more.from.begin(), more.from.end());
    all.to.insert(all.to.end(), more.to.begin(), more.to.end());
    if (more.modseq != ModSeq()) all.modseq = more.modseq;
}

void add(Copied& all, Uid from, const Placed& placed) {
    all.from.push_back(from);
    all.to.push_back(placed.uid);
    all.modseq = placed.modseq;
}

std::size_t bytes_each(const NewMessage& message) {
    return message.prefix.size() + message.content->summary.size() + written_size(message.flags);
}

Result<void> permit_append(const std::vector<NewMessage>& messages) {
    std::size_t size = 0;
    for (const auto& message : messages) {
        size += bytes_each(message) + bytes_beside;
    }
    if (size > engine::max_transaction_size)
        return fail(Error::Kind::too_large, "{} messages are too many for one transaction", messages.size());
    return {};
}

using PlaceOne = std::function<Result<Placed>(Edit&, MailboxId from, const Entry&, MailboxId to, const Flags&,
                                              Instant now)>;

PlaceOne copy_one(AccountId account) {
    return [account](Edit& edit, MailboxId, const Entry& entry, MailboxId to, const Flags& flags,
                     Instant now) { return place_copy(edit, account, entry, to, flags, now); };
}

// Places the messages one by one into `to`; what has been achieved is in `copied` even when it fails.
Result<void> place_all(Store& store, const View& view, MailboxId from, const UidSet& wanted, MailboxId to,
                       std::size_t at_once, const PlaceOne& place, const Permitted& permitted,
                       Copied& copied) {
    TRY(const auto uids, known_uids(view, from, wanted));
    TRY(const auto target, selectable(view, to));
    copied.uid_validity = target.uid_validity;
    const auto work = [&, now = store.clock().now()](Edit& edit,
                                                     const std::vector<Entry>& entries) -> Result<Copied> {
        Copied some;
        TRY(edit.selectable(to));
        for (const auto& entry : entries) {
            const auto flags = permitted ? permitted(entry.flags) : entry.flags;
            TRY(const auto placed, place(edit, from, entry, to, flags, now));
            add(some, entry.uid, placed);
        }
        return some;
    };
    return in_portions<Copied>(store, view.account(), from, uids, {at_once, bytes_beside}, work,
                               [&](Copied some) { add(copied, std::move(some)); });
}

}  // namespace

View Account::view() const { return {store_->engine(), id_, &store_->rolls()}; }

Result<void> Account::set_quota(const Quota& quota) const {
    return store_->edit(id_, [&](Edit& edit) -> Result<void> {
        edit.account().quota = quota;
        return {};
    });
}

Result<std::vector<Placed>> Account::append(MailboxId mailbox, std::vector<NewMessage> messages) const {
    const auto placed = std::make_shared<std::vector<Placed>>();
    TRY(auto part, append_part(mailbox, std::move(messages), placed));
    TRY(store_->engine().transact(part.scope, std::move(part.work)));
    if (!placed->empty()) store_->announce(id_, placed->back().modseq);
    return *placed;
}

Result<engine::Part> Account::append_part(MailboxId mailbox, std::vector<NewMessage> messages,
                                          std::shared_ptr<std::vector<Placed>> placed) const {
    TRY(permit_append(messages));
    auto shared = std::make_shared<const std::vector<NewMessage>>(std::move(messages));
    auto work = [mailbox, shared, placed = std::move(placed),
                 now = store_->clock().now()](engine::Transaction& transaction) -> Result<void> {
        placed->clear();
        TRY(auto edit, Edit::begin(transaction));
        TRY(edit.selectable(mailbox));
        for (const auto& message : *shared) {
            TRY(auto place, place_once(edit, mailbox, message, now));
            placed->push_back(place);
        }
        return edit.finish();
    };
    return engine::Part{engine::Scope::account(id_), std::move(work)};
}

Result<FlagsChanged> Account::change_flags(MailboxId mailbox, const UidSet& uids,
                                           const FlagChange& change) const {
    FlagsChanged all;
    TRY(store::change_flags(*store_, id_, mailbox, uids, change, all));
    return all;
}

Result<void> change_flags(Store& store, AccountId account, MailboxId mailbox, const UidSet& wanted,
                          const FlagChange& change, FlagsChanged& all) {
    TRY(permit_keywords(change.how == FlagChange::How::remove ? Flags() : change.flags));
    TRY(const auto uids, known_uids(store.account(account).view(), mailbox, wanted));
    const auto work = [&](Edit& edit, const std::vector<Entry>& entries) {
        return change_some(edit, mailbox, entries, change);
    };
    const auto achieved = [&](FlagsChanged some) {
        store.rolls().take_over(account, mailbox, some.run, some.entries);
        std::ranges::move(some.entries, std::back_inserter(all.entries));
        std::ranges::move(some.before, std::back_inserter(all.before));
        all.refused.add(some.refused);
        if (some.modseq != ModSeq()) all.modseq = some.modseq;
        all.run.add(some.run);
    };
    const PortionLimits limits{flags_at_once, bytes_beside + written_size(change.flags)};
    TRY(const auto left, read_ahead(store, account, mailbox, uids, limits, work, achieved));
    return in_portions<FlagsChanged>(store, account, mailbox, left, limits, work, achieved);
}

Result<engine::Part> Account::change_flags_part(MailboxId mailbox, const UidSet& uids,
                                                const FlagChange& change,
                                                std::shared_ptr<FlagsChanged> changed) const {
    return store::change_flags_part(id_, mailbox, uids, change, {}, std::move(changed));
}

Result<engine::Part> change_flags_part(AccountId account, MailboxId mailbox, const UidSet& uids,
                                       const FlagChange& change, AsRead known,
                                       std::shared_ptr<FlagsChanged> changed) {
    check(uids.size() <= max_flags_part, "a part of flags is small");
    TRY(permit_keywords(change.how == FlagChange::How::remove ? Flags() : change.flags));
    auto work = [mailbox, uids, change, known = std::move(known),
                 changed = std::move(changed)](engine::Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(const auto* state, edit.selectable(mailbox));
        Portion portion;
        const bool is_known = state->highest_modseq == known.at;
        if (!is_known) {
            TRY(portion, read_portion(transaction, mailbox, uids, {max_flags_part}));
        }
        TRY(*changed, change_some(edit, mailbox, is_known ? known.entries : portion.entries, change));
        return edit.finish();
    };
    return engine::Part{engine::Scope::account(account), std::move(work)};
}

Result<Expunged> Account::expunge(MailboxId mailbox, const UidSet& wanted, Which which) const {
    const auto now = view();
    TRY(auto uids, known_uids(now, mailbox, wanted));
    if (which == Which::marked_deleted) {
        TRY(uids, marked_deleted(now, mailbox, uids));
    }
    Expunged all;
    const auto work = [&](Edit& edit, const std::vector<Entry>& entries) {
        return expunge_some(edit, mailbox, entries, which);
    };
    const auto achieved = [&](const Expunged& some) {
        all.uids.add(some.uids);
        if (some.modseq != ModSeq()) all.modseq = some.modseq;
    };
    TRY(in_portions<Expunged>(*store_, id_, mailbox, uids, {messages_at_once, bytes_beside}, work, achieved));
    return all;
}

Result<Copied> Account::copy(MailboxId from, const UidSet& uids, MailboxId to,
                             const Permitted& permitted) const {
    Copied copied;
    auto outcome =
        place_all(*store_, view(), from, uids, to, copies_at_once, copy_one(id_), permitted, copied);
    if (outcome) return copied;
    UidSet back;
    for (const auto uid : copied.to) back.add(uid);
    if (!expunge(to, back, Which::all))
        return fail(std::move(outcome).error(), "some messages have been copied, but not all");
    return std::unexpected(std::move(outcome).error());
}

Result<Copied> Account::move(MailboxId from, const UidSet& uids, MailboxId to) const {
    Copied moved;
    TRY(move(from, uids, to, {}, moved));
    return moved;
}

Result<void> Account::move(MailboxId from, const UidSet& uids, MailboxId to, const Permitted& permitted,
                           Copied& moved) const {
    moved = {};
    return place_all(*store_, view(), from, uids, to, messages_at_once, place_moved, permitted, moved);
}

Result<Uid> Account::claim_recent(MailboxId mailbox) const {
    TRY(const auto before, view().mailbox(mailbox));
    if (before.first_recent == before.uid_next) return before.first_recent;
    const auto next = before.uid_next;
    const auto first = store_->rolls().claim_recent(id_, mailbox, before.first_recent, next);
    if (first >= next) return first;
    auto work = [mailbox, next](engine::Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(auto* state, edit.selectable(mailbox));
        state->first_recent = std::max(state->first_recent, next);
        return edit.finish();
    };
    // The one change that nobody waits for: after a crash the messages may be recent to another session too,
    // as they are to be where nobody knows (RFC 3501 §2.3.2).
    store_->engine().submit({{engine::Scope::account(id_), std::move(work)}},
                            engine::Together::each_by_itself, [](const std::vector<Result<void>>&) {});
    return first;
}

}  // namespace hongyan::store
