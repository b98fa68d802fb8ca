#include "imap/task.h"

namespace hongyan::imap {

void Task::run(store::Store& store) {
    const auto account = store.account(standing_->account.value());
    Desk desk{*standing_, store, account, out_, numbers_};
    auto step = job_(desk);
    completion_ = step ? *std::move(step) : refusal(step.error());
    if (completion_) tell_changes(account);
}

void Task::tell_changes(const store::Account& account) {
    if (!standing_->mailbox) return;
    auto& mailbox = *standing_->mailbox;
    const auto manner = standing_->manner(of_);
    const auto told = mailbox.tell_changes(out_, account, numbers_, manner);
    if (told) return mailbox.put_highest_modseq(out_, manner);
    const bool is_gone = told.error().kind == Error::Kind::not_found;
    standing_->mailbox.reset();
    completion_ = Completion{
        wire::Condition::bye,
        {wire::Code::none, {}, is_gone ? "The mailbox has been removed" : "The mailbox cannot be read"}};
}

}  // namespace hongyan::imap
