// What a POP3 server says (RFC 1939 §3).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hongyan::pop3 {

// "+OK text".
std::string positive(std::string_view text);

// "-ERR [CODE] text"; the code is one of RFC 2449 §8 and RFC 3206, or empty.
std::string negative(std::string_view code, std::string_view text);

// The lines after a positive reply, dot-stuffed, with the line that ends them.
std::string multi_line(std::span<const std::string> lines);

}  // namespace hongyan::pop3
