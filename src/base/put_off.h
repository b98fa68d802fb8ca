// What could not be done yet: when each of it is tried again, and when the log hears of it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace hongyan {

// The time between attempts doubles from half a minute to an hour. Belongs to one thread.
class PutOff {
public:
    using Time = std::chrono::steady_clock::time_point;

    bool is_due(const std::string& name, Time now) const;
    // It has failed again. True: the log is to be told, which it is once an hour at most.
    bool put_off(const std::string& name, Time now);
    void forget(const std::string& name) { waiting_.erase(name); }
    // Does the work if it is due. Where it breaks it is put off, and `complain` is called once an hour at
    // most.
    void attempt(const std::string& name, Time now, const std::function<void()>& work,
                 const std::function<void(const Error& why)>& complain);
    // Forgets all others.
    void keep_only(const std::vector<std::string>& names);
    std::size_t size() const { return waiting_.size(); }

private:
    struct Waiting {
        Time until = {}, told = {};
        std::chrono::seconds pause{};
    };
    std::map<std::string, Waiting> waiting_;
};

}  // namespace hongyan
