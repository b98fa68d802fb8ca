// Who logged in to an account, or tried to, from where and how.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "reputation/notebook.h"

namespace hongyan::reputation {

// What came of one attempt, and what it was made with.
struct LogInEvent {
    std::string protocol = {};  // "imap"
    std::string address = {};   // the client's; empty: of this machine
    std::string client = {};    // what the client says it is, if it says so (RFC 2971)
    std::string how = {};       // "PLAIN", "PASS", "app password Phone"
    std::string outcome = {};   // "ok", or why not

    friend bool operator==(const LogInEvent&, const LogInEvent&) = default;
};

// Attempts of one day that are alike are one.
struct LogInRecord {
    LogInEvent event;
    Instant first{}, last{};
    std::uint64_t times = 0;

    friend bool operator==(const LogInRecord&, const LogInRecord&) = default;
};

inline constexpr std::size_t log_ins_of_a_day =
    100;  // different ones; what comes then is told by its outcome only

// Noted by the way, kept for some days. Any thread.
class LogInHistory {
public:
    // `notebook` outlives this.
    LogInHistory(Notebook& notebook, std::chrono::milliseconds kept) : notebook_(notebook), kept_(kept) {}

    // 0: nothing is noted.
    void apply(std::chrono::milliseconds kept) { kept_ = kept; }
    void note(engine::AccountId account, const LogInEvent& event);
    // From the oldest on. Blocks for the disk.
    Result<std::vector<LogInRecord>> of(engine::AccountId account) const;

private:
    Notebook& notebook_;
    std::atomic<std::chrono::milliseconds> kept_;
};

std::string encode(const LogInRecord& record, Instant expires);
// Corrupt if it is none.
Result<LogInRecord> decode_log_in(std::string_view record);

}  // namespace hongyan::reputation
