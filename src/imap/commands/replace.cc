// REPLACE and UID REPLACE (RFC 8508): a message in the place of another, both in one commit.
#include "imap/commands/arriving.h"
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/commands/names.h"
#include "store/replacing.h"

namespace hongyan::imap::commands {
namespace {

struct Wanted {
    Messages old;
    std::string mailbox;
    wire::AppendMessage message;
};

class Replace {
public:
    Replace(Wanted wanted, std::shared_ptr<Budget> memory)
        : old_(std::move(wanted.old)),
          mailbox_(std::move(wanted.mailbox)),
          arriving_({std::move(wanted.message)}, std::move(memory)) {}

    Step operator()(Desk& desk) {
        return desk.commit.outcomes.empty() ? begin(desk) : end(desk, desk.commit.outcomes.front());
    }

private:
    Step begin(Desk& desk) {
        const auto& here = desk.mailbox();
        if (here.is_read_only()) return read_only_mailbox();
        constexpr Rights taking{Right::mark_deleted, Right::expunge};  // RFC 8508 §4.1
        if (!here.rights().contains(taking)) return lacks_right(taking);
        const auto uids = old_.in(here);
        if (!uids) return beyond_mailbox();
        const auto mail = desk.account.view();
        if (uids->size() != 1) return gone();
        TRY(const auto entry, mail.entry(here.id(), uids->ranges().front().first));
        if (!entry) return gone();
        const auto target = find_selectable(desk, mailbox_, {Right::insert});
        if (!target) return target_refusal(target.error());
        if (target->account.id() != desk.account.id())
            return no(wire::Code::cannot, "What replaces a message stays with its owner");
        target_ = target->mailbox.id;
        if (auto done = arriving_.go_on(desk, target->rights); !done) return std::move(done).error();
        if (!arriving_.is_done()) return std::nullopt;
        auto message = std::move(arriving_.take().front());
        const store::Home old_home{here.id(), entry->uid};
        desk.commit.parts.push_back(store::replace_part(desk.store, desk.account.id(), old_home,
                                                        target->mailbox.id, std::move(message), placed_));
        return std::nullopt;
    }

    Completion gone() const {
        return no(old_.of == SetOf::numbers ? wire::Code::expunge_issued : wire::Code::none,
                  "There is no such message any more");
    }

    // APPENDUID comes before the old message goes (RFC 8508 §3.2).
    Step end(Desk& desk, const Result<void>& outcome) {
        if (!outcome) return refusal(outcome.error());
        desk.note_own_messages(desk.account.id(), target_, {placed_->uid});
        desk.store.announce(desk.account.id(), placed_->modseq);
        wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                         {wire::Code::append_uid, fmt::format("{} {}", placed_->uid_validity, placed_->uid),
                          "It has replaced the other"});
        return ok("Replaced");
    }

    Messages old_;
    std::string mailbox_;
    Arriving arriving_;
    store::MailboxId target_;
    std::shared_ptr<store::Placed> placed_ = std::make_shared<store::Placed>();
};

bool is_one(const wire::SequenceSet& set) { return set.size() == 1 && set[0].first == set[0].last; }

}  // namespace

// SP seq-number SP mailbox append-message   RFC 8508 §5
Reaction replace(Session& session, const Arguments& arguments) {
    auto& in = arguments.in;
    Wanted wanted;
    wanted.old = read_messages(arguments);
    if (!is_one(wanted.old.set)) in.fail("one message");
    in.space();
    wanted.mailbox = in.mailbox();
    wanted.message = in.append_message();
    if (!in.complete()) return syntax_error(in);
    if (auto why = objection(wanted.message)) return *std::move(why);
    return Job(Replace(std::move(wanted), session.settings().memory));
}

}  // namespace hongyan::imap::commands
