#include "pop3/wire/reply.h"

#include <fmt/format.h>

namespace hongyan::pop3 {

std::string positive(std::string_view text) { return fmt::format("+OK {}\r\n", text); }

std::string negative(std::string_view code, std::string_view text) {
    if (code.empty()) return fmt::format("-ERR {}\r\n", text);
    return fmt::format("-ERR [{}] {}\r\n", code, text);
}

std::string multi_line(std::span<const std::string> lines) {
    std::string out;
    for (const auto& line : lines) out += fmt::format("{}{}\r\n", line.starts_with('.') ? "." : "", line);
    return out + ".\r\n";
}

}  // namespace hongyan::pop3
