// APPEND (RFC 9051 §6.3.12) of one message or of many, all or none (RFC 3502).
#include "imap/commands/arriving.h"
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/commands/names.h"

namespace hongyan::imap::commands {
namespace {

// Asks for a commit, and when it is made says where the messages lie.
class Append {
public:
    Append(wire::AppendArguments wanted, std::shared_ptr<Budget> memory)
        : target_(std::move(wanted.mailbox)), arriving_(std::move(wanted.messages), std::move(memory)) {}

    Step operator()(Desk& desk) {
        return desk.commit.outcomes.empty() ? begin(desk) : end(desk, desk.commit.outcomes.front());
    }

private:
    Step begin(Desk& desk) {
        const auto place = find_selectable(desk, target_, {Right::insert});
        if (!place) return target_refusal(place.error());
        if (auto done = arriving_.go_on(desk, place->rights); !done) return std::move(done).error();
        if (!arriving_.is_done()) return std::nullopt;
        account_ = place->account.id();
        mailbox_ = place->mailbox.id;
        TRY(auto part, place->account.append_part(place->mailbox.id, arriving_.take(), placed_));
        desk.commit.parts.push_back(std::move(part));
        return std::nullopt;
    }

    Step end(Desk& desk, const Result<void>& outcome) {
        if (!outcome) return target_refusal(outcome.error());
        desk.store.announce(account_, placed_->back().modseq);
        std::vector<Uid> uids;
        for (const auto& place : *placed_) uids.push_back(place.uid);
        UidSet come;
        for (const auto uid : uids) come.add(uid);
        desk.note_own_messages(account_, mailbox_, come);
        const auto validity = placed_->back().uid_validity;
        return ok(wire::Code::append_uid, fmt::format("{} {}", validity, to_text(uids)), "Appended");
    }

    std::string target_;
    Arriving arriving_;
    store::AccountId account_;  // whose mailbox it is
    store::MailboxId mailbox_;
    std::shared_ptr<std::vector<store::Placed>> placed_ = std::make_shared<std::vector<store::Placed>>();
};

}  // namespace

Reaction append(Session& session, const Arguments& arguments) {
    auto wanted = arguments.in.append_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    const auto most = session.settings().message_limits.of_saving();
    if (most != 0 && wanted.messages.size() > most) return too_many(most);
    for (const auto& message : wanted.messages)
        if (auto why = objection(message)) return *std::move(why);
    const bool soon = wanted.messages.size() == 1 && is_brief(wanted.messages.front());
    Job job = Append(std::move(wanted), session.settings().memory);
    if (soon) return BriefJob{std::move(job)};
    return job;
}

}  // namespace hongyan::imap::commands
