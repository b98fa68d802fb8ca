#include "dsn/status.h"

#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::dsn {

namespace {

constexpr std::array<std::string_view, 5> action_names{"failed", "delayed", "delivered", "relayed",
                                                       "expanded"};

std::uint16_t class_of(Action action) {
    switch (action) {
        case Action::failed:
            return 5;
        case Action::delayed:
            return 4;
        case Action::delivered:
        case Action::relayed:
        case Action::expanded:
            break;
    }
    return 2;
}

}  // namespace

std::string_view to_string(Action action) { return action_names[static_cast<std::size_t>(action)]; }

std::optional<Action> parse_action(std::string_view text) {
    text = ascii::trim(text);
    const auto word = text.substr(0, text.find_first_of(" \t(;"));
    for (std::size_t i = 0; i < action_names.size(); ++i)
        if (ascii::iequals(word, action_names[i])) return static_cast<Action>(i);
    return std::nullopt;
}

std::string to_string(Status status) {
    return fmt::format("{}.{}.{}", status.of_class, status.subject, status.detail);
}

// status-code = class "." subject "." detail, with class = "2"/"4"/"5", subject = 1*3digit   RFC 3463 §2
std::optional<Status> take_status(std::string_view& text) {
    Scanner in(text);
    Status status;
    status.of_class = in.number<std::uint16_t>(5);
    in.expect(".");
    status.subject = in.number<std::uint16_t>(999);
    in.expect(".");
    status.detail = in.number<std::uint16_t>(999);
    const bool has_class = status.of_class == 2 || status.of_class == 4 || status.of_class == 5;
    const auto rest = in.rest();
    const bool ends = rest.empty() || !(ascii::is_alnum(rest.front()) || rest.front() == '.');
    if (in.failed() || !has_class || !ends) return std::nullopt;
    in.skip_blanks();
    text = in.rest();
    return status;
}

std::optional<Status> parse_status(std::string_view text) {
    text = ascii::trim(text);
    return take_status(text);
}

Status undefined_status(Action action) { return {.of_class = class_of(action), .subject = 0, .detail = 0}; }

Status status_for(Action action, std::optional<Status> found) {
    auto status = found.value_or(undefined_status(action));
    status.of_class = class_of(action);
    return status;
}

}  // namespace hongyan::dsn
