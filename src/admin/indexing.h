// What a running server does by itself for searches: it takes mail that has come into the accounts' full-text
// indexes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/put_off.h"
#include "store/store.h"

namespace hongyan::admin {

// Has a thread of its own, of lower priority, from its making to its end; the store must outlive it.
class Indexing {
public:
    struct Pace {
        std::chrono::milliseconds pause{2'000};  // after a change, so that many are taken in together
        // Then all accounts are visited, for what the server did not get done before it ended.
        std::chrono::milliseconds first_visit{60'000};
    };
    Indexing(store::Store& store, log::Log log, const Pace& pace);
    Indexing(store::Store& store, log::Log log) : Indexing(store, std::move(log), Pace()) {}

private:
    void note(store::AccountId account);
    void run(const std::stop_token& stop);
    void visit_all();
    std::set<store::AccountId> wait_for_changes(const std::stop_token& stop);
    void try_to_work_on(store::AccountId account, const std::stop_token& stop);
    void work_on(store::AccountId account, const std::stop_token& stop);

    store::Store& store_;
    log::Log log_;
    Pace pace_;
    PutOff put_off_;  // accounts of which something broke; the thread's own
    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::set<store::AccountId> changed_;
    std::jthread thread_;  // it uses all above, and is asked to stop and waited for before they go
    store::Store::Subscription changes_;
};

}  // namespace hongyan::admin
