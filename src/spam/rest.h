// Filters that could not be asked are left alone for a while.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::spam {

// Of one filter, for all sessions: while it is away nobody waits for it again and again. It rests when it
// could not be reached, or has failed otherwise three times in a row. When the rest is over one session
// tries, and the others when that has worked. Any thread.
class Rest {
public:
    using Time = std::chrono::steady_clock::time_point;
    // `length` of 0: it never rests.
    explicit Rest(std::chrono::milliseconds length,
                  std::function<Time()> now = &std::chrono::steady_clock::now)
        : length_(length), now_(std::move(now)) {}

    // Why it is not asked now, in words; nothing: it is to be asked, and what comes of that to be told.
    std::optional<std::string> reason();
    enum class Failure { out_of_reach, broken };
    void failed(Failure failure, std::string_view why);
    void worked();

private:
    const std::chrono::milliseconds length_;
    const std::function<Time()> now_;
    std::mutex mutex_;  // guards what follows
    int failures_ = 0;  // in a row
    std::optional<Time> until_;
    std::string why_;
};

}  // namespace hongyan::spam
