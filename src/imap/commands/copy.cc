// COPY and MOVE (RFC 3501 §6.4.7, RFC 6851, RFC 4315 §3).
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/commands/names.h"
#include "imap/commands/transfer.h"
#include "imap/progress.h"
#include "imap/session.h"

namespace hongyan::imap::commands {
namespace {

struct Transfer {
    Messages messages;
    std::string target;
};

std::string copy_uid(const store::Copied& copied) {
    return fmt::format("{} {} {}", copied.uid_validity, to_text(copied.from), to_text(copied.to));
}

// In portions, so that a client that waits long hears of it.
class Transferring {
public:
    enum class Leave { there, nothing };

    Transferring(Transfer wanted, Leave leave, std::string tag)
        : wanted_(std::move(wanted)), leave_(leave), progress_(std::move(tag)) {}

    Step operator()(Desk& desk) {
        if (!target_)
            if (auto refused = begin(desk)) return refused;
        desk.note_own_change();
        TRY(go_on(desk));
        progress_.tell(desk.out, desk.store.clock().now(), asked_ - left_.size(), asked_);
        if (!left_.empty()) return std::nullopt;
        return leave_ == Leave::there ? end_copy() : end_move(desk);
    }

private:
    std::optional<Completion> begin(Desk& desk) {
        auto uids = wanted_.messages.in(desk.mailbox());
        if (!uids) return beyond_mailbox();
        auto target = find_selectable(desk, wanted_.target, {Right::insert});
        if (!target) return target_refusal(target.error());
        constexpr Rights taking{Right::mark_deleted, Right::expunge};
        if (leave_ == Leave::nothing && desk.mailbox().is_read_only()) return read_only_mailbox();
        if (leave_ == Leave::nothing && !desk.mailbox().rights().contains(taking)) return lacks_right(taking);
        left_ = *std::move(uids);
        asked_ = left_.size();
        target_ = *std::move(target);
        return std::nullopt;
    }

    Result<void> go_on(Desk& desk) {
        const auto portion = take_portion(left_);
        auto some =
            leave_ == Leave::there ? copy_to(desk, portion, *target_) : move_to(desk, portion, *target_);
        if (!some) {
            if (leave_ == Leave::there) TRY(take_back());
            return std::unexpected(std::move(some).error());
        }
        done_.uid_validity = some->uid_validity;
        done_.from.insert(done_.from.end(), some->from.begin(), some->from.end());
        done_.to.insert(done_.to.end(), some->to.begin(), some->to.end());
        if (some->modseq != ModSeq()) done_.modseq = some->modseq;
        return {};
    }

    Result<void> take_back() {
        UidSet back;
        for (const auto uid : done_.to) back.add(uid);
        TRY(target_->account.expunge(target_->mailbox.id, back, store::Which::all));
        return {};
    }

    // All that the sequence numbers mean or nothing: a COPY that fails leaves its target as it was (RFC 3501
    // §6.4.7).
    Step end_copy() {
        const bool some_gone = done_.from.size() < asked_;
        if (some_gone && wanted_.messages.of == SetOf::numbers) TRY(take_back());
        auto completion =
            done_.from.empty() ? ok("Nothing to copy") : ok(wire::Code::copy_uid, copy_uid(done_), "Copied");
        return unless_gone(std::move(completion), some_gone, wanted_.messages.of);
    }

    // COPYUID comes before the EXPUNGEs, so that the client knows where the messages went (RFC 6851 §4.3).
    Step end_move(Desk& desk) {
        if (!done_.from.empty())
            wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                             {wire::Code::copy_uid, copy_uid(done_), "Moved"});
        // RFC 6851 §4.4: the client learns the new HIGHESTMODSEQ.
        auto completion = desk.here.condstore && !done_.from.empty()
                              ? ok(wire::Code::highest_modseq, fmt::format("{}", done_.modseq), "Done")
                              : ok("Done");
        return unless_gone(std::move(completion), done_.from.size() < asked_, wanted_.messages.of);
    }

    Transfer wanted_;
    Leave leave_;
    Progress progress_;
    std::optional<Place> target_;  // once it has begun
    UidSet left_;
    std::uint64_t asked_ = 0;
    store::Copied done_;
};

// SP sequence-set SP mailbox
Reaction transfer(const Session& session, const Arguments& arguments, Transferring::Leave leave) {
    Transfer wanted;
    wanted.messages = read_messages(arguments);
    arguments.in.space();
    wanted.target = arguments.in.mailbox();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job(Transferring(std::move(wanted), leave, session.tag()));
}

}  // namespace

Reaction copy(Session& session, const Arguments& arguments) {
    return transfer(session, arguments, Transferring::Leave::there);
}
Reaction move(Session& session, const Arguments& arguments) {
    return transfer(session, arguments, Transferring::Leave::nothing);
}

}  // namespace hongyan::imap::commands
