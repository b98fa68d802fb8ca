// The patterns of LIST and LSUB (RFC 3501 §6.3.8).
#pragma once

#include <string>
#include <string_view>

namespace hongyan::imap::commands {

// "*" stands for anything, "%" for anything within one level of the hierarchy. INBOX is the same in any case.
class MailboxPattern {
public:
    // The reference is put before the pattern as it stands, unless the pattern begins with the separator.
    MailboxPattern(std::string_view reference, std::string_view pattern);

    // In time proportional to the square of the name at the most, whatever the pattern.
    bool matches(std::string_view name) const;
    // Then levels of the hierarchy are meant that are no mailboxes, too.
    bool ends_in_level() const { return pattern_.ends_with('%'); }

private:
    std::string pattern_;      // no two wildcards side by side
    std::size_t letters_ = 0;  // of pattern_ that are no wildcards
};

}  // namespace hongyan::imap::commands
