// The arguments of NOTIFY (RFC 5465 §8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imap/wire/parser.h"

namespace hongyan::imap::wire {

enum class NotifyScope { selected, selected_delayed, inboxes, personal, subscribed, subtree, mailboxes };

// What a client wants to hear of.
struct NotifyEvents {
    bool messages = false;  // MessageNew and MessageExpunge, which come together
    bool flags = false;
    bool mailbox_name = false;
    bool subscription = false;
    bool mailbox_metadata = false;
    bool server_metadata = false;
    std::vector<FetchItem> fetched;  // of new messages in the selected mailbox

    bool any() const {
        return messages || flags || mailbox_name || subscription || mailbox_metadata || server_metadata;
    }
    friend bool operator==(const NotifyEvents&, const NotifyEvents&) = default;
};

struct NotifyGroup {
    NotifyScope scope = NotifyScope::personal;
    std::vector<std::string> mailboxes;  // of subtree and mailboxes
    NotifyEvents events;

    friend bool operator==(const NotifyGroup&, const NotifyGroup&) = default;
};

struct NotifyArguments {
    bool none = false;    // NOTIFY NONE
    bool status = false;  // NOTIFY SET STATUS
    std::vector<NotifyGroup> groups;
    bool has_unknown_event = false;  // answered by BADEVENT (RFC 5465 §3.1)

    friend bool operator==(const NotifyArguments&, const NotifyArguments&) = default;
};

NotifyArguments notify_arguments(Parser& in);
void put(std::string& out, const NotifyArguments& arguments);

// For BADEVENT: all that we know.
std::string known_events();

}  // namespace hongyan::imap::wire
