// How many sessions an account has, by protocol.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::server {

// May be used from any thread.
class AccountSessions {
public:
    // A session's place; given back when it is destroyed. The AccountSessions must outlive it.
    class Place {
    public:
        Place(const AccountSessions& house, std::string key) : house_(house), key_(std::move(key)) {}
        ~Place() { house_.leave(key_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        const AccountSessions& house_;
        std::string key_;
    };

    // `unavailable` with a text for the client where there are as many as `most` already.
    Result<std::unique_ptr<Place>> take(std::string_view account, std::string_view protocol,
                                        std::size_t most) const;
    // Of how many accounts and protocols there are sessions.
    std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return counts_.size();
    }

private:
    void leave(const std::string& key) const;

    mutable std::mutex mutex_;  // guards counts_
    mutable std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace hongyan::server
