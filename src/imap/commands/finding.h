// The looking that SEARCH and its relatives have in common.
#pragma once

#include <memory>
#include <optional>

#include "imap/command_table.h"
#include "imap/commands/found.h"
#include "imap/search_match.h"
#include "imap/text_candidates.h"
#include "imap/wire/search.h"

namespace hongyan::imap::commands {

// Looks through one mailbox, a portion at a time: first what entries tell; then, if that leaves many
// messages, what the index tells of those; and what neither decides is looked into.
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
    Found take_found();

private:
    enum class Phase { by_entries, by_index, by_both, by_messages };

    void begin_phase();
    UidSet take_portion(std::size_t most);
    Result<void> sift(const store::View& mail, const Selected& mailbox, const UidSet& uids);
    Result<void> look_into(const store::View& mail, const Selected& mailbox, const UidSet& uids);
    void add(const Selected& mailbox, const store::Entry& entry);

    wire::SearchProgram program_;
    std::optional<Search> search_;
    std::unique_ptr<TextCandidates> texts_;
    Phase phase_ = Phase::by_entries;
    UidSet left_;      // to be looked at in this phase
    UidSet doubtful_;  // to be looked at in the next
    Found found_;
};

}  // namespace hongyan::imap::commands
