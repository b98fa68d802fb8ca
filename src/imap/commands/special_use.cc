#include "imap/commands/special_use.h"

#include <algorithm>

namespace hongyan::imap::commands {

// What \All and \Flagged promise no mailbox of messages of its own keeps (RFC 6154 §2).
Result<std::optional<store::SpecialUse>> use_for(const store::View& mail, store::MailboxId mailbox,
                                                 const wire::FlagNames& attributes) {
    if (attributes.empty()) return store::SpecialUse::none;
    const auto use = store::special_use_of(attributes.front());
    const bool is_view = use == store::SpecialUse::all || use == store::SpecialUse::flagged;
    if (!use || is_view || attributes.size() > 1) return std::nullopt;
    TRY(const auto mailboxes, mail.mailboxes());
    const auto has_it = [&](const store::Mailbox& other) { return other.use == *use && other.id != mailbox; };
    if (std::ranges::any_of(mailboxes, has_it)) return std::nullopt;
    return use;
}

Completion not_the_owner() {
    return no(wire::Code::no_permission, "What a mailbox is used for is its owner's to say");
}

}  // namespace hongyan::imap::commands
