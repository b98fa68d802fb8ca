// The ESEARCH command: a search of several mailboxes (RFC 7377).
#pragma once

#include <string>
#include <vector>

#include "imap/wire/parser.h"
#include "imap/wire/search.h"

namespace hongyan::imap::wire {

// filter-mailboxes: which mailboxes are meant (RFC 5465 §6, RFC 7377 §2.2).
struct MailboxFilter {
    enum class Which { selected, inboxes, personal, subscribed, subtree, subtree_one, mailboxes };

    Which which = Which::selected;
    std::vector<std::string> names;  // of the last three

    friend bool operator==(const MailboxFilter&, const MailboxFilter&) = default;
};

struct MultiSearchArguments {
    std::vector<MailboxFilter> sources;  // none: the selected mailbox
    std::optional<ResultOptions> wanted;
    SearchProgram program;

    friend bool operator==(const MultiSearchArguments&, const MultiSearchArguments&) = default;
};

// filter-mailboxes, without "selected-delayed"
MailboxFilter read_mailbox_filter(Parser& in);
// What stands behind ESEARCH, its leading space included.
MultiSearchArguments read_multi_search(Parser& in);

void put(std::string& out, const MailboxFilter& filter);
void put(std::string& out, const MultiSearchArguments& arguments);

}  // namespace hongyan::imap::wire
