// EXPUNGE and UID EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1). The client hears of what is gone like of any
// other change.
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"

namespace hongyan::imap::commands {
namespace {

// RFC 9738 §3.1: what is marked counts, the rest of the set is not looked at.
Result<std::optional<CutShort>> cut_short_marked(Desk& desk, UidSet& uids) {
    const auto most = desk.here.message_limits.any;
    if (most == 0 || uids.size() <= most) return std::nullopt;
    UidSet marked;
    const auto add = [&marked](const store::Entry& entry) -> Result<void> {
        if (entry.flags.contains(store::Flag::deleted)) marked.add(entry.uid);
        return {};
    };
    TRY(desk.account.view().each_entry(desk.mailbox().id(), uids, add));
    uids = std::move(marked);
    return cut_short(uids, most);
}

Step run(Desk& desk, UidSet uids, SetOf of) {
    auto& mailbox = desk.mailbox();
    if (mailbox.is_read_only()) return read_only_mailbox();
    if (!mailbox.rights().contains(Right::expunge)) return lacks_right({Right::expunge});
    desk.note_own_change();
    std::optional<CutShort> cut;
    if (of == SetOf::uids) {
        TRY(cut, cut_short_marked(desk, uids));
    }
    TRY(const auto expunged, desk.account.expunge(mailbox.id(), uids, store::Which::marked_deleted));
    // RFC 7162 §3.2.7, §3.2.9
    if (!desk.here.condstore || expunged.uids.empty()) return ended(desk.out, ok("Expunged"), cut);
    return ended(desk.out, ok(wire::Code::highest_modseq, fmt::format("{}", expunged.modseq), "Expunged"),
                 cut);
}

}  // namespace

// Only what the client knows of: a message that came since may be marked by another.
Reaction expunge(Session&, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([](Desk& desk) { return run(desk, desk.mailbox().view().uids(), SetOf::numbers); });
}

Reaction uid_expunge(Session&, const Arguments& arguments) {
    auto messages = read_messages(arguments);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([messages = std::move(messages)](Desk& desk) {
        return run(desk, messages.in(desk.mailbox()).value_or(UidSet()), SetOf::uids);
    });
}

}  // namespace hongyan::imap::commands
