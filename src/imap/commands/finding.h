// The looking that SEARCH and its relatives have in common.
#pragma once

#include <memory>
#include <optional>

#include "imap/command_table.h"
#include "imap/commands/found.h"
#include "imap/commands/keyed.h"
#include "imap/progress.h"
#include "imap/search_match.h"
#include "imap/text_candidates.h"
#include "imap/wire/search.h"

namespace hongyan::imap::commands {

// Looks through one mailbox, a portion at a time: first what entries tell; then, if that leaves many
// messages, what the index tells of those; and what neither decides is looked into.
class Finding {
public:
    // `cache` is of keys of the selected mailbox, and is for who looks through no other; null: none.
    Finding(wire::SearchProgram program, const std::string& tag, std::shared_ptr<KeyCache> cache = nullptr)
        : program_(std::move(program)),
          has_cache_(cache != nullptr),
          keyed_(std::move(cache), kinds(), tag),
          progress_(tag) {}

    // Where more messages would have to be looked at than the client may have looked at by one command.
    enum class Beyond { cut_short, refuse };
    // The refusal, where the program cannot be looked for: BAD, or NO [BADCHARSET (…)], [MESSAGELIMIT …].
    std::optional<Completion> begin(Desk& desk, const Selected& mailbox, Beyond beyond = Beyond::refuse);
    const std::optional<CutShort>& cut() const { return cut_; }
    bool has_begun() const { return search_.has_value(); }
    // True: that was the last portion.
    Result<bool> look(Desk& desk, const Selected& mailbox);

    const Search& search() const { return *search_; }
    Search take_search() { return *std::move(search_); }
    // In the order of the mailbox. Numbers are as the mailbox's view has them now.
    Found take_found();

private:
    enum class Phase { by_entries, by_index, by_both, by_messages };

    static KeyKinds kinds();
    bool is_worth_knowing_days(const Selected& mailbox) const;
    void begin_phase();
    UidSet take_portion(std::size_t most);
    class Portion;
    Result<void> sift(const store::View& mail, const Selected& mailbox, const UidSet& uids, Portion& portion);
    Result<void> look_into(const store::View& mail, const Selected& mailbox, const UidSet& uids,
                           Portion& portion);
    void add(const Selected& mailbox, const store::Entry& entry, int relevancy);
    void tell_progress(Desk& desk);

    wire::SearchProgram program_;
    std::optional<Search> search_;
    std::optional<CutShort> cut_;
    std::unique_ptr<TextCandidates> texts_;
    Phase phase_ = Phase::by_entries;
    std::uint64_t wanted_ = 0;       // messages in all that are to be looked at
    UidSet left_;                    // to be looked at in this phase
    UidSet doubtful_;                // to be looked at in the next
    std::optional<Uid> unfinished_;  // a message of which the answers to some texts are known
    Answers answers_;
    bool has_cache_ = false;
    bool asks_days_ = false;  // on which messages were sent
    Keyed keyed_;
    Progress progress_;
    Found found_;
};

// BAD where RELEVANCY is wanted and nothing is FUZZY (RFC 6203 §4).
std::optional<Completion> relevancy_refusal(const Search& search,
                                            const std::optional<wire::ResultOptions>& wanted);

}  // namespace hongyan::imap::commands
