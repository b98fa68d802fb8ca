// Where addresses led a moment ago. A message is looked up at RCPT and again when it has come, and most mail
// goes to the same few addresses.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "directory/resolution.h"

namespace hongyan::directory {

// All is forgotten when anything in the directory changes. Only what leads somewhere is remembered: guesses
// at names would displace it. May be used from any thread.
class ResolutionMemory {
public:
    // Of what was true when it was asked for: a look-up begins with this, and what it finds is kept for it.
    using Edition = std::uint64_t;
    Edition edition() const { return edition_.load(); }

    std::optional<Resolution> find(std::string_view local_part, std::string_view domain) const;
    // Nothing is kept if the directory has changed since the edition.
    void keep(std::string_view local_part, std::string_view domain, const Resolution& found, Edition edition);
    // Called when a change is durable, before anyone is told of it.
    void forget();

private:
    std::atomic<Edition> edition_ = 0;
    mutable std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Resolution> known_;
};

}  // namespace hongyan::directory
