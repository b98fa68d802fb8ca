// What is the same again and again until somebody has mended it: when the log hears of it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace hongyan::outbound {

// Each once an hour at most, and of different ones one a minute. Belongs to one thread.
class Complaints {
public:
    using Time = std::chrono::steady_clock::time_point;

    // True: it is to be told, and counts as told.
    bool is_due(const std::string& complaint, Time now);

private:
    std::map<std::string, Time> told_;  // within the last hour
    std::optional<Time> last_;
};

}  // namespace hongyan::outbound
