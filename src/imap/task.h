// The part of a command that needs the mail of the account: a function that a worker runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hands.h"
#include "base/result.h"
#include "imap/completion.h"
#include "imap/standing.h"
#include "store/store.h"

namespace hongyan::imap {

// What a job wants to be durable before it goes on: all of the parts or none.
struct Commit {
    std::vector<engine::Part> parts;
    std::vector<Result<void>> outcomes;  // when it is called again
    // The job says so then: when it was made, nothing else had happened that its client has not heard of.
    bool was_all_there_is = false;
};

// How a job ends that may go no further: its client has gone, the rights that it needs have been taken away,
// or a step of it has broken.
struct Ending {
    bool is_wanted = false;  // by the job, which is called then until it has ended
    bool is_due = false;
    bool only_tells = false;  // all that the job does is for its client to hear
};

// What a command is about: the account of the user, or the selected mailbox, whose account may be another's.
enum class Subject { account, mailbox };

// What a command finds when it runs.
struct Desk {
    Standing& here;
    store::Store& store;
    store::Account account;  // of the command's subject
    std::string& out;        // for untagged responses
    Numbers& numbers;        // a command may find that they must hold still
    Commit& commit;          // filled by a step that is then to be called again when it is done
    Hands* hands = nullptr;  // for commands that can be done in shares
    Ending* ending = nullptr;

    // A job that has something to take back, or to say of what it has done, asks to be called for its end.
    // Then the selected mailbox may be gone, and how the command ends is not the job's to say unless it
    // fails.
    void ask_for_end() const {
        if (ending != nullptr) ending->is_wanted = true;
    }
    bool is_to_end() const { return ending != nullptr && ending->is_due; }
    // A long job that changes nothing says so: it is left off where its client has gone.
    void only_tells() const {
        if (ending != nullptr) ending->only_tells = true;
    }

    // What this command does is no news to its client (RFC 5465 §5): noted once it is done.
    void note_own_change() const { here.has_changed_something = true; }
    void note_own_name(store::AccountId of, store::MailboxId mailbox) const {
        note_own_change();
        here.own_changes.names.emplace(of, mailbox);
    }
    void note_own_metadata(store::AccountId of, store::ModSeq modseq) const {
        note_own_change();
        here.own_changes.metadata[of].insert(modseq);
    }
    void note_own_messages(store::AccountId of, store::MailboxId mailbox, const store::UidSet& uids) const {
        note_own_change();
        here.own_changes.messages[{of, mailbox}].add(uids);
    }
    // The user's own, whatever is selected.
    store::Account home() const { return store.account(here.account.value()); }
    // Of the selected state: the command table sees to it that there is one.
    Selected& mailbox() const { return *here.mailbox; }
};

// How the command ended; nothing if it has more to say, and is to be called again once what it said has gone
// out. An error is a refusal.
using Step = Result<std::optional<Completion>>;
using Job = std::move_only_function<Step(Desk&)>;
// One that need not wait for a worker: its first step is brief and changes nothing but what it asks to
// commit, and its second step only says what came of that. Where the first neither ends nor asks for
// anything, it is run again by a worker, and then does all.
struct BriefJob {
    Job job;
};
// One that only reads, and little: it is done at once where what it reads is in memory, and otherwise from
// its beginning by a worker. It leaves the session's standing as it was.
struct Glance {
    std::function<Job()> afresh;
};

// Bytes that a job says at most before it gives others a turn; one message may be larger.
inline constexpr std::size_t enough_said = std::size_t{256} * 1024;

// A job with all it needs, and what came of it. Made by the session and handed to a worker; the session
// touches neither it nor its standing until the worker has answered. When the job has ended, changes in the
// selected mailbox are told as far as `numbers` permits (RFC 3501 §5.2, §7.4.1).
class Task {
public:
    Task(std::shared_ptr<Standing> standing, Job job, Numbers numbers, SetOf of, Subject subject)
        : standing_(std::move(standing)),
          job_(std::move(job)),
          numbers_(numbers),
          of_(of),
          subject_(subject) {}

    // On a worker: blocks for the disk. `hands` may take a share of what reads much.
    void run(store::Store& store, Hands* hands = nullptr);

    // The next step of the end of one that wants it and whose client has gone: nobody hears or is told
    // anything. True if there is more to do; what has broken is in fault().
    bool end_alone(store::Store& store);
    bool wants_end() const { return is_under_way_ && ending_.is_wanted; }
    // Is what is left to do of no use without a client?
    bool only_tells() const { return is_under_way_ && ending_.only_tells; }

    // The same without a worker, where the job is a BriefJob or a Glance. What is left to do, all or a part,
    // is run()'s.
    void declare_brief() { is_brief_ = true; }
    void declare_glance(std::function<Job()> afresh) { afresh_ = std::move(afresh); }
    enum class Begun { not_here, to_commit, all_done };
    Begun begin_here(store::Store& store);
    // Was begin_here() in vain, since something was not in memory?
    bool has_missed() const { return has_missed_; }
    // True if nothing is left to do.
    std::vector<engine::Part> take_parts() { return std::exchange(commit_.parts, {}); }
    bool end_here(store::Store& store, std::vector<Result<void>> outcomes);

    // It has done a part of its work, or all but the telling of news: what is left cannot be put off.
    bool is_under_way() const { return is_under_way_ || is_to_tell_; }
    // Instead: no worker can take it. Not for one that is under way.
    void put_off(const Error& why) { completion_ = refusal(why); }

    std::string take_output() { return std::exchange(out_, {}); }
    // Nothing: run it again.
    const std::optional<Completion>& completion() const { return completion_; }
    // A belief of ours that a step has broken, for the log; empty: none. The command ends with NO, and what
    // the step said is forgotten. What it wanted to commit is not done; what was committed before stays.
    const std::string& fault() const { return fault_; }
    // Why the session cannot go on behind that: its mailbox is gone. Empty: it can.
    std::string_view farewell() const { return farewell_; }

private:
    void step(store::Store& store);
    void do_step(store::Store& store);
    void cut_off(Completion why);
    bool is_at_home() const;
    Begun begin_brief(store::Store& store);
    Begun glance(store::Store& store);
    bool may_have_news(store::Store& store) const;
    bool tell_here(store::Store& store);
    bool tell_without_waiting(store::Store& store);
    bool may_go_on(store::Store& store);
    void tell_changes(store::Store& store);
    void lose_mailbox();
    void tell_news(store::Store& store);
    Result<void> put_arrived(const store::Account& account, Selected& mailbox);

    std::shared_ptr<Standing> standing_;
    Hands* hands_ = nullptr;  // while it runs
    Job job_;
    Numbers numbers_;
    SetOf of_;  // what the command's sets are of
    Subject subject_;
    std::string out_;
    std::optional<Completion> completion_;
    std::string_view farewell_;
    std::string fault_;
    Commit commit_;
    Ending ending_;
    std::optional<Completion> why_;  // its end is due
    bool is_brief_ = false;
    std::function<Job()> afresh_;  // of a Glance
    bool has_missed_ = false;
    bool has_begun_ = false;
    bool is_under_way_ = false;
    bool is_to_tell_ = false;  // the job has ended; what others did has not been told
};

}  // namespace hongyan::imap
