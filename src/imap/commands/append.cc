// APPEND (RFC 3501 §6.3.11, RFC 4315 §3).
#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/flags.h"

namespace hongyan::imap::commands {
namespace {

Step run(const wire::AppendArguments& wanted, Desk& desk) {
    const auto mailbox = find_selectable(desk.account.view(), wanted.mailbox);
    if (!mailbox) return target_refusal(mailbox.error());
    store::NewMessage message;
    TRY(message.flags, flags_of(wanted.flags));
    message.received = wanted.date ? wanted.date->instant : desk.store.clock().now();
    message.content = store::prepare(wanted.message);
    std::vector<store::NewMessage> messages;
    messages.push_back(std::move(message));
    auto placed = desk.account.append(mailbox->id, std::move(messages));
    if (!placed) return target_refusal(placed.error());
    const auto& place = placed->front();
    return ok(wire::Code::append_uid, fmt::format("{} {}", place.uid_validity, place.uid), "Appended");
}

}  // namespace

Reaction append(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.append_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (const auto* flag = unknown_flag(wanted.flags)) return bad("There is no such flag to set: " + *flag);
    if (wanted.message.empty()) return no(wire::Code::cannot, "A message has at least one byte");
    return Job([wanted = std::move(wanted)](Desk& desk) { return run(wanted, desk); });
}

}  // namespace hongyan::imap::commands
