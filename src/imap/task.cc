#include "imap/task.h"

#include "engine/without_waiting.h"
#include "imap/contexts.h"
#include "imap/message_data.h"

namespace hongyan::imap {
namespace {

// New messages of which a client that wants to see them hears at once.
constexpr std::size_t max_told_at_once = 500;

}  // namespace

void Task::run(store::Store& store, Hands* hands) {
    hands_ = hands;
    if (!is_to_tell_) step(store);
    if (!commit_.parts.empty()) {
        commit_.outcomes = store.engine().transact(take_parts(), engine::Together::all_or_none);
        step(store);
    }
    is_under_way_ = !completion_;
    if (!completion_) return;
    is_to_tell_ = false;
    tell_changes(store);
}

bool Task::end_alone(store::Store& store) {
    if (!ending_.is_due) cut_off(no(wire::Code::none, "The client has gone"));
    if (!completion_) step(store);
    out_.clear();
    return !completion_;
}

// Who wants to be called for its end is.
void Task::cut_off(Completion why) {
    if (!ending_.is_wanted || std::exchange(ending_.is_due, true))
        completion_ = std::move(why);
    else
        why_ = std::move(why);
}

// Rights may have been taken away since the last command (RFC 4314 §5.1.1).
bool Task::may_go_on(store::Store& store) {
    if (!standing_->mailbox) return true;
    auto& mailbox = *standing_->mailbox;
    const auto user = standing_->account.value();
    if (mailbox.account() == user) return true;
    const auto rights = store.account(mailbox.account()).view().rights(mailbox.id(), user);
    if (rights && rights->contains(Right::read)) return mailbox.put_rights(out_, *rights), true;
    standing_->mailbox.reset();
    farewell_ = "The mailbox is no longer shared with you";
    return false;
}

void Task::step(store::Store& store) {
    const auto said = out_.size();
    const auto looks = standing_->mailbox ? standing_->mailbox->looks() : 0;
    try {
        do_step(store);
    } catch (const std::exception& broken) {
        out_.resize(said);
        // News are among what is taken back, and the client would never hear of them.
        if (standing_->mailbox && standing_->mailbox->looks() != looks) lose_mailbox();
        commit_ = {};
        fault_ = broken.what();
        is_to_tell_ = false;
        cut_off(refusal(Error{Error::Kind::internal, fault_}));
    }
}

void Task::do_step(store::Store& store) {
    const bool is_of_mailbox = subject_ == Subject::mailbox && standing_->mailbox;
    if (is_of_mailbox && !ending_.is_due && !may_go_on(store)) {
        cut_off(no(wire::Code::no_permission, "The mailbox is no longer shared with you"));
        if (completion_) return;
    }
    const bool is_there = is_of_mailbox && standing_->mailbox;
    const auto account = is_there ? standing_->mailbox->account() : standing_->account.value();
    Desk desk{*standing_, store, store.account(account), out_, numbers_, commit_, hands_, &ending_};
    if (!std::exchange(has_begun_, true)) {
        standing_->has_changed_something = false;
        standing_->own_changes = {};
    }
    auto step = job_(desk);
    completion_ = step ? *std::move(step) : refusal(step.error());
    if (completion_ && step && why_) completion_ = std::move(why_);
    is_to_tell_ = completion_.has_value();
}

// In nobody else's mailbox, where rights would have to be looked at.
bool Task::is_at_home() const {
    return !standing_->mailbox || standing_->mailbox->account() == standing_->account.value();
}

Task::Begun Task::begin_here(store::Store& store) {
    if (!is_at_home()) return Begun::not_here;
    if (afresh_) return glance(store);
    return is_brief_ ? begin_brief(store) : Begun::not_here;
}

Task::Begun Task::begin_brief(store::Store& store) {
    const engine::WithoutWaiting here;
    step(store);
    if (!here.missed() && !commit_.parts.empty()) return Begun::to_commit;
    if (!here.missed() && !fault_.empty()) return Begun::all_done;
    if (!here.missed() && completion_) return tell_here(store) ? Begun::all_done : Begun::not_here;
    fault_.clear();  // it broke for want of what was missed
    out_.clear();
    commit_ = {};
    completion_.reset();
    is_to_tell_ = false;
    return Begun::not_here;
}

// The job of a task that has not been begun is the glance's own.
Task::Begun Task::glance(store::Store& store) {
    const auto numbers = numbers_;
    const engine::WithoutWaiting here;
    job_ = afresh_();
    step(store);
    if (!here.missed() && !fault_.empty()) return Begun::all_done;
    fault_.clear();  // it broke for want of what was missed
    if (!here.missed() && completion_) return tell_here(store) ? Begun::all_done : Begun::not_here;
    has_missed_ = here.missed();
    job_ = afresh_();
    numbers_ = numbers;
    out_.clear();
    completion_.reset();
    is_to_tell_ = false;
    return Begun::not_here;
}

// That others did nothing is known in memory; what they did may have to be read from the disk.
bool Task::may_have_news(store::Store& store) const {
    if (standing_->wants_news() || standing_->notify.is_set()) return true;
    if (!standing_->mailbox || commit_.was_all_there_is) return false;
    const engine::WithoutWaiting here;
    return standing_->mailbox->may_have_news(store.account(standing_->mailbox->account()));
}

bool Task::end_here(store::Store& store, std::vector<Result<void>> outcomes) {
    commit_.outcomes = std::move(outcomes);
    step(store);
    return !fault_.empty() || tell_here(store);
}

// True if nothing is left to tell.
bool Task::tell_here(store::Store& store) {
    if (may_have_news(store) && !tell_without_waiting(store)) return false;
    is_to_tell_ = false;
    return true;
}

// What others did in the selected mailbox, where that is little and in memory. On a copy of what the client
// knows: where something is missed, a worker tells all from the beginning.
bool Task::tell_without_waiting(store::Store& store) {
    const bool is_simple = standing_->mailbox && is_at_home() && !standing_->wants_news() &&
                           !standing_->notify.is_set() && standing_->mailbox->contexts().empty();
    if (!is_simple) return false;
    const engine::WithoutWaiting here;
    auto mailbox = *standing_->mailbox;
    const auto manner = standing_->manner(of_);
    std::string out;
    const auto told = mailbox.tell_changes(out, store.account(mailbox.account()), numbers_, manner);
    if (!told || here.missed()) return false;
    mailbox.put_highest_modseq(out, manner);
    *standing_->mailbox = std::move(mailbox);
    out_ += out;
    return true;
}

// Where it cannot be read what is new, the client hears nothing of it; its next command says why.
void Task::tell_news(store::Store& store) {
    Desk desk{*standing_, store, store.account(standing_->account.value()), out_, numbers_, commit_};
    (void)standing_->annotations.tell(out_, desk.account.view(), standing_->names);
    (void)standing_->notify.tell(desk);
}

// What the client wants to know of new messages in its mailbox at once (RFC 5465 §5.2), unless it has brought
// them itself. More than it can have meant is an overflow (§5.8).
Result<void> Task::put_arrived(const store::Account& account, Selected& mailbox) {
    auto arrived = mailbox.take_arrived();
    const auto wanted = standing_->notify.selected();
    if (!wanted || wanted->fetched.empty()) return {};
    arrived.remove(standing_->own_changes.messages[{mailbox.account(), mailbox.id()}]);
    if (arrived.size() > max_told_at_once) return standing_->notify.stop(out_), Result<void>();
    const auto mail = account.view();
    const auto items = imap::wanted(wanted->fetched);
    const auto put = [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
        const auto number = mailbox.view().number_of(entry.uid);
        if (!number || out_.size() > enough_told) return {};
        MessageData(mail, entry, &message, mailbox.is_recent(entry.uid), standing_->manner(of_).named_by,
                    headers_for(*standing_))
            .put_unasked(out_, *number, items);
        return {};
    };
    TRY(mail.each_message(mailbox.id(), arrived, put));
    if (out_.size() > enough_told) standing_->notify.stop(out_);
    return {};
}

// A mailbox that others have removed ends the session (RFC 2180 §3.3), but what the command has done is done,
// and its client hears so: who does not know that an APPEND succeeded makes another.
void Task::tell_changes(store::Store& store) {
    if (standing_->wants_news()) tell_news(store);
    if (!standing_->mailbox || !may_go_on(store)) return;
    const auto& notify = standing_->notify;
    const bool is_wanted = !notify.is_set() || notify.selected() || standing_->has_changed_something;
    if (!is_wanted) return;
    auto& mailbox = *standing_->mailbox;
    const auto account = store.account(mailbox.account());
    const auto manner = standing_->manner(of_);
    auto told = mailbox.tell_changes(out_, account, numbers_, manner);
    if (told && notify.is_set()) told = put_arrived(account, mailbox);
    if (told) return mailbox.put_highest_modseq(out_, manner);
    lose_mailbox();
    if (told.error().kind == Error::Kind::not_found) farewell_ = "The mailbox has been removed";
}

void Task::lose_mailbox() {
    standing_->mailbox.reset();
    farewell_ = "The mailbox cannot be read";
}

}  // namespace hongyan::imap
