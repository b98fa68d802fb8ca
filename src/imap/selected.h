// The mailbox that a session has selected, as far as its client has been told.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/result.h"
#include "imap/mailbox_view.h"
#include "imap/rights.h"
#include "imap/wire/values.h"
#include "store/account.h"

namespace hongyan::imap {

class Contexts;

// May sequence numbers change while a command is answered (RFC 3501 §7.4.1)?
enum class Numbers { may_change, must_hold_still };

enum class Access { read_write, read_only };

// How a client is told of what others did, and of what its own commands did to messages.
struct Manner {
    bool with_uid = false;            // RFC 3501 §6.4.8, RFC 7162 §3.2.4
    bool with_modseq = false;         // RFC 7162 §3.1: to a client that has enabled CONDSTORE
    bool removals_by_uid = false;     // RFC 7162 §3.2.10: VANISHED, to a client that has enabled QRESYNC
    bool with_flags = true;           // RFC 5465 §5.1: not to a client that wants to hear of no FlagChange
    bool with_recent = true;          // RFC 3501 §2.3.2; not in RFC 9051
    SetOf named_by = SetOf::numbers;  // UIDFETCH in place of FETCH, to a client that has enabled UIDONLY
};

// "* n FETCH (", or "* uid UIDFETCH (" (RFC 9586 §3).
void begin_fetch(std::string& out, SetOf named_by, SequenceNumber number, Uid uid);

// Belongs to its session; used by the worker that runs a command while the session waits for it.
class Selected {
public:
    // Reads the mailbox as it is now.
    static Result<Selected> open(const store::Account& account, const store::Mailbox& mailbox, Access access,
                                 Rights rights);

    store::AccountId account() const { return account_; }
    store::MailboxId id() const { return id_; }
    store::UidValidity uid_validity() const { return uid_validity_; }
    Uid uid_next() const { return uid_next_; }
    // Up to which the client has been told of everything.
    ModSeq highest_modseq() const { return complete_; }
    // What has happened up to here the client has been told, except for removals that wait.
    ModSeq known_modseq() const { return known_; }
    // Opened for reading, or without the right to change anything (RFC 4314 §5.2).
    bool is_read_only() const { return access_ == Access::read_only || !rights_.contains_any(changing); }
    Rights rights() const { return rights_; }
    // Where they have changed the client hears which flags it may set now (RFC 4314 §5.1.1).
    void put_rights(std::string& out, Rights rights);
    const MailboxView& view() const { return view_; }
    std::optional<SequenceNumber> first_unseen() const { return first_unseen_; }

    bool is_recent(Uid uid) const { return recent_.contains(uid); }
    std::uint64_t recent() const { return recent_.size(); }
    // System flags and the keywords in use: the untagged FLAGS response.
    wire::FlagNames flags() const;
    // "* OK [PERMANENTFLAGS (…)]": those that this user may change.
    void put_permanent_flags(std::string& out) const;

    // What a SEARCH with SAVE has found last, as far as it is still there (RFC 5182 §2.1).
    UidSet saved() const { return view_.present(saved_); }
    void save(UidSet found) { saved_ = std::move(found); }

    // The searches whose results the client is kept up to date with.
    Contexts& contexts() { return *contexts_; }

    // The client has just been told, or need not be told, of the flags that the message has at this modseq.
    void has_been_told(Uid uid, ModSeq modseq) { told_[uid] = modseq; }
    // All that changed from `before` to `now` the client has been told. True if that is all there was to
    // tell, up to then.
    bool has_been_told_up_to(ModSeq before, ModSeq now);
    // "* n FETCH (FLAGS (…))". The message is in the view. Tells of keywords the client does not know first.
    void put_flags(std::string& out, const store::Entry& entry, const Manner& manner);

    // Tells what others have done since: FETCH of changed flags, EXPUNGE or VANISHED where numbers may
    // change, EXISTS and RECENT of new messages. Reads as much as has changed. not_found if the mailbox
    // itself is gone. What an attempt that failed has said is true, and to be sent; the next one tells the
    // rest.
    Result<void> tell_changes(std::string& out, const store::Account& account, Numbers numbers,
                              const Manner& manner);

    // How often tell_changes() has found something: what it says then must reach the client.
    std::uint64_t looks() const { return looks_; }

    // Those that tell_changes() has just told of for the first time.
    UidSet take_arrived() { return std::exchange(arrived_, {}); }

    // False if it is certain that tell_changes() would have nothing to tell. Reads one record, or none where
    // the account is as it was when that was certain last.
    bool may_have_news(const store::Account& account);
    bool may_have_news(const store::View& mail);

    // To a client that has enabled QRESYNC and heard of a higher modseq while removals before it waited:
    // which one it may take for the highest, and when they have been told the same again (RFC 7162 §3.2, §6).
    // To be said last.
    void put_highest_modseq(std::string& out, const Manner& manner);

private:
    using Told = std::map<Uid, ModSeq>;
    Selected();

    bool owes_news() const { return !gone_.empty() || is_behind_; }

    void claim_recent(const store::Account& account, const UidSet& shown);
    void put_keywords(std::string& out, const store::Flags& flags);
    void put_expunged(std::string& out, const Manner& manner);
    Result<void> put_changed(std::string& out, const store::View& mail, const UidSet& changed,
                             const Told& told, const Manner& manner);
    Result<void> put_keywords_of(std::string& out, const store::View& mail, const UidSet& arrived);
    void put_arrived(std::string& out, const store::Account& account, const UidSet& arrived,
                     const Manner& manner);

    store::AccountId account_;
    store::MailboxId id_;
    Rights rights_;
    store::UidValidity uid_validity_;
    Uid uid_next_{1};
    Access access_ = Access::read_only;
    ModSeq known_;  // what has happened up to here is in the view, or in gone_
    ModSeq
        complete_;  // what has happened up to here the client has been told; behind known_ while gone_ waits
    std::uint64_t looks_ = 0;
    std::optional<std::uint64_t> nothing_new_in_;  // this version of the account
    MailboxView view_;
    UidSet arrived_;          // told of last
    UidSet untold_;           // flags of these have changed, of which the client wanted to hear nothing
    UidSet gone_;             // of the view: expunged, but the client has not been told
    bool is_behind_ = false;  // the client has been given a HIGHESTMODSEQ below known_
    UidSet recent_;           // RFC 3501 §2.3.2: this session is the first to see them
    UidSet claimed_;          // it will be
    std::set<std::string, ascii::ILess> keywords_;
    UidSet saved_;
    std::shared_ptr<Contexts> contexts_;
    Told told_;  // by the command that is going on
    std::optional<SequenceNumber> first_unseen_;
};

}  // namespace hongyan::imap
