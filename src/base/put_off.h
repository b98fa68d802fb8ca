// What could not be done yet: when each of it is tried again, and when the log hears of it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace hongyan {

// The time between attempts doubles from half a minute to an hour. Belongs to one thread.
class PutOff {
public:
    using Time = std::chrono::steady_clock::time_point;

    bool is_due(const std::string& name, Time now) const;
    // It has failed again. True: the log is to be told, which it is once an hour at most.
    bool put_off(const std::string& name, Time now);
    void forget(const std::string& name) { waiting_.erase(name); }
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
