// The looking that SEARCH and its relatives have in common.
#pragma once

#include <optional>

#include "imap/command_table.h"
#include "imap/commands/found.h"
#include "imap/search_match.h"
#include "imap/wire/search.h"

namespace hongyan::imap::commands {

// Looks through one mailbox, a portion at a time.
class Finding {
public:
    explicit Finding(wire::SearchProgram program) : program_(std::move(program)) {}

    // The refusal, where the program cannot be looked for: BAD, or NO [BADCHARSET (…)].
    std::optional<Completion> begin(Desk& desk, const Selected& mailbox);
    bool has_begun() const { return search_.has_value(); }
    // True: that was the last portion.
    Result<bool> look(Desk& desk, const Selected& mailbox);

    const Search& search() const { return *search_; }
    // In the order of the mailbox. Numbers are as the mailbox's view has them now.
    Found take_found() { return std::move(found_); }

private:
    UidSet take_portion();
    Result<void> test(const store::View& mail, const Selected& mailbox, const store::Entry& entry,
                      const store::MessageView* message);

    wire::SearchProgram program_;
    std::optional<Search> search_;
    UidSet left_;
    Found found_;
};

}  // namespace hongyan::imap::commands
