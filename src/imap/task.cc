#include "imap/task.h"

#include "engine/without_waiting.h"

namespace hongyan::imap {

void Task::run(store::Store& store) {
    if (!is_to_tell_) step(store);
    if (!commit_.parts.empty()) {
        commit_.outcomes = store.engine().transact(take_parts(), engine::Together::all_or_none);
        step(store);
    }
    if (completion_) tell_changes(store);
}

// Rights may have been taken away since the last command (RFC 4314 §5.1.1).
bool Task::may_go_on(store::Store& store) {
    if (!standing_->mailbox) return true;
    auto& mailbox = *standing_->mailbox;
    const auto user = standing_->account.value();
    if (mailbox.account() == user) return true;
    const auto rights = store.account(mailbox.account()).view().rights(mailbox.id(), user);
    if (rights && rights->contains(Right::read)) return mailbox.put_rights(out_, *rights), true;
    completion_ = rights ? no(wire::Code::no_permission, "The mailbox is no longer shared with you")
                         : refusal(rights.error());
    standing_->mailbox.reset();
    farewell_ = "The mailbox is no longer shared with you";
    return false;
}

void Task::step(store::Store& store) {
    const bool is_of_mailbox = subject_ == Subject::mailbox && standing_->mailbox;
    if (is_of_mailbox && !may_go_on(store)) return;
    const auto account = is_of_mailbox ? standing_->mailbox->account() : standing_->account.value();
    Desk desk{*standing_, store, store.account(account), out_, numbers_, commit_};
    auto step = job_(desk);
    completion_ = step ? *std::move(step) : refusal(step.error());
    is_to_tell_ = completion_.has_value();
}

// In nobody else's mailbox, where rights would have to be looked at.
bool Task::is_at_home() const {
    return !standing_->mailbox || standing_->mailbox->account() == standing_->account.value();
}

Task::Begun Task::begin_here(store::Store& store) {
    if (!is_at_home()) return Begun::not_here;
    if (afresh_) return glance(store);
    return is_brief_ ? begin_brief(store) : Begun::not_here;
}

Task::Begun Task::begin_brief(store::Store& store) {
    const engine::WithoutWaiting here;
    step(store);
    if (!here.missed() && !commit_.parts.empty()) return Begun::to_commit;
    commit_ = {};
    completion_.reset();
    is_to_tell_ = false;
    return Begun::not_here;
}

// The job of a task that has not been begun is the glance's own.
Task::Begun Task::glance(store::Store& store) {
    const auto numbers = numbers_;
    const engine::WithoutWaiting here;
    job_ = afresh_();
    try {
        step(store);
    } catch (const std::exception&) {
        if (!here.missed()) throw;  // otherwise it broke for want of what was missed
    }
    if (!here.missed() && completion_) return may_have_news(store) ? Begun::not_here : Begun::all_done;
    has_missed_ = here.missed();
    job_ = afresh_();
    numbers_ = numbers;
    out_.clear();
    completion_.reset();
    is_to_tell_ = false;
    return Begun::not_here;
}

// That others did nothing is known in memory; what they did may have to be read from the disk.
bool Task::may_have_news(store::Store& store) const {
    if (standing_->wants_news()) return true;
    if (!standing_->mailbox) return false;
    const engine::WithoutWaiting here;
    return standing_->mailbox->may_have_news(store.account(standing_->mailbox->account()));
}

bool Task::end_here(store::Store& store, std::vector<Result<void>> outcomes) {
    commit_.outcomes = std::move(outcomes);
    step(store);
    return !may_have_news(store);
}

// Where it cannot be read what is new, the client hears nothing of it; its next command says why.
void Task::tell_news(store::Store& store) {
    const auto home = store.account(standing_->account.value()).view();
    (void)standing_->annotations.tell(out_, home, standing_->names);
}

// A mailbox that others have removed ends the session (RFC 2180 §3.3), but what the command has done is done,
// and its client hears so: who does not know that an APPEND succeeded makes another.
void Task::tell_changes(store::Store& store) {
    if (standing_->wants_news()) tell_news(store);
    if (!standing_->mailbox || !may_go_on(store)) return;
    auto& mailbox = *standing_->mailbox;
    const auto account = store.account(mailbox.account());
    const auto manner = standing_->manner(of_);
    const auto told = mailbox.tell_changes(out_, account, numbers_, manner);
    if (told) return mailbox.put_highest_modseq(out_, manner);
    const bool is_gone = told.error().kind == Error::Kind::not_found;
    standing_->mailbox.reset();
    farewell_ = is_gone ? "The mailbox has been removed" : "The mailbox cannot be read";
}

}  // namespace hongyan::imap
