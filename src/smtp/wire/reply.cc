#include "smtp/wire/reply.h"

#include <fmt/format.h>

#include "base/scanner.h"

namespace hongyan::smtp {

namespace {

// status-code = class "." subject "." detail   RFC 2034 §4
std::string_view status_code(Scanner& in) {
    const auto before = in;
    const auto first = in.rest();
    const auto digits = [&] { return in.take_some(ascii::is_digit); };
    digits(), in.expect("."), digits(), in.expect("."), digits(), in.expect(" ");
    if (!in.failed()) return first.substr(0, first.size() - in.rest().size() - 1);
    in = before;
    return {};
}

}  // namespace

std::string to_wire(const Reply& reply) {
    std::string out;
    for (const auto& line : reply.lines) {
        const bool last = &line == &reply.lines.back();
        out += fmt::format("{}{}", reply.code, last ? ' ' : '-');
        if (!reply.status.empty()) out += reply.status + " ";
        out += line + "\r\n";
    }
    return out;
}

// Reply-line = Reply-code [ SP textstring ]   RFC 5321 §4.2
std::string to_text(const Reply& reply) {
    auto text = fmt::format("{}", reply.code);
    if (!reply.status.empty()) text += " " + reply.status;
    for (const auto& line : reply.lines) text += (&line == &reply.lines.front() ? " " : "\n") + line;
    return text;
}

std::optional<Reply> parse_reply(std::string_view line) {
    Scanner in(line);
    const auto code = in.number<std::uint32_t>(599);
    in.expect(" ");
    const auto status = status_code(in);
    if (in.failed() || code < 200) return std::nullopt;
    return Reply(static_cast<int>(code), status, std::string(in.rest()));
}

}  // namespace hongyan::smtp
