// Who waits for news of which account.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "store/store.h"

namespace hongyan::server {

// Passes on what the store announces to the sessions of that account, however many others there are. May be
// used from any thread.
class Watchers {
    struct State;
    struct Waiting;

public:
    // Called on the thread that learns of a change first; must neither block nor throw, nor begin or end a
    // watch.
    using Wake = std::function<void()>;

    // Ends with its destruction; then no call is under way.
    class Watch {
    public:
        Watch(std::shared_ptr<State> state, store::AccountId account, Wake wake);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

        // Whether it is called at all; at first it is. What was announced before it listens is in the store
        // for whoever looks there after that.
        void listen(bool wanted);

    private:
        std::shared_ptr<State> state_;
        std::multimap<store::AccountId, Waiting>::iterator place_;
    };

    explicit Watchers(store::Store& store);

    std::unique_ptr<Watch> watch(store::AccountId account, Wake wake) {
        return std::make_unique<Watch>(state_, account, std::move(wake));
    }

private:
    struct Waiting {
        Wake wake;
        bool listens = true;
    };
    struct State {
        std::mutex mutex;  // guards waiting
        std::multimap<store::AccountId, Waiting> waiting;
    };

    std::shared_ptr<State> state_ = std::make_shared<State>();
    store::Store::Subscription subscription_;
};

}  // namespace hongyan::server
