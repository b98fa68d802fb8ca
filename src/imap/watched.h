// What a client that watches mailboxes by NOTIFY knows of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "imap/own_changes.h"

namespace hongyan::imap {

// A mailbox as the client knows it.
struct NotifiedMailbox {
    std::string name;
    bool selectable = true;
    bool readable = true;  // else the client hears that it has no access, and of no event
    bool subscribed = false;
    bool has_children = false;
    store::UidValidity uid_validity;
    store::Uid uid_next;
    std::uint64_t messages = 0;
    std::uint64_t unseen = 0;
    store::ModSeq highest_modseq;
};

// All of it, as of one look.
struct Watched {
    using Key = OwnChanges::Key;
    using Snapshot = std::map<Key, NotifiedMailbox>;

    Snapshot mailboxes;
    // Are there too, and none of those asked for: where names matter, for what comes from there or goes
    // there.
    Snapshot others;
    std::map<store::AccountId, store::ModSeq> modseqs;  // of the accounts as of that look, or before it

    // Of either kind; null where there is none.
    const NotifiedMailbox* find(const Key& key) const {
        for (const auto* kind : {&mailboxes, &others})
            if (const auto found = kind->find(key); found != kind->end()) return &found->second;
        return nullptr;
    }
};

}  // namespace hongyan::imap
