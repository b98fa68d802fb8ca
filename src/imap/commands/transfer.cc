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

// What came along with copies that this user may not set.
Result<void> strip_flags(const store::Copied& copied, const Place& target) {
    if (target.rights.contains(changing) || copied.to.empty()) return {};
    const auto forbidden = untouchable(target.rights);
    const store::FlagChange strip{
        .how = store::FlagChange::How::replace,
        .untouchable = {.seen = !forbidden.seen, .deleted = !forbidden.deleted, .others = !forbidden.others}};
    TRY(target.account.change_flags(target.mailbox.id, set_of(copied.to), strip));
    return {};
}

Result<store::Copied> take(Desk& desk, const UidSet& uids, const Place& target) {
    const auto flags = [&target](const store::Flags& wanted) { return permitted(wanted, target.rights); };
    return target.account.take(desk.account.view(), desk.mailbox().id(), uids, target.mailbox.id, flags);
}

}  // namespace

Result<store::Copied> copy_to(Desk& desk, const UidSet& uids, const Place& target) {
    if (!is_same_account(desk, target)) return take(desk, uids, target);
    TRY(const auto copied, desk.account.copy(desk.mailbox().id(), uids, target.mailbox.id));
    TRY(strip_flags(copied, target));
    return copied;
}

Result<store::Copied> move_to(Desk& desk, const UidSet& uids, const Place& target) {
    const auto source = desk.mailbox().id();
    if (is_same_account(desk, target)) {
        TRY(const auto moved, desk.account.move(source, uids, target.mailbox.id));
        TRY(strip_flags(moved, target));
        return moved;
    }
    TRY(auto moved, take(desk, uids, target));
    TRY(const auto expunged, desk.account.expunge(source, set_of(moved.from), store::Which::all));
    moved.modseq = expunged.modseq;
    return moved;
}

}  // namespace hongyan::imap::commands
