// What a program of this machine leaves for the server: an envelope and a message, as one file
// (docs/formats/drop.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::drop {

inline constexpr std::size_t max_recipients = 50'000;
inline constexpr std::size_t max_line = 2'000;  // bytes of a line of the envelope

// Addresses are as they were given, and are looked at by whoever takes the letter in.
struct Letter {
    std::string sender;  // empty: nobody is to be told of failures
    std::vector<std::string> recipients;
    std::string notify;         // of all recipients (RFC 3461 §4.1); empty: not said
    std::string wanted_return;  // "FULL", "HDRS"; empty: not said
    std::string envelope_id;    // ENVID, not in xtext; empty: none
    std::string message;        // with CRLF

    friend bool operator==(const Letter&, const Letter&) = default;
};

// Errors: invalid for a value that does not fit a line, and for too many recipients.
Result<std::string> encode(const Letter& letter);
// Errors: invalid.
Result<Letter> parse(std::string_view file);

}  // namespace hongyan::drop
