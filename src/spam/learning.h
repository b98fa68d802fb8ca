// What a running server does by itself for its classifier: it learns from what people do with their mail.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/put_off.h"
#include "spam/teaching.h"

namespace hongyan::spam {

// Has a thread of its own, of lower priority, from its making to its end; the store and the models outlive
// it. No command of anybody waits for it.
class Learning {
public:
    struct Pace {
        std::chrono::milliseconds pause{2'000};  // after a change, so that many are learned together
        // Then all accounts are visited, for what the server did not get done before it ended.
        std::chrono::milliseconds first_visit{60'000};
    };
    Learning(store::Store& store, Models& models, const TeachingRules& rules, log::Log log, const Pace& pace);
    Learning(store::Store& store, Models& models, const TeachingRules& rules, log::Log log)
        : Learning(store, models, rules, std::move(log), Pace()) {}

    // What was not learned by rules that forbade it is learned now.
    void apply(const TeachingRules& rules);

private:
    TeachingRules rules() const;
    void note(AccountId account);
    void run(const std::stop_token& stop);
    void visit_all();
    std::set<AccountId> wait_for_changes(const std::stop_token& stop);
    void try_to_learn_from(AccountId account, const std::stop_token& stop);
    void learn_from(AccountId account, const std::stop_token& stop);

    store::Store& store_;
    Models& models_;
    log::Log log_;
    Pace pace_;
    PutOff put_off_;            // accounts of which something broke; the thread's own
    mutable std::mutex mutex_;  // guards what follows, up to the thread
    TeachingRules rules_;
    std::condition_variable_any woken_;
    std::set<AccountId> changed_;
    std::jthread thread_;  // it uses all above, and is asked to stop and waited for before they go
    store::Store::Subscription changes_;
};

}  // namespace hongyan::spam
