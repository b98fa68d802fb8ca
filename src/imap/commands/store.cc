// STORE (RFC 3501 §6.4.6, RFC 7162 §3.1.3).
#include "engine/without_waiting.h"
#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/flags.h"
#include "imap/progress.h"
#include "imap/session.h"
#include "imap/wire/writer.h"
#include "store/flag_work.h"

namespace hongyan::imap::commands {
namespace {

struct Wanted {
    Messages messages;
    wire::StoreArguments change;
};

Result<store::FlagChange> change_of(const wire::StoreArguments& wanted) {
    using How = wire::StoreArguments::How;
    store::FlagChange change;
    change.how = wanted.how == How::add      ? store::FlagChange::How::add
                 : wanted.how == How::remove ? store::FlagChange::How::remove
                                             : store::FlagChange::How::replace;
    TRY(change.flags, flags_of(wanted.flags));
    if (wanted.unchanged_since) change.unchanged_since = ModSeq(*wanted.unchanged_since);
    return change;
}

// RFC 4314 §4: what may be changed is changed, the rest left as it is. False where nothing may.
bool restrict(store::FlagChange& change, Rights rights) {
    if (rights.contains(changing)) return true;
    change.untouchable = untouchable(rights);
    const auto wanted = std::exchange(change.flags, permitted(change.flags, rights));
    if (change.how == store::FlagChange::How::replace && wanted == store::Flags())
        return rights.contains_any({Right::seen, Right::mark_deleted, Right::write});
    return wanted == store::Flags() || change.flags != store::Flags();
}

// In silence the client still learns the new modseq, if it counts on it (RFC 7162 §3.1.3).
void put_modseq(Desk& desk, const store::Entry& entry, const Manner& manner) {
    const auto number = desk.mailbox().view().number_of(entry.uid);
    if (!number) return;
    begin_fetch(desk.out, manner.named_by, *number, entry.uid);
    if (manner.with_uid && manner.named_by != SetOf::uids)
        fmt::format_to(std::back_inserter(desk.out), "UID {} ", entry.uid);
    fmt::format_to(std::back_inserter(desk.out), "MODSEQ ({}))\r\n", entry.modseq);
}

// In silence too the client hears of all flags of a message that others have changed since they were told: it
// is told like any other news, at the end.
// What it takes as told it gives.
using Told = std::vector<std::pair<Uid, ModSeq>>;
Told tell(Desk& desk, const store::FlagsChanged& changed, const Manner& manner, bool silent,
          From from = From::lowest) {
    auto& mailbox = desk.mailbox();
    Told told;
    for (std::size_t next = 0; next < changed.entries.size(); ++next) {
        const auto i = from == From::lowest ? next : changed.entries.size() - 1 - next;
        const auto& entry = changed.entries[i];
        if (silent && changed.before[i] > mailbox.known_modseq()) continue;
        told.emplace_back(entry.uid, entry.modseq);
        if (!silent)
            mailbox.put_flags(desk.out, entry, manner);
        else if (manner.with_modseq)
            put_modseq(desk, entry, manner);
    }
    return told;
}

void take_as_told(Desk& desk, const Told& told) {
    for (const auto& [uid, modseq] : told) desk.mailbox().has_been_told(uid, modseq);
}

// RFC 7162 §3.1.3: which messages others have changed since is told however the command ends.
Completion with_modified(Completion completion, const Wanted& wanted, const Selected& mailbox,
                         const UidSet& refused) {
    if (refused.empty()) return completion;
    const bool by_uid = wanted.messages.of == SetOf::uids;
    completion.said.code = wire::Code::modified;
    completion.said.arguments = by_uid ? imap::to_text(refused) : numbers_text(refused, mailbox.view());
    if (completion.condition == wire::Condition::ok) completion.said.text = "Others have changed these";
    return completion;
}

Completion completion(const Wanted& wanted, const Selected& mailbox, const UidSet& refused, bool some_gone) {
    return with_modified(unless_gone(ok("Stored"), some_gone, wanted.messages.of), wanted, mailbox, refused);
}

// In portions, so that what is said of many messages takes little room, and who waits long hears of it.
class StoringMany {
public:
    StoringMany(Wanted wanted, std::string tag) : wanted_(std::move(wanted)), progress_(std::move(tag)) {}

    Step operator()(Desk& desk) {
        if (!change_) {
            TRY(auto refused, begin(desk));
            if (refused) return refused;
        }
        auto& mailbox = desk.mailbox();
        desk.note_own_change();
        const auto from = cut_ ? From::highest : From::lowest;
        store::FlagsChanged changed;
        const auto stored = store::change_flags(desk.store, mailbox.account(), mailbox.id(),
                                                take_portion(left_, from), *change_, changed);
        refused_.add(changed.refused);
        if (!stored) return with_modified(refusal(stored.error()), wanted_, mailbox, refused_);
        const auto told =
            tell(desk, changed, desk.here.manner(wanted_.messages.of), wanted_.change.silent, from);
        told_.insert(told_.end(), told.begin(), told.end());
        changed_ += changed.entries.size();
        run_.add(changed.run);
        progress_.tell(desk.out, desk.store.clock().now(), asked_ - left_.size(), asked_);
        if (!left_.empty()) return std::nullopt;
        // Not before: who hears that it failed, and nothing else, takes all for unchanged.
        if (!run_.unbroken || !mailbox.has_been_told_up_to(run_.before, run_.after))
            take_as_told(desk, told_);
        return ended(desk.out, completion(wanted_, mailbox, refused_, changed_ + refused_.size() < asked_),
                     cut_);
    }

private:
    Step begin(Desk& desk) {
        auto& mailbox = desk.mailbox();
        if (mailbox.is_read_only()) return read_only_mailbox();
        auto uids = wanted_.messages.in(mailbox);
        if (!uids) return beyond_mailbox();
        if (wanted_.change.unchanged_since) count_on_modseq(desk);
        // What others have done the client hears first: in silence it takes the rest of the flags for what it
        // knows.
        TRY(mailbox.tell_changes(desk.out, desk.account, Numbers::must_hold_still,
                                 desk.here.manner(wanted_.messages.of)));
        TRY(auto change, change_of(wanted_.change));
        if (!restrict(change, mailbox.rights()))
            return no(wire::Code::no_permission, "You may not change these flags");
        left_ = *std::move(uids);
        cut_ = cut_short(left_, desk.here.message_limits.any);
        asked_ = left_.size();
        change_ = std::move(change);
        return std::nullopt;
    }

    Wanted wanted_;
    Progress progress_;
    std::optional<store::FlagChange> change_;  // once it has begun
    UidSet left_;
    std::optional<CutShort> cut_;
    UidSet refused_;
    Told told_;
    store::Run run_;
    std::uint64_t asked_ = 0;
    std::uint64_t changed_ = 0;
};

// Of few messages in a mailbox where there is no news: asks for a commit, unless there is nothing to change,
// and when it is made says what came of it. Anything else is left to the other.
class Storing {
public:
    Storing(Wanted wanted, std::string tag) : wanted_(wanted), many_(std::move(wanted), std::move(tag)) {}

    Step operator()(Desk& desk) {
        if (!desk.commit.outcomes.empty()) return end(desk, desk.commit.outcomes.front());
        if (!engine::WithoutWaiting::is_asked_for()) return many_(desk);
        return begin(desk);
    }

private:
    // So few are read here, so that the committer, who has to work for all, need not.
    static constexpr std::size_t few = 8;

    Step begin(Desk& desk) {
        auto& mailbox = desk.mailbox();
        const auto mail = desk.account.view();
        if (mailbox.is_read_only() || mailbox.may_have_news(mail)) return std::nullopt;
        auto uids = wanted_.messages.in(mailbox);
        if (!uids || uids->empty() || uids->size() > store::max_flags_part) return std::nullopt;
        if (cut_short(*uids, desk.here.message_limits.any)) return std::nullopt;
        asked_ = uids->size();
        TRY(const auto change, change_of(wanted_.change));
        store::AsRead known;
        if (asked_ <= few) {
            TRY(known.entries, read(mail, mailbox.id(), *uids));
            known.at = mailbox.known_modseq();
            if (changes_nothing(change, known.entries)) return leave(desk, std::move(known.entries));
        }
        TRY(auto part, store::change_flags_part(desk.account.id(), mailbox.id(), *uids, change,
                                                std::move(known), changed_));
        desk.commit.parts.push_back(std::move(part));
        return std::nullopt;
    }

    static Result<std::vector<store::Entry>> read(const store::View& mail, store::MailboxId mailbox,
                                                  const UidSet& uids) {
        std::vector<store::Entry> entries;
        for (const auto uid : uids.uids()) {
            TRY(auto entry, mail.entry(mailbox, uid));
            if (entry) entries.push_back(*std::move(entry));
        }
        return entries;
    }

    // What can be read is durable.
    static bool changes_nothing(const store::FlagChange& change, const std::vector<store::Entry>& entries) {
        return !change.unchanged_since && std::ranges::all_of(entries, [&change](const store::Entry& entry) {
            return change.applied_to(entry.flags) == entry.flags;
        });
    }

    // Only the client's own view of the flags is renewed, and there is no news.
    Step leave(Desk& desk, std::vector<store::Entry> entries) {
        for (const auto& entry : entries) changed_->before.push_back(entry.modseq);
        changed_->entries = std::move(entries);
        tell(desk, *changed_, manner(desk), wanted_.change.silent);
        desk.commit.was_all_there_is = true;
        return completion(desk);
    }

    Step end(Desk& desk, const Result<void>& outcome) {
        if (!outcome) return std::unexpected(outcome.error());
        if (changed_->modseq != ModSeq()) desk.store.announce(desk.account.id(), changed_->modseq);
        desk.note_own_change();
        take_as_told(desk, tell(desk, *changed_, manner(desk), wanted_.change.silent));
        if (changed_->modseq != ModSeq())
            desk.commit.was_all_there_is =
                desk.mailbox().has_been_told_up_to(changed_->run.before, changed_->modseq);
        return completion(desk);
    }

    Manner manner(const Desk& desk) const { return desk.here.manner(wanted_.messages.of); }
    Completion completion(const Desk& desk) const {
        const auto done = changed_->entries.size() + changed_->refused.size();
        return commands::completion(wanted_, desk.mailbox(), changed_->refused, done < asked_);
    }

    Wanted wanted_;
    StoringMany many_;
    std::uint64_t asked_ = 0;
    std::shared_ptr<store::FlagsChanged> changed_ = std::make_shared<store::FlagsChanged>();
};

}  // namespace

// SP sequence-set store-arguments
Reaction store_flags(Session& session, const Arguments& arguments) {
    Wanted wanted;
    wanted.messages = read_messages(arguments);
    wanted.change = arguments.in.store_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (const auto* flag = unknown_flag(wanted.change.flags))
        return bad("There is no such flag to set: " + *flag);
    if (wanted.change.unchanged_since && !session.standing().condstore)
        return Job(StoringMany(std::move(wanted), session.tag()));
    return BriefJob{Storing(std::move(wanted), session.tag())};
}

}  // namespace hongyan::imap::commands
