// The name of a mailbox as people see it: UTF-8 in normalisation form C, levels separated by "/". Each
// protocol turns it into its own words (modified UTF-7 in IMAP4rev1).
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::store {

inline constexpr char hierarchy_separator = '/';
inline constexpr std::size_t max_level_size = 255;  // bytes of one level, as file systems have it
inline constexpr std::size_t max_levels = 20;       // more is a loop in somebody's client

// Always has at least one level. Ordered level by level, so that children follow their parent.
class MailboxName {
public:
    // Normalises; the first level INBOX is written in capitals whatever its case was (RFC 9051 §5.1). Error
    // invalid: not UTF-8, control characters, an empty level, beyond the limits.
    static Result<MailboxName> parse(std::string_view text);
    // One level, as JMAP gives it together with a parent (RFC 8621 §2); may not contain the separator.
    static Result<std::string> parse_level(std::string_view text);
    // From levels that parse_level has seen.
    static MailboxName of_levels(std::vector<std::string> levels);

    std::span<const std::string> levels() const { return levels_; }
    const std::string& last() const { return levels_.back(); }
    bool is_inbox() const;
    bool is_below(const MailboxName& other) const;
    std::string text() const;

    friend auto operator<=>(const MailboxName&, const MailboxName&) = default;

private:
    explicit MailboxName(std::vector<std::string> levels) : levels_(std::move(levels)) {}
    std::vector<std::string> levels_;
};

}  // namespace hongyan::store
