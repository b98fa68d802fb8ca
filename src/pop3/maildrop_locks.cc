#include "pop3/maildrop_locks.h"

namespace hongyan::pop3 {

MaildropLocks::Hold::Hold(std::shared_ptr<State> state, store::AccountId account)
    : state_(std::move(state)), account_(account) {}

MaildropLocks::Hold::~Hold() {
    const std::lock_guard lock(state_->mutex);
    state_->taken.erase(account_);
}

std::unique_ptr<MaildropLocks::Hold> MaildropLocks::take(store::AccountId account) const {
    {
        const std::lock_guard lock(state_->mutex);
        if (!state_->taken.insert(account).second) return nullptr;
    }
    return std::make_unique<Hold>(state_, account);
}

}  // namespace hongyan::pop3
