// Does a message have what a SEARCH looks for (RFC 3501 §6.4.4)?
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "imap/effort.h"
#include "imap/selected.h"
#include "imap/text_candidates.h"
#include "imap/wire/search.h"
#include "message/structure.h"
#include "message/summary.h"
#include "message/text_search.h"
#include "store/view.h"

namespace hongyan::imap {

// A message that may be what is looked for. What is asked of it is read once, and only when it is asked: the
// entry is at hand, the summary costs a little, the text much.
class Candidate {
public:
    // Without `message` only what the entry and the `texts` of the index tell can be asked: all else is the
    // error `untold`.
    Candidate(const store::View& mail, const Selected& mailbox, const store::Entry& entry,
              const store::MessageView* message, const TextCandidates* texts = nullptr)
        : mail_(mail), mailbox_(mailbox), entry_(entry), message_(message), texts_(texts) {}
    static constexpr auto untold = Error::Kind::unavailable;

    // What looking costs is counted there. With `answers` it ends in the middle, with the error `untold`,
    // when that is enough; those that are in them already are not looked for again.
    void spend_from(Effort& effort, Answers* answers = nullptr) {
        effort_ = &effort;
        answers_ = answers;
    }
    void spend(std::uint64_t octets) const {
        if (effort_ != nullptr) effort_->spend(octets);
    }
    // It ended in the middle.
    bool is_unfinished() const { return is_unfinished_; }
    // What the text key of this number comes to: `look` says it, if nobody has yet.
    template <typename Look>
    Result<bool> once(std::size_t key, const Look& look) {
        auto score = answers_ != nullptr ? answers_->of(key) : std::nullopt;
        if (!score) {
            if (is_enough()) return std::unexpected(Error{untold, {}});
            TRY(score, look(*this));
            if (answers_ != nullptr) answers_->note(key, *score);
            ++looked_for_;
        }
        if (*score > 0) is_worth(*score);
        return *score > 0;
    }

    const store::Entry& entry() const { return entry_; }
    // How well it matches what was asked for with FUZZY: 1 to 100 (RFC 6203 §4).
    int relevancy() const { return relevancy_; }
    void is_worth(int score) { relevancy_ = std::max(1, relevancy_ * score / 100); }
    const Selected& mailbox() const { return mailbox_; }

    // Whether it has the text, if the index knows that.
    std::optional<bool> known(store::TextField field, const message::Needle& needle) const {
        return texts_ ? texts_->about(field, needle.folded(), entry_.message) : std::nullopt;
    }
    Result<const message::Summary*> summary();
    // The day of the Date field (message_keys.h), of which somebody may know already.
    Result<std::optional<std::chrono::sys_days>> sent_day() const;
    void has_known_sent_day(std::optional<std::chrono::sys_days> day) { sent_day_ = day; }
    // What EMAILID is made of (RFC 8474 §5.1).
    Result<store::Origin> origin() const {
        spend(Effort::of_a_record);
        return mail_.origin(entry_);
    }
    // THREADID (RFC 8474 §5.2).
    Result<std::string> thread() const;
    // The values of all fields of this name, decoded and folded for the search, a line each; nothing if there
    // is none.
    Result<std::optional<std::string>> field(std::string_view name);
    // All of the header, decoded and folded; a file name in it as a person reads it too.
    Result<const std::string*> header();
    // The text of all its text parts, the headers of all parts and the names of attachments, decoded and
    // folded.
    Result<const std::string*> body();

private:
    // To have read a message is worth looking for some texts in it before it must be read again.
    static constexpr std::size_t fewest_looked_for = 4;

    bool is_enough() {
        if (answers_ == nullptr || looked_for_ < fewest_looked_for || !effort_->is_enough()) return false;
        return is_unfinished_ = true;
    }
    Result<std::string_view> raw();
    const message::Structure& structure(const message::Summary& kept, std::string_view bytes);

    const store::View& mail_;
    const Selected& mailbox_;
    const store::Entry& entry_;
    const store::MessageView* message_;
    const TextCandidates* texts_;
    Effort* effort_ = nullptr;    // null: it is not counted
    Answers* answers_ = nullptr;  // null: it is done in one go
    std::size_t looked_for_ = 0;
    bool is_unfinished_ = false;
    int relevancy_ = 100;
    std::optional<std::optional<std::chrono::sys_days>> sent_day_;
    std::optional<message::Summary> summary_;
    std::optional<std::string> raw_;
    std::optional<message::Structure> structure_;
    std::optional<std::string> header_;
    std::optional<std::string> body_;
};

// What answering costs: a look at the entry, at the summary, or at the whole text.
enum class Cost { entry, summary, text };

// A search ready to be held against messages: texts decoded from the client's charset and folded, sets
// resolved, what is cheap to ask before what is dear.
struct Search {
    std::function<Result<bool>(Candidate&)> matches;
    Cost cost = Cost::entry;
    bool asks_modseq = false;    // then the answer tells the highest (RFC 7162 §3.1.5)
    bool is_fuzzy = false;       // then each message found has a relevancy of its own
    bool names_numbers = false;  // a key is a set of sequence numbers
    bool may_change = false;     // what comes of it, as flags do
};
// Filters have been put in their place before. Errors: unsupported, we do not know the charset; invalid, a
// text is not of it. OLDER and YOUNGER count from `now`. The search may be kept as long as the mailbox is
// selected.
Result<Search> prepare(const wire::SearchProgram& program, const Selected& mailbox, Instant now);

// The UIDs that UIDAFTER or UIDBEFORE means; they need not be there.
UidSet uids_beside(const wire::UidBeside& beside);

// What the client looks for, as UTF-8. Error: invalid, it is not of the charset.
Result<std::string> searched_text(const std::string& text, const std::string& charset);

}  // namespace hongyan::imap
