#include "imap/commands/transfer.h"

namespace hongyan::imap::commands {
namespace {

UidSet set_of(const std::vector<Uid>& uids) {
    UidSet set;
    for (const auto uid : uids) set.add(uid);
    return set;
}

bool is_same_account(const Desk& desk, const Place& target) {
    return desk.mailbox().account() == target.account.id();
}

store::Permitted permitted_in(const Place& target) {
    if (target.rights.contains(changing)) return {};
    return [rights = target.rights](const store::Flags& flags) { return permitted(flags, rights); };
}

Result<store::Copied> take(Desk& desk, const UidSet& uids, const Place& target) {
    return target.account.take(desk.account.view(), desk.mailbox().id(), uids, target.mailbox.id,
                               permitted_in(target));
}

// Those of `taken` that are where they were go out of the target again. The others have been moved, but for
// those of which nobody can say it: they stay where they came to, and are told of by nobody.
Result<void> take_back(Desk& desk, const store::Copied& taken, const Place& target, store::Copied& moved) {
    const auto mail = desk.account.view();
    moved.uid_validity = taken.uid_validity;
    UidSet back;
    for (std::size_t i = 0; i < taken.from.size(); ++i) {
        const auto left = mail.entry(desk.mailbox().id(), taken.from[i]);
        if (!left) continue;
        if (*left) {
            back.add(taken.to[i]);
            continue;
        }
        moved.from.push_back(taken.from[i]);
        moved.to.push_back(taken.to[i]);
    }
    TRY(target.account.expunge(target.mailbox.id, back, store::Which::all));
    return {};
}

Result<void> move_away(Desk& desk, const UidSet& uids, const Place& target, store::Copied& moved) {
    moved = {};
    TRY(auto taken, take(desk, uids, target));
    auto expunged = desk.account.expunge(desk.mailbox().id(), set_of(taken.from), store::Which::all);
    if (!expunged) {
        TRY(take_back(desk, taken, target, moved));
        return std::unexpected(std::move(expunged).error());
    }
    moved = std::move(taken);
    moved.modseq = expunged->modseq;
    return {};
}

}  // namespace

Result<store::Copied> copy_to(Desk& desk, const UidSet& uids, const Place& target) {
    if (!is_same_account(desk, target)) return take(desk, uids, target);
    return desk.account.copy(desk.mailbox().id(), uids, target.mailbox.id, permitted_in(target));
}

Result<void> move_to(Desk& desk, const UidSet& uids, const Place& target, store::Copied& moved) {
    if (!is_same_account(desk, target)) return move_away(desk, uids, target, moved);
    return desk.account.move(desk.mailbox().id(), uids, target.mailbox.id, permitted_in(target), moved);
}

}  // namespace hongyan::imap::commands
