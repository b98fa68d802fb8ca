#include "imap/commands/names.h"

namespace hongyan::imap::commands {

Result<store::MailboxName> parse_name(std::string_view text) {
    if (text.size() > 1 && text.ends_with(store::hierarchy_separator)) text.remove_suffix(1);
    return store::MailboxName::parse(text);
}

Result<store::Mailbox> find_selectable(const store::View& mail, std::string_view name) {
    const auto parsed = store::MailboxName::parse(name);
    if (!parsed) return fail(Error::Kind::not_found, "there is no mailbox \"{}\"", name);
    TRY(auto mailbox, mail.find(*parsed));
    if (!mailbox.selectable()) return fail(Error::Kind::not_found, "\"{}\" is only a name", name);
    return mailbox;
}

void leave(Desk& desk) {
    if (!desk.here.mailbox) return;
    wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                     {wire::Code::closed, {}, "The previous mailbox is closed"});
    desk.here.mailbox.reset();
}

}  // namespace hongyan::imap::commands
