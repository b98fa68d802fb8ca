#include "imap/task.h"

#include "engine/without_waiting.h"

namespace hongyan::imap {

void Task::run(store::Store& store) {
    if (!is_to_tell_) step(store);
    if (!commit_.parts.empty()) {
        commit_.outcomes = store.engine().transact(take_parts(), engine::Together::all_or_none);
        step(store);
    }
    if (completion_) tell_changes(store.account(standing_->account.value()));
}

void Task::step(store::Store& store) {
    Desk desk{*standing_, store, store.account(standing_->account.value()), out_, numbers_, commit_};
    auto step = job_(desk);
    completion_ = step ? *std::move(step) : refusal(step.error());
    is_to_tell_ = completion_.has_value();
}

bool Task::begin_here(store::Store& store) {
    if (!is_brief_) return false;
    const engine::WithoutWaiting here;
    step(store);
    if (!here.missed() && !commit_.parts.empty()) return true;
    commit_ = {};
    completion_.reset();
    is_to_tell_ = false;
    return false;
}

// What others did in the selected mailbox may have to be read from the disk; that they did nothing is known
// in memory.
bool Task::end_here(store::Store& store, std::vector<Result<void>> outcomes) {
    commit_.outcomes = std::move(outcomes);
    step(store);
    if (!standing_->mailbox) return true;
    const engine::WithoutWaiting here;
    return !standing_->mailbox->may_have_news(store.account(standing_->account.value()));
}

// A mailbox that others have removed ends the session (RFC 2180 §3.3), but what the command has done is done,
// and its client hears so: who does not know that an APPEND succeeded makes another.
void Task::tell_changes(const store::Account& account) {
    if (!standing_->mailbox) return;
    auto& mailbox = *standing_->mailbox;
    const auto manner = standing_->manner(of_);
    const auto told = mailbox.tell_changes(out_, account, numbers_, manner);
    if (told) return mailbox.put_highest_modseq(out_, manner);
    const bool is_gone = told.error().kind == Error::Kind::not_found;
    standing_->mailbox.reset();
    farewell_ = is_gone ? "The mailbox has been removed" : "The mailbox cannot be read";
}

}  // namespace hongyan::imap
