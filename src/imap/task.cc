#include "imap/task.h"

namespace hongyan::imap {

void Task::run(store::Store& store) {
    const auto account = store.account(standing_->account.value());
    Desk desk{*standing_, store, account, out_, numbers_};
    auto step = job_(desk);
    completion_ = step ? *std::move(step) : refusal(step.error());
    if (completion_) tell_changes(account);
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
