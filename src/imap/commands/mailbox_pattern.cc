#include "imap/commands/mailbox_pattern.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "imap/wire/syntax.h"
#include "store/mailbox_name.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::string_view inbox = "INBOX";

// A pattern for INBOX or what is below it, written with that name's own letters.
std::string with_inbox_in_capitals(std::string pattern) {
    const bool whole_level =
        pattern.size() == inbox.size() || pattern[inbox.size()] == store::hierarchy_separator;
    if (ascii::istarts_with(pattern, inbox) && whole_level) pattern.replace(0, inbox.size(), inbox);
    return pattern;
}

// Wildcards side by side stand for what the strongest of them does.
std::string without_repeated_wildcards(std::string_view pattern) {
    std::string out;
    for (const auto c : pattern) {
        const bool repeated = wire::is_list_wildcard(c) && !out.empty() && wire::is_list_wildcard(out.back());
        if (!repeated)
            out += c;
        else if (c == '*')
            out.back() = c;
    }
    return out;
}

}  // namespace

MailboxPattern::MailboxPattern(std::string_view reference, std::string_view pattern) {
    if (!pattern.starts_with(store::hierarchy_separator)) pattern_ = reference;
    pattern_ += pattern;
    pattern_ = without_repeated_wildcards(pattern_);
    if (pattern_.size() >= inbox.size()) pattern_ = with_inbox_in_capitals(std::move(pattern_));
    letters_ = static_cast<std::size_t>(
        std::ranges::count_if(pattern_, [](char c) { return !wire::is_list_wildcard(c); }));
}

// Keeps the set of places in the pattern at which the name read so far may stand.
bool MailboxPattern::matches(std::string_view name) const {
    if (letters_ > name.size()) return false;
    const auto pass_wildcards = [this](std::vector<bool>& places) {
        for (std::size_t i = 0; i < pattern_.size(); ++i)
            if (places[i] && (pattern_[i] == '*' || pattern_[i] == '%')) places[i + 1] = true;
    };
    std::vector<bool> places(pattern_.size() + 1);
    places[0] = true;
    pass_wildcards(places);
    for (const auto c : name) {
        std::vector<bool> next(pattern_.size() + 1);
        for (std::size_t i = 0; i < pattern_.size(); ++i) {
            if (!places[i]) continue;
            if (pattern_[i] == '*' || (pattern_[i] == '%' && c != store::hierarchy_separator))
                next[i] = true;
            else if (pattern_[i] == c)
                next[i + 1] = true;
        }
        pass_wildcards(next);
        places = std::move(next);
    }
    return places.back();
}

}  // namespace hongyan::imap::commands
