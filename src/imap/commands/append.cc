// APPEND (RFC 3501 §6.3.11, RFC 4315 §3).
#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/flags.h"

namespace hongyan::imap::commands {
namespace {

// Parsing, hashing and compressing more would keep the other sessions of a thread waiting.
constexpr std::size_t soon_prepared = std::size_t{128} << 10U;  // bytes; some 0.5 ms

// Asks for a commit, and when it is made says where the message lies.
class Append {
public:
    explicit Append(wire::AppendArguments wanted) : wanted_(std::move(wanted)) {}

    Step operator()(Desk& desk) {
        return desk.commit.outcomes.empty() ? begin(desk) : end(desk, desk.commit.outcomes.front());
    }

private:
    Step begin(Desk& desk) {
        const auto place = find_selectable(desk, wanted_.mailbox, {Right::insert});
        if (!place) return target_refusal(place.error());
        account_ = place->account.id();
        store::NewMessage message;
        TRY(const auto flags, flags_of(wanted_.flags));
        message.flags = permitted(flags, place->rights);  // RFC 4314 §4
        message.received = wanted_.date ? wanted_.date->instant : desk.store.clock().now();
        message.content = store::prepare(wanted_.message);
        std::vector<store::NewMessage> messages;
        messages.push_back(std::move(message));
        TRY(auto part, place->account.append_part(place->mailbox.id, std::move(messages), placed_));
        desk.commit.parts.push_back(std::move(part));
        return std::nullopt;
    }

    Step end(Desk& desk, const Result<void>& outcome) {
        if (!outcome) return target_refusal(outcome.error());
        const auto& place = placed_->back();
        desk.note_own_change();
        desk.store.announce(account_, place.modseq);
        return ok(wire::Code::append_uid, fmt::format("{} {}", place.uid_validity, place.uid), "Appended");
    }

    wire::AppendArguments wanted_;
    store::AccountId account_;  // whose mailbox it is
    std::shared_ptr<std::vector<store::Placed>> placed_ = std::make_shared<std::vector<store::Placed>>();
};

}  // namespace

Reaction append(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.append_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (const auto* flag = unknown_flag(wanted.flags)) return bad("There is no such flag to set: " + *flag);
    if (wanted.message.empty()) return no(wire::Code::cannot, "A message has at least one byte");
    const bool is_brief = wanted.message.size() <= soon_prepared;
    Job job = Append(std::move(wanted));
    if (is_brief) return BriefJob{std::move(job)};
    return job;
}

}  // namespace hongyan::imap::commands
