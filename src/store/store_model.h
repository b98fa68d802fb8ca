// The simplest thing that behaves as an account should: maps of values, nothing shared, nothing fast. The
// model test holds the store to it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/store.h"

namespace hongyan::store {

struct ModelEntry {
    MessageId message;
    Flags flags;
    ModSeq modseq;

    friend bool operator==(const ModelEntry&, const ModelEntry&) = default;
};

struct ModelMailbox {
    std::string name;
    bool selectable = true;
    Uid uid_next{1};
    std::map<Uid, ModelEntry> entries;

    friend bool operator==(const ModelMailbox&, const ModelMailbox&) = default;
};

// Each function does what the call of the same name promises, and says whether it may be done.
struct ModelAccount {
    std::map<MailboxId, ModelMailbox> mailboxes;
    std::map<MessageId, std::string> messages;
    std::map<std::string, std::pair<MailboxId, Uid>> deliveries;
    ModSeq modseq;
    MailboxId next_mailbox{1};
    MessageId next_message{1};
    Quota quota;

    MailboxId add_mailbox(const std::string& name) {
        const auto id = next_mailbox;
        next_mailbox = id.next();
        mailboxes[id].name = name;
        return id;
    }

    std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& [id, text] : messages) sum += text.size();
        return sum;
    }

    std::optional<MailboxId> find(const std::string& name) const {
        for (const auto& [id, mailbox] : mailboxes)
            if (mailbox.name == name) return id;
        return std::nullopt;
    }

    bool is_below(const std::string& name, const std::string& top) const {
        return name.starts_with(top + "/");
    }

    bool has_children(MailboxId id) const {
        return std::ranges::any_of(
            mailboxes, [&](const auto& other) { return is_below(other.second.name, mailboxes.at(id).name); });
    }

    void create_above(const std::string& name) {
        for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
            if (!find(name.substr(0, slash))) add_mailbox(name.substr(0, slash));
    }

    bool create(const std::string& name) {
        const auto present = find(name);
        if (present && mailboxes[*present].selectable) return false;
        modseq = modseq.next();
        create_above(name);
        if (present)
            mailboxes[*present].selectable = true;
        else
            add_mailbox(name);
        return true;
    }

    bool rename(MailboxId id, const std::string& to) {
        if (id == inbox) {
            if (!create(to)) return false;
            move(inbox, UidSet::all(), *find(to));
            return true;
        }
        const auto from = mailboxes.at(id).name;
        if (from == to) return true;
        if (find(to) || is_below(to, from)) return false;
        modseq = modseq.next();
        create_above(to);
        for (auto& [other, mailbox] : mailboxes)
            if (mailbox.name == from || is_below(mailbox.name, from))
                mailbox.name.replace(0, from.size(), to);
        return true;
    }

    bool remove(MailboxId id, Children children) {
        const bool leaves_name = has_children(id);
        const bool may =
            id != inbox && !(leaves_name && (children == Children::forbid || !mailboxes[id].selectable));
        if (!may) return false;
        modseq = modseq.next();
        const auto gone = mailboxes[id];
        mailboxes.erase(id);
        if (leaves_name) mailboxes[add_mailbox(gone.name)].selectable = false;
        if (!gone.entries.empty()) modseq = modseq.next();
        for (const auto& [uid, entry] : gone.entries) forget_if_homeless(entry.message);
        return true;
    }

    bool is_homeless(MessageId id) const {
        return std::ranges::none_of(mailboxes, [&](const auto& mailbox) {
            return std::ranges::any_of(mailbox.second.entries,
                                       [&](const auto& entry) { return entry.second.message == id; });
        });
    }
    void forget_if_homeless(MessageId id) {
        if (is_homeless(id)) messages.erase(id);
    }

    Uid enter(MailboxId mailbox, ModelEntry entry) {
        auto& box = mailboxes.at(mailbox);
        const auto uid = box.uid_next;
        box.uid_next = uid.next();
        entry.modseq = modseq;
        box.entries[uid] = std::move(entry);
        return uid;
    }

    bool append(MailboxId mailbox, const std::vector<std::pair<std::string, Flags>>& texts) {
        auto used = bytes();
        for (const auto& text : texts) used += text.first.size();
        const bool fits = (quota.bytes == 0 || used <= quota.bytes) &&
                          (quota.messages == 0 || messages.size() + texts.size() <= quota.messages);
        if (!mailboxes.at(mailbox).selectable || !fits) return false;
        modseq = modseq.next();
        for (const auto& [text, flags] : texts) {
            messages[next_message] = text;
            enter(mailbox, {next_message, flags, {}});
            next_message = next_message.next();
        }
        return true;
    }

    bool change_flags(MailboxId mailbox, const UidSet& uids, const FlagChange& change) {
        if (!mailboxes.at(mailbox).selectable) return false;
        const auto now = modseq.next();
        for (auto& [uid, entry] : mailboxes.at(mailbox).entries) {
            const bool refused = change.unchanged_since && entry.modseq > *change.unchanged_since;
            auto flags = change.applied_to(entry.flags);
            if (!uids.contains(uid) || refused || flags == entry.flags) continue;
            entry.flags = std::move(flags);
            entry.modseq = modseq = now;
        }
        return true;
    }

    bool expunge(MailboxId mailbox, const UidSet& uids, Which which) {
        if (!mailboxes.at(mailbox).selectable) return false;
        auto& entries = mailboxes.at(mailbox).entries;
        const auto before = entries;
        for (const auto& [uid, entry] : before) {
            if (!uids.contains(uid) ||
                (which == Which::marked_deleted && !entry.flags.contains(Flag::deleted)))
                continue;
            entries.erase(uid);
            forget_if_homeless(entry.message);
        }
        if (entries.size() != before.size()) modseq = modseq.next();
        return true;
    }

    bool copy(MailboxId from, const UidSet& uids, MailboxId to) {
        if (!mailboxes.at(from).selectable || !mailboxes.at(to).selectable) return false;
        const auto before = mailboxes.at(from).entries;
        const auto now = modseq.next();
        for (const auto& [uid, entry] : before) {
            if (!uids.contains(uid)) continue;
            modseq = now;
            enter(to, entry);
        }
        return true;
    }

    bool move(MailboxId from, const UidSet& uids, MailboxId to) {
        const auto before = mailboxes.at(from).entries;
        if (!copy(from, uids, to)) return false;
        for (const auto& [uid, entry] : before)
            if (uids.contains(uid)) mailboxes.at(from).entries.erase(uid);
        return true;
    }
};

}  // namespace hongyan::store
