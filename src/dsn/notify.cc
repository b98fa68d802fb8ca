#include "dsn/notify.h"

#include <utility>

#include "base/ascii.h"

namespace hongyan::dsn {

Notify parse_notify(std::string_view value) {
    Notify notify;
    while (!value.empty()) {
        const auto word = ascii::trim(value.substr(0, value.find(',')));
        value.remove_prefix(std::min(value.find(','), value.size() - 1) + 1);
        const bool success = ascii::iequals(word, "SUCCESS");
        const bool failure = ascii::iequals(word, "FAILURE");
        const bool delay = ascii::iequals(word, "DELAY");
        notify.success |= success;
        notify.failure |= failure;
        notify.delay |= delay;
        notify.said |= success || failure || delay || ascii::iequals(word, "NEVER");
    }
    return notify;
}

std::string to_string(const Notify& notify) {
    if (!notify.said) return {};
    std::string words;
    for (const auto& [wanted, word] :
         {std::pair{notify.success, "SUCCESS"}, {notify.failure, "FAILURE"}, {notify.delay, "DELAY"}})
        if (wanted) words += (words.empty() ? "" : ",") + std::string(word);
    return words.empty() ? "NEVER" : words;
}

bool is_wanted(std::string_view reverse_path, const Notify& notify, Action action) {
    if (reverse_path.empty()) return false;
    switch (action) {
        case Action::failed:
            return !notify.said || notify.failure;
        case Action::delayed:
            return !notify.said || notify.delay;
        case Action::delivered:
        case Action::relayed:
        case Action::expanded:
            break;
    }
    return notify.success;
}

bool concerns_postmaster(std::string_view reverse_path, const Notify& notify, Action action) {
    return action == Action::failed && reverse_path.empty() && (!notify.said || notify.failure);
}

Notify without_success(const Notify& notify) {
    auto rest = notify;
    rest.success = false;
    return rest;
}

}  // namespace hongyan::dsn
