#include "imap/notify.h"

#include <algorithm>
#include <iterator>

#include "imap/annotations.h"
#include "imap/commands/list_line.h"
#include "imap/commands/tree.h"
#include "imap/task.h"
#include "imap/wire/writer.h"

namespace hongyan::imap {
namespace {

NotifiedMailbox known_of(const store::Mailbox& mailbox) {
    return {.name = mailbox.name.text(),
            .selectable = mailbox.selectable(),
            .subscribed = mailbox.subscribed,
            .has_children = mailbox.has_children,
            .uid_validity = mailbox.uid_validity,
            .uid_next = mailbox.uid_next,
            .messages = mailbox.counts.messages,
            .unseen = mailbox.counts.unseen,
            .highest_modseq = mailbox.highest_modseq};
}

void add(wire::NotifyEvents& all, const wire::NotifyEvents& more) {
    all.messages |= more.messages;
    all.flags |= more.flags;
    all.mailbox_name |= more.mailbox_name;
    all.subscription |= more.subscription;
    all.mailbox_metadata |= more.mailbox_metadata;
    all.server_metadata |= more.server_metadata;
}

void put_list(Desk& desk, const NotifiedMailbox& mailbox, bool exists, const std::string& old_name = {}) {
    wire::FlagNames attributes;
    if (!exists)
        attributes.emplace_back("\\NonExistent");
    else if (!mailbox.readable)
        attributes.emplace_back("\\NoAccess");
    else if (!mailbox.selectable)
        attributes.emplace_back("\\Noselect");
    attributes.emplace_back(exists && mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (mailbox.subscribed) attributes.emplace_back("\\Subscribed");
    std::string extended;
    if (!old_name.empty()) {
        extended = R"(("OLDNAME" ()";
        wire::put_mailbox(extended, old_name, desk.here.names);
        extended += "))";
    }
    commands::put_line(desk, "LIST", attributes, mailbox.name, extended);
}

// RFC 5465 §5.1 to §5.3: with HIGHESTMODSEQ for who counts on it.
void put_status(Desk& desk, const NotifiedMailbox& mailbox, bool with_messages, bool with_flags) {
    auto& out = desk.out;
    out += "* STATUS ";
    wire::put_mailbox(out, mailbox.name, desk.here.names);
    fmt::format_to(std::back_inserter(out), " (UIDVALIDITY {}", mailbox.uid_validity);
    if (with_messages)
        fmt::format_to(std::back_inserter(out), " UIDNEXT {} MESSAGES {}", mailbox.uid_next,
                       mailbox.messages);
    if (with_flags) fmt::format_to(std::back_inserter(out), " UNSEEN {}", mailbox.unseen);
    if (desk.here.condstore)
        fmt::format_to(std::back_inserter(out), " HIGHESTMODSEQ {}", mailbox.highest_modseq);
    out += ")\r\n";
}

// Of a mailbox that is there.
bool may_not_look_up(Desk& desk, const OwnChanges::Key& key) {
    if (key.first == *desk.here.account) return false;
    const auto mail = desk.store.account(key.first).view();
    if (!mail.mailbox(key.second)) return false;
    const auto rights = mail.rights(key.second, *desk.here.account);
    return rights && !rights->contains(Right::lookup);
}

// A mailbox that others share counts as one's own only where it is named or subscribed to.
bool means(const wire::NotifyGroup& group, const NotifiedMailbox& mailbox, bool is_own) {
    using enum wire::NotifyScope;
    const auto is_named = [&](const std::string& name) { return name == mailbox.name; };
    const auto is_below = [&](const std::string& top) { return is_at_or_below(mailbox.name, top); };
    if (group.scope == personal || group.scope == inboxes) return is_own;
    if (group.scope == subscribed) return mailbox.subscribed;
    return group.scope == subtree ? std::ranges::any_of(group.mailboxes, is_below)
                                  : std::ranges::any_of(group.mailboxes, is_named);
}

// What has been noted of the account before stays.
Result<void> note_modseq(Watched& known, const store::View& mail) {
    if (known.modseqs.contains(mail.account())) return {};
    TRY(const auto state, mail.state());
    known.modseqs.emplace(mail.account(), state.modseq);
    return {};
}

}  // namespace

// What is not subscribed to is none of those that are, but who asked for such changes hears when it is (RFC
// 5465 §6.4).
wire::NotifyEvents Notify::events_for(const Key& key, const NotifiedMailbox& mailbox,
                                      store::AccountId home) const {
    wire::NotifyEvents events;
    for (const auto& group : groups_) {
        if (means(group, mailbox, key.first == home))
            add(events, group.events);
        else if (group.scope == wire::NotifyScope::subscribed)
            events.subscription |= group.events.subscription;
    }
    return events;
}

bool Notify::is_watched(const Key& key, const NotifiedMailbox& mailbox, store::AccountId home) const {
    return std::ranges::any_of(groups_,
                               [&](const auto& group) { return means(group, mailbox, key.first == home); });
}

Result<void> Notify::look(Desk& desk, Watched& known) const {
    TRY(const auto tree, commands::read_tree(desk));
    const bool names_matter =
        std::ranges::any_of(groups_, [](const auto& group) { return group.events.mailbox_name; });
    for (const auto& [mailbox, rights, mail] : tree.mailboxes) {
        if (!mail || !rights.contains(Right::lookup)) continue;
        auto found = known_of(mailbox);
        found.readable = rights.contains(Right::read);  // RFC 5465 §5: all events need both
        const Key key{mail->account(), mailbox.id};
        if (events_for(key, found, *desk.here.account).any()) {
            known.mailboxes.emplace(key, std::move(found));
            TRY(note_modseq(known, *mail));
        } else if (names_matter) {
            known.others.emplace(key, std::move(found));
        }
        const auto most = desk.here.most_watched;
        if (known.mailboxes.size() + known.others.size() > most)
            return fail(Error::Kind::too_large, "more than {} mailboxes are too many to watch", most);
    }
    return {};
}

std::vector<store::AccountId> Notify::accounts_elsewhere() const {
    std::vector<store::AccountId> accounts;
    for (const auto& [account, modseq] : known_.modseqs) accounts.push_back(account);
    return accounts;
}

Result<void> Notify::begin(Desk& desk, const wire::NotifyArguments& wanted) {
    *this = {};
    is_set_ = true;
    for (const auto& group : wanted.groups) {
        const bool is_delayed = group.scope == wire::NotifyScope::selected_delayed;
        if (is_delayed || group.scope == wire::NotifyScope::selected) {
            is_delayed_ = is_delayed;
            if (group.events.any()) selected_ = group.events;
        } else if (group.events.any()) {
            groups_.push_back(group);
        }
    }
    watches_others_ = !groups_.empty();
    if (!watches_others_) return {};
    TRY(known_, look_at_all(desk));
    for (const auto& [key, mailbox] : known_.mailboxes)
        if (!mailbox.readable && is_watched(key, mailbox, *desk.here.account))
            put_list(desk, mailbox, true);  // RFC 5465 §3.1
    if (!wanted.status) return {};
    for (const auto& [key, mailbox] : known_.mailboxes) {
        const auto events = events_for(key, mailbox, *desk.here.account);
        if (!mailbox.readable || !mailbox.selectable || !(events.messages || events.flags)) continue;
        const bool is_selected =
            desk.here.mailbox && key == Key{desk.mailbox().account(), desk.mailbox().id()};
        if (!is_selected) put_status(desk, mailbox, events.messages, events.flags);
    }
    return {};
}

// Which accounts matter is looked at anew each time; a mailbox that begins to be shared is seen when the
// user's own account, or one that is watched already, changes, and an account that is gone is watched no
// longer.
Result<Watched> Notify::look_at_all(Desk& desk) const {
    Watched known;
    TRY(note_modseq(known, desk.home().view()));
    for (const auto& [account, modseq] : known_.modseqs) {
        const auto noted = note_modseq(known, desk.store.account(account).view());
        const bool is_gone = !noted && noted.error().kind == Error::Kind::not_found;
        if (!is_gone) TRY(noted);
    }
    TRY(look(desk, known));
    return known;
}

Result<bool> Notify::is_changed(Desk& desk) {
    for (const auto& [account, modseq] : known_.modseqs) {
        const auto state = desk.store.account(account).view().state();
        if (!state || state->modseq != modseq) return true;
    }
    return false;
}

void Notify::stop(std::string& out) {
    *this = none();
    wire::put_status(out, wire::untagged, wire::Condition::ok,
                     {wire::Code::notification_overflow, {}, "That were too many at once"});
}

Result<void> Notify::tell(Desk& desk) {
    if (!watches_others_) return {};
    TRY(const auto changed, is_changed(desk));
    if (!changed) return {};
    auto looked = look_at_all(desk);
    if (!looked && looked.error().kind == Error::Kind::too_large) return stop(desk.out), Result<void>();
    TRY(auto found, std::move(looked));
    const auto before = std::exchange(known_, std::move(found));
    names_ =
        NameChanges(before, known_, desk.here.own_changes.names, [&](const auto& key, const auto& mailbox) {
            return events_for(key, mailbox, *desk.here.account).mailbox_name;
        });
    tell_differences(desk, before);
    names_ = {};
    tell_metadata(desk, before);
    return {};
}

void Notify::tell_differences(Desk& desk, const Watched& before) {
    for (const auto& [key, mailbox] : before.mailboxes) {
        if (known_.mailboxes.contains(key)) continue;
        if (const auto* const now = known_.find(key))
            tell_crossing(desk, key, mailbox, *now, mailbox);
        else
            tell_of(desk, key, &mailbox, nullptr);
    }
    for (const auto& [key, mailbox] : known_.mailboxes) {
        const auto* const old = before.find(key);
        if (old != nullptr && before.others.contains(key))
            tell_crossing(desk, key, *old, mailbox, mailbox);
        else
            tell_of(desk, key, old, &mailbox);
    }
}

// Is all that has happened in that mailbox since what the client has done itself? Not where nobody can say:
// it may be gone by now.
bool Notify::are_all_own(Desk& desk, const Key& key, const NotifiedMailbox& before) {
    const auto own = desk.here.own_changes.messages.find(key);
    if (own == desk.here.own_changes.messages.end()) return false;
    auto changes = desk.store.account(key.first).view().changes(key.second, before.highest_modseq);
    if (!changes || !changes->exact) return false;
    changes->changed.remove(own->second);
    changes->vanished.remove(own->second);
    return changes->changed.empty() && changes->vanished.empty();
}

// A whole tree moves with its top, and is not told of by itself (RFC 5465 §5.4).
void Notify::tell_name(Desk& desk, const NotifiedMailbox* before, const NotifiedMailbox* now) const {
    const bool is_renamed = before != nullptr && now != nullptr && before->name != now->name;
    if (!is_renamed)
        put_list(desk, now != nullptr ? *now : *before, now != nullptr);
    else if (!names_.has_moved_along(before->name, now->name))
        put_list(desk, *now, true, before->name);
}

// It was there and is there, `watched` as one of the two: somebody has subscribed to it or unsubscribed,
// which makes no event of its name (RFC 5465 §6.4), or one of its names is not watched, which is told with
// the other (§5.4).
void Notify::tell_crossing(Desk& desk, const Key& key, const NotifiedMailbox& before,
                           const NotifiedMailbox& now, const NotifiedMailbox& watched) const {
    if (before.name == now.name || desk.here.own_changes.names.contains(key)) return;
    if (watched.readable && events_for(key, watched, *desk.here.account).mailbox_name)
        tell_name(desk, &before, &now);
}

// RFC 5465 §5.9: of a mailbox to which there is no access, or was none, that is all there is to tell,
// whatever was asked for. One that may not even be looked up any more is to its client as if it were not
// there.
bool Notify::tell_access(Desk& desk, const Key& key, const NotifiedMailbox* before,
                         const NotifiedMailbox* now) const {
    const bool could = before != nullptr && before->readable, can = now != nullptr && now->readable;
    if (!is_watched(key, now != nullptr ? *now : *before, *desk.here.account)) return !(could || can);
    if (now == nullptr && may_not_look_up(desk, key)) {
        put_list(desk, *before, false);
        return true;
    }
    const bool has_lost = could && now != nullptr && !can, has_got = can && before != nullptr && !could;
    if (has_lost || has_got) put_list(desk, *now, true);
    return has_lost || has_got || !(could || can);
}

// One of the two may be null: a mailbox that is new, or gone.
void Notify::tell_of(Desk& desk, const Key& key, const NotifiedMailbox* before, const NotifiedMailbox* now) {
    if (tell_access(desk, key, before, now)) return;
    const auto events = events_for(key, now != nullptr ? *now : *before, *desk.here.account);
    const bool is_new_name = before == nullptr || now == nullptr || before->name != now->name ||
                             before->selectable != now->selectable;
    const bool is_own_name = desk.here.own_changes.names.contains(key);
    const bool has_subscribed = before != nullptr && now != nullptr && before->subscribed != now->subscribed;
    // RFC 5465 §5.4: the direct parent of what is made or removed is affected too.
    const bool is_parent = now != nullptr && names_.has_affected(now->name);
    if (events.mailbox_name && ((is_new_name && !is_own_name) || is_parent))
        tell_name(desk, before, now);
    else if (events.subscription && has_subscribed && !is_own_name)
        put_list(desk, *now, true);
    const bool is_selected = desk.here.mailbox && key == Key{desk.mailbox().account(), desk.mailbox().id()};
    if (now == nullptr || before == nullptr || is_selected || !now->selectable) return;
    const bool has_messages = before->uid_next != now->uid_next || before->messages != now->messages ||
                              before->uid_validity != now->uid_validity;
    const bool has_flags = before->highest_modseq != now->highest_modseq && !has_messages;
    if (!(has_messages && events.messages) && !(has_flags && events.flags)) return;
    if (!are_all_own(desk, key, *before)) put_status(desk, *now, has_messages, events.flags);
}

// What cannot be read hides no news of others.
void Notify::tell_metadata(Desk& desk, const Watched& before) const {
    const auto user = *desk.here.account;
    const auto put = [&](const store::View& mail, store::MailboxId mailbox, std::string_view name) {
        const auto known = before.modseqs.find(mail.account());
        const auto since = known == before.modseqs.end() ? store::ModSeq(INT64_MAX) : known->second;
        std::ignore = put_changed_entries(desk.out, mail, mailbox, name, desk.here.names, user, since,
                                          desk.here.own_changes.metadata[mail.account()]);
    };
    const auto wants_server = [](const auto& group) { return group.events.server_metadata; };
    if (std::ranges::any_of(groups_, wants_server)) put(desk.home().view(), store::no_mailbox, "");
    for (const auto& [key, mailbox] : known_.mailboxes)
        if (mailbox.readable && events_for(key, mailbox, user).mailbox_metadata)
            put(desk.store.account(key.first).view(), key.second, mailbox.name);
}

}  // namespace hongyan::imap
