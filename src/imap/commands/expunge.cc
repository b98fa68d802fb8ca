// EXPUNGE and UID EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1). The client hears of what is gone like of any
// other change.
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"

namespace hongyan::imap::commands {
namespace {

Step run(Desk& desk, const UidSet& uids) {
    auto& mailbox = desk.mailbox();
    if (mailbox.is_read_only()) return read_only_mailbox();
    if (!mailbox.rights().contains(Right::expunge)) return lacks_right({Right::expunge});
    desk.note_own_change();
    TRY(const auto expunged, desk.account.expunge(mailbox.id(), uids, store::Which::marked_deleted));
    // RFC 7162 §3.2.7, §3.2.9
    if (!desk.here.condstore || expunged.uids.empty()) return ok("Expunged");
    return ok(wire::Code::highest_modseq, fmt::format("{}", expunged.modseq), "Expunged");
}

}  // namespace

// Only what the client knows of: a message that came since may be marked by another.
Reaction expunge(Session&, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([](Desk& desk) { return run(desk, desk.mailbox().view().uids()); });
}

Reaction uid_expunge(Session&, const Arguments& arguments) {
    auto messages = read_messages(arguments);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([messages = std::move(messages)](Desk& desk) {
        return run(desk, messages.in(desk.mailbox()).value_or(UidSet()));
    });
}

}  // namespace hongyan::imap::commands
