// COPY and MOVE (RFC 3501 §6.4.7, RFC 6851, RFC 4315 §3).
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/commands/names.h"
#include "imap/commands/transfer.h"

namespace hongyan::imap::commands {
namespace {

struct Transfer {
    Messages messages;
    std::string target;
};

using Run = Step(Desk&, const Place& target, const UidSet& uids, SetOf of);

// SP sequence-set SP mailbox
Reaction transfer(const Arguments& arguments, Run* run) {
    Transfer wanted;
    wanted.messages = read_messages(arguments);
    arguments.in.space();
    wanted.target = arguments.in.mailbox();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted), run](Desk& desk) -> Step {
        const auto uids = wanted.messages.in(desk.mailbox());
        if (!uids) return beyond_mailbox();
        const auto target = find_selectable(desk, wanted.target, {Right::insert});
        if (!target) return target_refusal(target.error());
        return run(desk, *target, *uids, wanted.messages.of);
    });
}

std::string copy_uid(const store::Copied& copied) {
    return fmt::format("{} {} {}", copied.uid_validity, to_text(copied.from), to_text(copied.to));
}

// All that the sequence numbers mean or nothing: a COPY that fails leaves its target as it was (RFC 3501
// §6.4.7).
Step run_copy(Desk& desk, const Place& target, const UidSet& uids, SetOf of) {
    desk.note_own_change();
    TRY(const auto copied, copy_to(desk, uids, target));
    const bool some_gone = copied.from.size() < uids.size();
    if (some_gone && of == SetOf::numbers) {
        UidSet back;
        for (const auto uid : copied.to) back.add(uid);
        TRY(target.account.expunge(target.mailbox.id, back, store::Which::all));
    }
    auto completion =
        copied.from.empty() ? ok("Nothing to copy") : ok(wire::Code::copy_uid, copy_uid(copied), "Copied");
    return unless_gone(std::move(completion), some_gone, of);
}

// COPYUID comes before the EXPUNGEs, so that the client knows where the messages went (RFC 6851 §4.3).
Step run_move(Desk& desk, const Place& target, const UidSet& uids, SetOf of) {
    if (desk.mailbox().is_read_only()) return read_only_mailbox();
    constexpr Rights taking{Right::mark_deleted, Right::expunge};
    if (!desk.mailbox().rights().contains(taking)) return lacks_right(taking);
    desk.note_own_change();
    TRY(const auto moved, move_to(desk, uids, target));
    if (!moved.from.empty())
        wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                         {wire::Code::copy_uid, copy_uid(moved), "Moved"});
    // RFC 6851 §4.4: the client learns the new HIGHESTMODSEQ.
    auto completion = desk.here.condstore && !moved.from.empty()
                          ? ok(wire::Code::highest_modseq, fmt::format("{}", moved.modseq), "Done")
                          : ok("Done");
    return unless_gone(std::move(completion), moved.from.size() < uids.size(), of);
}

}  // namespace

Reaction copy(Session&, const Arguments& arguments) { return transfer(arguments, &run_copy); }
Reaction move(Session&, const Arguments& arguments) { return transfer(arguments, &run_move); }

}  // namespace hongyan::imap::commands
