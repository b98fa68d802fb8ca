// Filters of mail outside this program, as they stand in settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::config {

// Where a filter listens: "unix:/run/filter.sock", "inet:127.0.0.1:8891", "inet:filter.example.net:8891".
struct FilterAddress {
    std::string host = {};  // a name, or an address without brackets; empty: see socket
    std::uint16_t port = 0;
    std::string socket = {};  // the path of a unix socket; empty: see host

    static Result<FilterAddress> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const FilterAddress&, const FilterAddress&) = default;
};

// What becomes of mail while a filter cannot be asked.
enum class WithoutFilter { defer, accept, reject, quarantine };

// "ADDRESS OPTION…": name=NAME, default=defer|accept|reject|quarantine, for=relay,submission,lmtp, and the
// times connect=, command=, content=, end=.
struct Milter {
    std::string text;  // as it was said
    FilterAddress address;
    std::string name;  // for people; if none was said, the address
    WithoutFilter otherwise = WithoutFilter::defer;
    bool relay = true;       // mail from other servers
    bool submission = true;  // mail of people who have logged in
    bool lmtp = false;
    // How long a connection, the answer to a command, to a piece of the message and to its end may take.
    std::chrono::milliseconds connect{std::chrono::seconds(30)};
    std::chrono::milliseconds command{std::chrono::seconds(30)};
    std::chrono::milliseconds content{std::chrono::seconds(60)};
    std::chrono::milliseconds end{std::chrono::minutes(5)};

    static Result<Milter> parse(std::string_view text);
    friend bool operator==(const Milter& one, const Milter& other) { return one.text == other.text; }
};

using Milters = std::vector<Milter>;

}  // namespace hongyan::config
