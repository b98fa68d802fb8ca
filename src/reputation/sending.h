// How much an account sends, and to how many whom it has never written to.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>

#include "reputation/correspondents.h"
#include "reputation/meter.h"
#include "reputation/notebook.h"

namespace hongyan::reputation {

// Numbers of 0 are no limit.
struct SendingOptions {
    Rate messages{300, std::chrono::hours(1)};
    Rate recipients{1'000, std::chrono::hours(1)};
    Rate recipients_of_a_day{5'000, std::chrono::hours(24)};
    // Whom the account has not written to of late: a stolen password is used to write to strangers.
    Rate strangers{500, std::chrono::hours(24)};
};

// What one message adds, or a part of it.
struct Sent {
    std::size_t messages = 0;
    std::size_t recipients = 0;
    std::size_t strangers = 0;  // of them

    Sent& operator+=(const Sent& more) {
        messages += more.messages;
        recipients += more.recipients;
        strangers += more.strangers;
        return *this;
    }
    friend bool operator==(const Sent&, const Sent&) = default;
};

// Counts are kept, so that a restart forgives nothing. Any thread.
class Sending {
public:
    // `notebook` outlives this.
    Sending(Notebook& notebook, SendingOptions options);

    void apply(const SendingOptions& options);
    Correspondents& correspondents() { return correspondents_; }

    // Sets it aside, so that all sessions of the account together stay within its limits, until it is counted
    // or given back. Which limit that would break, as a sentence for its sender, and nothing is set aside;
    // nothing if none. Blocks for the disk when the account is first asked for.
    std::optional<std::string> reserve(std::string_view account, const Sent& more);
    void give_back(std::string_view account, const Sent& reserved);
    // The message was taken: of what was reserved for it so much is counted, and the rest given back.
    void count(std::string_view account, const Sent& reserved, const Sent& sent);

    struct Usage {
        std::array<double, 4> levels{};  // in the order of SendingOptions
        Instant at{};
        friend bool operator==(const Usage&, const Usage&) = default;
    };

private:
    using Levels = std::array<double, 4>;

    Usage usage(std::string_view account, Instant now);
    std::array<Rate, 4> rates() const;
    void release(const std::string& key, const Sent& reserved);

    Notebook& notebook_;
    Correspondents correspondents_;
    mutable std::mutex mutex_;  // guards what follows
    SendingOptions options_;
    std::unordered_map<std::string, Usage> usages_;
    std::unordered_map<std::string, Levels> reserved_;  // of accounts that are sending; in memory only
};

std::string encode(const Sending::Usage& usage, Instant expires);
// Corrupt if it is none.
Result<Sending::Usage> decode_usage(std::string_view record);

}  // namespace hongyan::reputation
