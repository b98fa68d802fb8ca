// The mailboxes of an account: created, renamed, removed, subscribed to.
#include <algorithm>

#include "store/account.h"
#include "store/edit.h"
#include "store/grants.h"
#include "store/keys.h"
#include "store/notes.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/store.h"
#include "store/upkeep.h"
#include "store/use_entry.h"

namespace hongyan::store {
namespace {

using enum Error::Kind;

// The use is told as one of the owner's annotations (RFC 6154 §4). There is none of that name, but that it
// has changed is remembered as if one had been removed, for who wants to hear of it (RFC 5465 §5.6).
void note_use(Edit& edit, MailboxId mailbox, AccountId owner) {
    edit.transaction().put(keys::annotation(mailbox, owner, use_entry),
                           encode_annotation(std::nullopt, edit.modseq()));
}

Result<void> permit_use(Edit& edit, SpecialUse use) {
    if (use == SpecialUse::none) return {};
    return each_below(
        edit.transaction(), std::string(1, keys::mailbox_letter), [&](auto, auto value) -> Result<void> {
            TRY(const auto mailbox, decode_mailbox(value));
            if (mailbox.use != use) return {};
            return fail(exists, "\"{}\" is used for {} already", mailbox.level, row_of(use)->role);
        });
}

Result<void> permit_another(Edit& edit, std::uint32_t limit) {
    std::uint32_t count = 0;
    TRY(each_below(edit.transaction(), std::string(1, keys::name_letter), [&](auto, auto) -> Result<void> {
        ++count;
        return {};
    }));
    if (count >= limit) return fail(over_quota, "the account has {} mailboxes and may have no more", count);
    return {};
}

// Whether the name was subscribed to when its mailbox was removed; that is over now.
Result<bool> take_lost_subscription(Edit& edit, const MailboxName& name) {
    std::vector<std::string> keys;
    TRY(each_below(edit.transaction(), std::string(1, keys::subscription_letter),
                   [&](auto key, auto value) -> Result<void> {
                       if (value == name.text()) keys.emplace_back(key);
                       return {};
                   }));
    for (const auto& key : keys) edit.transaction().erase(key);
    return !keys.empty();
}

void put_name(Edit& edit, MailboxId id, const MailboxState& mailbox) {
    edit.transaction().put(keys::name(mailbox.parent, mailbox.level), encode_id(id));
}
void erase_name(Edit& edit, const MailboxState& mailbox) {
    edit.transaction().erase(keys::name(mailbox.parent, mailbox.level));
}

void begin_life(Edit& edit, MailboxState& mailbox, const NewMailbox& wanted, Instant now) {
    mailbox.kind = MailboxState::Kind::selectable;
    mailbox.use = wanted.use;
    mailbox.subscribed |= wanted.subscribed;
    mailbox.uid_validity = edit.next_uid_validity(now);
    mailbox.highest_modseq = edit.modseq();
}

// Makes mailboxes of names, within one edit.
class Maker {
public:
    Maker(Edit& edit, const Limits& limits, Instant now) : edit_(edit), limits_(limits), now_(now) {}

    Result<MailboxId> make(const MailboxName& name, const NewMailbox& wanted) {
        TRY(permit_use(edit_, wanted.use));
        TRY(const auto parent, make_above(name));
        TRY(const auto present, read_child(edit_.transaction(), parent, name.last()));
        if (present) return revive(*present, name, wanted);
        return make_below(parent, name, wanted);
    }

    // The mailbox above that name, and all above it.
    Result<MailboxId> make_above(const MailboxName& name) {
        auto parent = no_mailbox;
        for (std::size_t depth = 1; depth < name.levels().size(); ++depth) {
            const auto levels = name.levels().first(depth);
            TRY(const auto present, read_child(edit_.transaction(), parent, levels.back()));
            if (present) {
                parent = *present;
                continue;
            }
            TRY(parent, make_below(parent, MailboxName::of_levels({levels.begin(), levels.end()}), {}));
        }
        return parent;
    }

private:
    Result<MailboxId> make_below(MailboxId parent, const MailboxName& name, const NewMailbox& wanted) {
        TRY(permit_another(edit_, limits_.mailboxes));
        MailboxState mailbox;
        mailbox.parent = parent;
        mailbox.level = name.last();
        mailbox.created = edit_.modseq();
        TRY(mailbox.subscribed, take_lost_subscription(edit_, name));
        begin_life(edit_, mailbox, wanted, now_);
        const auto id = edit_.add(mailbox);
        put_name(edit_, id, mailbox);
        TRY(inherit_grants(edit_, parent, id));
        edit_.log(id, Change::joined);
        return id;
    }

    // A name that is left above other mailboxes may become a mailbox again.
    Result<MailboxId> revive(MailboxId id, const MailboxName& name, const NewMailbox& wanted) {
        TRY(auto* mailbox, edit_.mailbox(id));
        if (mailbox->kind != MailboxState::Kind::name_only)
            return fail(exists, "there is a mailbox \"{}\" already", name.text());
        begin_life(edit_, *mailbox, wanted, now_);
        TRY(inherit_grants(edit_, mailbox->parent, id));
        edit_.log(id, Change::changed);
        return id;
    }

    Edit& edit_;
    const Limits& limits_;
    Instant now_;
};

Result<bool> is_at_or_below(Edit& edit, MailboxId id, MailboxId top) {
    for (std::size_t depth = 0; id != no_mailbox; ++depth) {
        if (id == top) return true;
        if (depth > max_levels) return fail(corrupt, "the mailbox {} has no way to the top", id);
        TRY(const auto* mailbox, edit.mailbox(id));
        id = mailbox->parent;
    }
    return false;
}

Result<std::size_t> levels_from(Edit& edit, MailboxId top) {
    std::size_t deepest = 0;
    TRY(const auto children, read_children(edit.transaction(), top));
    for (const auto child : children) {
        TRY(const auto levels, levels_from(edit, child));
        deepest = std::max(deepest, levels);
    }
    return deepest + 1;
}

Result<void> move_in_tree(Edit& edit, MailboxId id, const MailboxName& to, Maker& maker) {
    TRY(const auto present, read_path(edit.transaction(), to));
    if (present == id) return {};
    if (present) return fail(exists, "there is a mailbox \"{}\" already", to.text());
    TRY(const auto levels, levels_from(edit, id));
    if (to.levels().size() + levels - 1 > max_levels)
        return fail(invalid, "below \"{}\" there would be more than {} levels", to.text(), max_levels);
    TRY(const auto parent, maker.make_above(to));
    TRY(const auto is_circle, is_at_or_below(edit, parent, id));
    if (is_circle) return fail(invalid, "a mailbox cannot lie below itself");
    TRY(auto* mailbox, edit.mailbox(id));
    erase_name(edit, *mailbox);
    mailbox->parent = parent;
    mailbox->level = to.last();
    put_name(edit, id, *mailbox);
    edit.log(id, Change::changed);
    return {};
}

// The name stays with the children, on a record of its own: the mailbox that goes takes its id with it.
Result<void> leave_name(Edit& edit, const MailboxState& removed, std::span<const MailboxId> children,
                        Instant now) {
    MailboxState name;
    name.parent = removed.parent;
    name.level = removed.level;
    name.kind = MailboxState::Kind::name_only;
    name.subscribed = removed.subscribed;
    name.uid_validity = edit.next_uid_validity(now);
    name.created = edit.modseq();
    name.highest_modseq = edit.modseq();
    const auto id = edit.add(name);
    put_name(edit, id, name);
    edit.log(id, Change::joined);
    for (const auto child : children) {
        TRY(auto* state, edit.mailbox(child));
        erase_name(edit, *state);
        state->parent = id;
        put_name(edit, child, *state);
        edit.log(child, Change::changed);
    }
    return {};
}

Result<void> detach(Edit& edit, MailboxId id, Children wanted, Instant now) {
    TRY(auto* mailbox, edit.mailbox(id));
    TRY(const auto name, read_name(edit.transaction(), *mailbox));
    TRY(const auto children, read_children(edit.transaction(), id));
    const bool is_name = mailbox->kind == MailboxState::Kind::name_only;
    if (!children.empty() && (wanted == Children::forbid || is_name))
        return fail(conflict, "there are mailboxes below \"{}\"", name.text());
    erase_name(edit, *mailbox);
    if (!children.empty())
        TRY(leave_name(edit, *mailbox, children, now));
    else if (mailbox->subscribed)
        edit.transaction().put(keys::subscription(id), name.text());
    mailbox->kind = MailboxState::Kind::leaving;
    mailbox->use = SpecialUse::none;
    edit.log(id, Change::left);
    return {};
}

}  // namespace

Result<Mailbox> Account::create(const MailboxName& name, const NewMailbox& wanted) const {
    MailboxId id;
    const auto now = store_->clock().now();
    TRY(store_->edit(id_, [&](Edit& edit) -> Result<void> {
        TRY(id, Maker(edit, store_->limits(), now).make(name, wanted));
        return {};
    }));
    return view().mailbox(id);
}

Result<void> Account::rename(MailboxId mailbox, const MailboxName& to) const {
    if (mailbox == inbox) {
        TRY(const auto made, create(to));
        TRY(store_->edit(id_, [&](Edit& edit) { return copy_annotations(edit, inbox, made.id); }));
        TRY(move(inbox, UidSet::all(), made.id));
        return {};
    }
    const auto now = store_->clock().now();
    return store_->edit(id_, [&](Edit& edit) -> Result<void> {
        TRY(edit.mailbox(mailbox));
        Maker maker(edit, store_->limits(), now);
        return move_in_tree(edit, mailbox, to, maker);
    });
}

Result<void> Account::remove(MailboxId mailbox, Children children) const {
    if (mailbox == inbox) return fail(denied, "INBOX cannot be removed");
    const auto now = store_->clock().now();
    TRY(store_->edit(id_, [&](Edit& edit) { return detach(edit, mailbox, children, now); }));
    return finish_removal(*store_, id_, mailbox);
}

Result<void> Account::subscribe(const MailboxName& name, bool subscribed) const {
    return store_->edit(id_, [&](Edit& edit) -> Result<void> {
        TRY(const auto id, read_path(edit.transaction(), name));
        if (!id && subscribed) return fail(not_found, "there is no mailbox \"{}\"", name.text());
        if (!id) {
            TRY(take_lost_subscription(edit, name));
            return {};
        }
        TRY(auto* mailbox, edit.mailbox(*id));
        if (mailbox->subscribed == subscribed) return {};
        mailbox->subscribed = subscribed;
        edit.log(*id, Change::changed);
        return {};
    });
}

Result<void> Account::set_special_use(MailboxId id, SpecialUse use) const {
    if (id == inbox && use != SpecialUse::none) return fail(denied, "INBOX has no other use");
    return store_->edit(id_, [&](Edit& edit) -> Result<void> {
        TRY(auto* mailbox, edit.selectable(id));
        if (mailbox->use == use) return {};
        TRY(permit_use(edit, use));
        mailbox->use = use;
        note_use(edit, id, id_);
        edit.log(id, Change::changed);
        return {};
    });
}

}  // namespace hongyan::store
