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
// tries, and the others when that has worked. What is tried is what has failed: who gets no further than MAIL
// cannot say of a filter that failed at the end of messages that it works, nor keep the others from finding
// out. Any thread.
class Rest {
public:
    using Time = std::chrono::steady_clock::time_point;
    // `length` of 0: it never rests.
    explicit Rest(std::chrono::milliseconds length,
                  std::function<Time()> now = &std::chrono::steady_clock::now)
        : length_(length), now_(std::move(now)) {}

    // What a filter is asked in a session, in this order. One that is told all at once knows the first only.
    enum class Stage { greeting, sender, recipient, end };
    // Why it is not asked that now, in words; nothing: it is to be asked at once, and what comes of that to
    // be told.
    std::optional<std::string> reason(Stage at = Stage::greeting);
    enum class Failure { out_of_reach, broken };
    void failed(Failure failure, std::string_view why, Stage at = Stage::greeting);
    // It has answered this. Only a greeting shows that it can be reached.
    void worked(Stage at = Stage::greeting);

private:
    bool has_failed_at(Stage at) const;

    const std::chrono::milliseconds length_;
    const std::function<Time()> now_;
    std::mutex mutex_;  // guards what follows
    bool is_out_of_reach_ = false;
    int breaks_ = 0;                     // in a row
    Stage broken_at_ = Stage::greeting;  // the last of their stages
    std::optional<Time> until_;
    std::string why_;
};

}  // namespace hongyan::spam
