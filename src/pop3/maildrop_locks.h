// The exclusive-access lock on a maildrop (RFC 1939 §4).
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "store/types.h"

namespace hongyan::pop3 {

// Which accounts have a POP3 session. One for all sessions of the program; may be used from any thread. It
// keeps other POP3 sessions out, not IMAP: RFC 1939 asks no more.
class MaildropLocks {
    struct State;

public:
    // Ends with its destruction, however the session has ended. May outlive the locks.
    class Hold {
    public:
        Hold(std::shared_ptr<State> state, store::AccountId account);
        ~Hold();
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

    private:
        std::shared_ptr<State> state_;
        store::AccountId account_;
    };

    // Null where another session has it.
    std::unique_ptr<Hold> take(store::AccountId account) const;

private:
    struct State {
        std::mutex mutex;  // guards taken
        std::set<store::AccountId> taken;
    };

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace hongyan::pop3
