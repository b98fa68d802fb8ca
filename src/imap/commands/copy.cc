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

// In portions, and a client that waits long hears of it. A COPY is done whole or not at all: what it has
// copied is taken back where it cannot go on, also where its client goes in the middle (Task::end_alone).
class Transferring {
public:
    enum class Leave { there, nothing };

    Transferring(Transfer wanted, Leave leave, std::string tag)
        : wanted_(std::move(wanted)), leave_(leave), progress_(std::move(tag)) {}

    Step operator()(Desk& desk) {
        if (end_) return take_back_some();
        if (desk.is_to_end()) return end_early(desk);
        if (!target_)
            if (auto refused = begin(desk)) return refused;
        desk.ask_for_end();
        return leave_ == Leave::there ? copy_some(desk) : move_some(desk);
    }

private:
    std::optional<Completion> begin(Desk& desk) {
        auto uids = wanted_.messages.in(desk.mailbox());
        if (!uids) return beyond_mailbox();
        auto target = find_selectable(desk, wanted_.target, {Right::insert});
        if (!target) return target_refusal(target.error());
        if (leave_ == Leave::nothing && desk.mailbox().is_read_only()) return read_only_mailbox();
        left_ = *std::move(uids);
        const auto& limits = desk.here.message_limits;
        cut_ = cut_short(left_, leave_ == Leave::there ? limits.of_saving() : limits.any);
        if (cut_ && leave_ == Leave::there) return too_many(cut_->most, cut_->lowest);
        asked_ = left_.size();
        target_ = *std::move(target);
        return std::nullopt;
    }

    Step copy_some(Desk& desk) {
        if (left_.empty()) return end_copy();
        auto some = copy_to(desk, take_portion(left_), *target_);
        if (!some) return take_back(std::unexpected(std::move(some).error()));
        note(desk, *some);
        progress_.tell(desk.out, desk.store.clock().now(), asked_ - left_.size(), asked_);
        if (!left_.empty()) return std::nullopt;
        return end_copy();
    }

    // Rights may have been taken away since the last portion.
    Step move_some(Desk& desk) {
        constexpr Rights taking{Right::mark_deleted, Right::expunge};
        if (!desk.mailbox().rights().contains(taking)) {
            put_moved(desk);
            return lacks_right(taking);
        }
        const auto from = cut_ ? From::highest : From::lowest;
        store::Copied some;
        auto outcome = move_to(desk, take_portion(left_, from), *target_, some);
        note(desk, some);
        if (!outcome) {
            put_moved(desk);
            return std::unexpected(std::move(outcome).error());
        }
        progress_.tell(desk.out, desk.store.clock().now(), asked_ - left_.size(), asked_);
        if (!left_.empty()) return std::nullopt;
        return end_move(desk);
    }

    void note(Desk& desk, const store::Copied& some) {
        if (some.from.empty()) return;
        UidSet come;
        for (const auto uid : some.to) come.add(uid);
        desk.note_own_messages(target_->account.id(), target_->mailbox.id, come);
        done_.uid_validity = some.uid_validity;
        done_.from.insert(done_.from.end(), some.from.begin(), some.from.end());
        done_.to.insert(done_.to.end(), some.to.begin(), some.to.end());
        if (some.modseq != ModSeq()) done_.modseq = some.modseq;
    }

    Step end_early(Desk& desk) {
        if (leave_ == Leave::there) return take_back(ok("Taken back"));
        put_moved(desk);
        return ok("As far as it went");
    }

    // In portions too; then the command ends with `end`.
    Step take_back(Step end) {
        for (const auto uid : done_.to) back_.add(uid);
        end_ = std::move(end);
        return take_back_some();
    }

    Step take_back_some() {
        const auto some = take_portion(back_);
        if (!some.empty()) TRY(target_->account.expunge(target_->mailbox.id, some, store::Which::all));
        if (!back_.empty()) return std::nullopt;
        return *std::exchange(end_, std::nullopt);
    }

    // All that the sequence numbers mean or nothing: a COPY that fails leaves its target as it was (RFC 3501
    // §6.4.7).
    Step end_copy() {
        const bool some_gone = done_.from.size() < asked_;
        auto completion =
            done_.from.empty() ? ok("Nothing to copy") : ok(wire::Code::copy_uid, copy_uid(done_), "Copied");
        completion = unless_gone(std::move(completion), some_gone, wanted_.messages.of);
        if (some_gone && wanted_.messages.of == SetOf::numbers) return take_back(std::move(completion));
        return completion;
    }

    // COPYUID comes before the EXPUNGEs, so that the client knows where the messages went (RFC 6851 §4.3),
    // however the command ends.
    void put_moved(Desk& desk) const {
        if (done_.from.empty()) return;
        wire::put_status(desk.out, wire::untagged, wire::Condition::ok,
                         {wire::Code::copy_uid, copy_uid(done_), "Moved"});
    }

    Step end_move(Desk& desk) {
        put_moved(desk);
        // RFC 6851 §4.4: the client learns the new HIGHESTMODSEQ.
        auto completion = desk.here.condstore && !done_.from.empty()
                              ? ok(wire::Code::highest_modseq, fmt::format("{}", done_.modseq), "Done")
                              : ok("Done");
        completion = unless_gone(std::move(completion), done_.from.size() < asked_, wanted_.messages.of);
        return ended(desk.out, std::move(completion), cut_);
    }

    Transfer wanted_;
    Leave leave_;
    Progress progress_;
    std::optional<Place> target_;  // once it has begun
    UidSet left_;
    std::optional<CutShort> cut_;
    std::uint64_t asked_ = 0;
    store::Copied done_;
    std::optional<Step> end_;  // what has been copied is being taken back
    UidSet back_;
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
