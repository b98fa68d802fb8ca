// Who wants to hear of changes. For this folder.
#pragma once

#include <exception>
#include <map>
#include <mutex>

#include "store/store.h"

namespace hongyan::store {

// May be used from any thread.
class Listeners {
public:
    std::uint64_t add(Store::Listener listener) {
        const std::lock_guard lock(mutex_);
        listeners_.emplace(++last_, std::move(listener));
        return last_;
    }
    // Waits for calls that are under way.
    void remove(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        listeners_.erase(number);
    }
    // Each hears, whatever others throw; the first that is thrown goes on then.
    void call(AccountId account, ModSeq modseq) {
        const std::lock_guard lock(mutex_);
        std::exception_ptr broken;
        for (const auto& [number, listener] : listeners_) {
            try {
                listener(account, modseq);
            } catch (...) {
                if (!broken) broken = std::current_exception();
            }
        }
        if (broken) std::rethrow_exception(broken);
    }

private:
    std::mutex mutex_;
    std::map<std::uint64_t, Store::Listener> listeners_;
    std::uint64_t last_ = 0;
};

}  // namespace hongyan::store
