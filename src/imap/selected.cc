#include "imap/selected.h"

#include <algorithm>
#include <iterator>

#include "engine/without_waiting.h"
#include "imap/contexts.h"
#include "imap/flags.h"
#include "imap/wire/response.h"
#include "imap/wire/writer.h"
#include "store/view.h"

namespace hongyan::imap {
namespace {

// Changes that a session's own thread tells of: some 0.2 ms of work.
constexpr std::uint64_t soon_told = 100;

}  // namespace

void begin_fetch(std::string& out, SetOf named_by, SequenceNumber number, Uid uid) {
    const bool by_uid = named_by == SetOf::uids;
    out += "* ";
    wire::put_number(out, by_uid ? uid.value() : number.value());
    out += by_uid ? " UIDFETCH (" : " FETCH (";
}

Selected::Selected() : contexts_(std::make_shared<Contexts>()) {}

Result<Selected> Selected::open(const store::Account& account, const store::Mailbox& mailbox, Access access,
                                Rights rights) {
    Selected selected;
    selected.account_ = account.id();
    selected.id_ = mailbox.id;
    selected.access_ = access;
    selected.rights_ = rights;
    const auto mail = account.view();
    TRY(const auto now, mail.mailbox(mailbox.id));
    selected.uid_validity_ = now.uid_validity;
    selected.uid_next_ = now.uid_next;
    selected.known_ = selected.complete_ = now.highest_modseq;
    TRY(auto outline, mail.outline(mailbox.id));
    if (const auto before = outline.before_first_unseen) selected.first_unseen_ = SequenceNumber(*before + 1);
    selected.keywords_.insert(outline.keywords.begin(), outline.keywords.end());
    selected.view_ = MailboxView(outline.uids);
    // Last: who could not read all has claimed nothing.
    if (now.first_recent < now.uid_next) selected.claim_recent(account, outline.uids.from(now.first_recent));
    return selected;
}

wire::FlagNames Selected::flags() const {
    wire::FlagNames names{"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"};
    names.insert(names.end(), keywords_.begin(), keywords_.end());
    return names;
}

void Selected::put_permanent_flags(std::string& out) const {
    wire::FlagNames permanent;
    const auto add = [&](const std::string& name, Right needed) {
        if (!is_read_only() && rights_.contains(needed)) permanent.push_back(name);
    };
    for (const auto& name : flags())
        add(name, name == "\\Seen" ? Right::seen : name == "\\Deleted" ? Right::mark_deleted : Right::write);
    add("\\*", Right::write);
    std::string list;
    wire::put_flags(list, permanent);
    wire::put_status(out, wire::untagged, wire::Condition::ok,
                     {wire::Code::permanent_flags, list, "These are kept"});
}

void Selected::put_rights(std::string& out, Rights rights) {
    if (std::exchange(rights_, rights) != rights) put_permanent_flags(out);
}

void Selected::put_keywords(std::string& out, const store::Flags& flags) {
    const auto known = keywords_.size();
    keywords_.insert(flags.keywords().begin(), flags.keywords().end());
    if (keywords_.size() == known) return;
    out += "* FLAGS ";
    wire::put_flags(out, this->flags());
    out += "\r\n";
}

void Selected::put_flags(std::string& out, const store::Entry& entry, const Manner& manner) {
    const auto number = view_.number_of(entry.uid);
    if (!number) return;
    put_keywords(out, entry.flags);
    begin_fetch(out, manner.named_by, *number, entry.uid);
    if (manner.with_uid && manner.named_by != SetOf::uids)
        fmt::format_to(std::back_inserter(out), "UID {} ", entry.uid);
    if (manner.with_modseq) fmt::format_to(std::back_inserter(out), "MODSEQ ({}) ", entry.modseq);
    out += "FLAGS ";
    const bool recent = manner.with_recent && is_recent(entry.uid);
    wire::put_flags(out, names_of(entry.flags, recent ? Recent::yes : Recent::no));
    out += ")\r\n";
}

bool Selected::has_been_told_up_to(ModSeq before, ModSeq now) {
    if (before != known_ || !gone_.empty() || !contexts_->empty()) return false;
    known_ = complete_ = now;
    told_.clear();
    return !owes_news();
}

bool Selected::may_have_news(const store::Account& account) { return may_have_news(account.view()); }

bool Selected::may_have_news(const store::View& mail) {
    if (owes_news()) return true;
    const auto version = mail.version();
    if (version && version == nothing_new_in_) return false;
    const auto highest = mail.highest_modseq(id_);
    if (!highest || *highest > known_) return true;
    nothing_new_in_ = version;
    return false;
}

Result<void> Selected::tell_changes(std::string& out, const store::Account& account, Numbers numbers,
                                    const Manner& manner) {
    const auto told = std::exchange(told_, {});
    arrived_ = {};
    const auto mail = account.view();
    TRY(const auto highest, mail.highest_modseq(id_));
    const bool owes_flags = manner.with_flags && !untold_.empty();
    if (highest == known_ && gone_.empty() && !owes_flags) return {};
    const bool is_brief = engine::WithoutWaiting::is_asked_for();
    if (is_brief && highest.value() - known_.value() > soon_told) return engine::WithoutWaiting::miss();
    TRY(const auto changes, mail.changes(id_, known_));
    const auto to_tell = changes.changed.size() + changes.vanished.size() + untold_.size() + gone_.size();
    if (is_brief && to_tell > soon_told) return engine::WithoutWaiting::miss();
    ++looks_;
    const auto vanished = view_.present(changes.vanished);
    gone_.add(vanished);
    auto changed = changes.changed;
    const auto arrived = changed.from(std::max(uid_next_, view_.last_uid().next()));
    changed.remove(arrived);
    changed.add(untold_);
    const auto put_off = manner.with_flags ? UidSet() : std::exchange(changed, {});
    TRY(put_changed(out, mail, changed, told, manner));
    contexts_->tell_gone(out, *this, vanished);
    TRY(contexts_->tell_changed(out, mail, *this, changed));
    TRY(put_keywords_of(out, mail, arrived));
    // Nothing fails any more: where something did, the next look begins where this one began.
    untold_ = put_off;
    known_ = changes.now;
    if (numbers == Numbers::may_change) put_expunged(out, manner);
    put_arrived(out, account, arrived, manner);
    contexts_->tell_arrived(out, mail, *this, arrived, manner.named_by);
    if (gone_.empty()) complete_ = known_;
    return {};
}

Result<void> Selected::put_changed(std::string& out, const store::View& mail, const UidSet& changed,
                                   const Told& told, const Manner& manner) {
    if (changed.empty()) return {};
    return mail.each_entry(id_, changed, [&](const store::Entry& entry) -> Result<void> {
        const auto known = told.find(entry.uid);
        if (known == told.end() || known->second != entry.modseq) put_flags(out, entry, manner);
        return {};
    });
}

void Selected::put_highest_modseq(std::string& out, const Manner& manner) {
    const bool was_behind = std::exchange(is_behind_, manner.removals_by_uid && !gone_.empty());
    if (!was_behind && !is_behind_) return;
    wire::put_status(out, wire::untagged, wire::Condition::ok,
                     {wire::Code::highest_modseq, fmt::format("{}", complete_), "All before has been told"});
}

void Selected::put_expunged(std::string& out, const Manner& manner) {
    if (gone_.empty()) return;
    const auto numbers = view_.expunge(gone_);
    if (manner.removals_by_uid)
        fmt::format_to(std::back_inserter(out), "* VANISHED {}\r\n", to_text(gone_));
    else
        for (const auto number : numbers) wire::put_numbered(out, number.value(), "EXPUNGE");
    recent_.remove(gone_);
    gone_ = {};
}

// Of `shown`, what nobody has been shown before is recent to this session (RFC 3501 §2.3.2); where that
// cannot be known, all. A claim takes what has come since too: that will be recent when it is told of.
void Selected::claim_recent(const store::Account& account, const UidSet& shown) {
    if (shown.empty()) return;
    if (is_read_only()) return recent_.add(shown);
    // Of a hundred sessions that hear of a message one finds it unclaimed.
    const auto seen = account.view().mailbox(id_);
    if (seen && seen->first_recent == seen->uid_next) return recent_.add(in_both(shown, claimed_));
    const auto first = account.claim_recent(id_);
    if (!first) return recent_.add(shown);
    const auto behind = shown.ranges().back().last.next();
    const auto now = account.view().mailbox(id_);
    const auto next = std::max(now ? now->uid_next : behind, behind);
    if (*first < next) claimed_.add(store::UidRange{*first, Uid(next.value() - 1)});
    recent_.add(in_both(shown, claimed_));
    claimed_ = claimed_.from(behind);
}

Result<void> Selected::put_keywords_of(std::string& out, const store::View& mail, const UidSet& arrived) {
    if (arrived.empty()) return {};
    return mail.each_entry(id_, arrived, [&](const store::Entry& entry) -> Result<void> {
        put_keywords(out, entry.flags);
        return {};
    });
}

void Selected::put_arrived(std::string& out, const store::Account& account, const UidSet& arrived,
                           const Manner& manner) {
    arrived_ = arrived;
    if (arrived.empty()) return;
    claim_recent(account, arrived);
    view_.append(arrived);
    uid_next_ = arrived.ranges().back().last.next();
    wire::put_numbered(out, view_.size(), "EXISTS");
    if (manner.with_recent) wire::put_numbered(out, recent_.size(), "RECENT");
}

}  // namespace hongyan::imap
