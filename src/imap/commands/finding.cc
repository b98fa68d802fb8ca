#include "imap/commands/finding.h"

#include <algorithm>

#include "imap/commands/filters.h"
#include "imap/commands/messages.h"
#include "imap/wire/writer.h"
#include "message/charset.h"

namespace hongyan::imap::commands {
namespace {

// Messages looked at before others get a turn, if that is not enough before (effort.h).
constexpr std::size_t texts_at_once = 200;
constexpr std::size_t summaries_at_once = 10'000;
constexpr std::size_t entries_at_once = 50'000;
std::size_t portion_of(Cost cost) {
    return cost == Cost::entry ? entries_at_once : cost == Cost::summary ? summaries_at_once : texts_at_once;
}

// NO [BADCHARSET (…)] lists what we know; other trouble with what was asked is BAD.
Completion search_refusal(const Error& error) {
    if (error.kind == Error::Kind::invalid) return bad("Not possible: " + error.message);
    if (error.kind != Error::Kind::unsupported) return refusal(error);
    std::string names;
    for (const auto name : message::supported_charsets()) {
        if (!names.empty()) names += ' ';
        wire::put_astring(names, name);
    }
    return {wire::Condition::no, {wire::Code::bad_charset, "(" + names + ")", "That charset is not known"}};
}

// Those of `uids` that sets in the search leave: the others need not be looked at, and do not count.
UidSet among(const wire::SearchKey& key, const Selected& mailbox, UidSet uids) {
    if (const auto* all = std::get_if<wire::AllOf>(&key.is)) {
        for (const auto& inner : all->keys) uids = among(inner, mailbox, std::move(uids));
        return uids;
    }
    const auto& view = mailbox.view();
    if (const auto* in = std::get_if<wire::InSequence>(&key.is))
        return in_both(uids, view.matching(in->set, SetOf::numbers));
    if (const auto* in = std::get_if<wire::InUids>(&key.is))
        return in_both(uids, view.matching(in->set, SetOf::uids));
    if (const auto* beside = std::get_if<wire::UidBeside>(&key.is))
        return in_both(uids, uids_beside(*beside));
    return std::holds_alternative<wire::InSaved>(key.is) ? in_both(uids, mailbox.saved()) : uids;
}

// Days are kept of all messages of a mailbox or of none: then one in so many must be looked at.
constexpr std::uint64_t worth_knowing_all = 4;

bool asks_sent_day(const wire::SearchKey& key) {
    if (const auto* date = std::get_if<wire::DateIs>(&key.is)) return date->which == wire::WhichDate::sent;
    if (const auto* all = std::get_if<wire::AllOf>(&key.is))
        return std::ranges::any_of(all->keys, asks_sent_day);
    if (const auto* either = std::get_if<wire::EitherOf>(&key.is))
        return std::ranges::any_of(either->keys, asks_sent_day);
    if (const auto* no = std::get_if<wire::NotThis>(&key.is)) return asks_sent_day(no->key.front());
    return false;
}

// Since this portion began; who is gone is not looked for.
Result<void> unless_expunged(const Error& error) {
    if (error.kind == Error::Kind::not_found) return {};
    return std::unexpected(error);
}

}  // namespace

// What is looked at before others get a turn. It ends behind a message, or within one that has been read for
// more texts than are looked for at once.
class Finding::Portion {
public:
    Effort effort;

    // False: it ends before this message.
    bool begins(Uid uid) {
        if (effort.is_enough()) end_before(uid);
        return !ended_before_;
    }
    void end_before(Uid uid) { ended_before_ = uid; }
    const std::optional<Uid>& ended_before() const { return ended_before_; }
    // To whoever walks through the messages.
    static std::unexpected<Error> enough() { return std::unexpected(Error{Candidate::untold, {}}); }

private:
    std::optional<Uid> ended_before_;
};

std::optional<Completion> Finding::begin(Desk& desk, const Selected& mailbox, Beyond beyond) {
    if (auto refused = put_filters_in_place(desk, program_)) return refused;
    auto prepared = prepare(program_, mailbox, desk.store.clock().now());
    if (!prepared) return search_refusal(prepared.error());
    if (prepared->names_numbers && desk.here.uid_only) return uid_required();
    search_ = *std::move(prepared);
    if (search_->asks_modseq) count_on_modseq(desk);
    // UID SEARCH 1:10 speaks of numbers too (RFC 7162 §3.2.10.2).
    if (search_->names_numbers) desk.numbers = Numbers::must_hold_still;
    left_ = among(program_.key, mailbox, mailbox.view().uids());
    cut_ = cut_short(left_, desk.here.message_limits.any);
    if (cut_ && beyond == Beyond::refuse) return too_many(cut_->most);  // RFC 9738 §3.3
    wanted_ = left_.size();
    asks_days_ = is_worth_knowing_days(mailbox);
    texts_ = std::make_unique<TextCandidates>(program_);
    begin_phase();
    return std::nullopt;
}

std::optional<Completion> relevancy_refusal(const Search& search,
                                            const std::optional<wire::ResultOptions>& wanted) {
    if (!wanted || !wanted->relevancy || search.is_fuzzy) return std::nullopt;
    return bad("RELEVANCY is for FUZZY");
}

KeyKinds Finding::kinds() {
    KeyKinds kinds;
    kinds.add(KeyKind::sent_day);
    return kinds;
}

bool Finding::is_worth_knowing_days(const Selected& mailbox) const {
    return has_cache_ && left_.size() * worth_knowing_all >= mailbox.view().size() &&
           asks_sent_day(program_.key);
}

// Who looks for texts alone need not ask the entries; few messages are looked into at once.
void Finding::begin_phase() {
    if (phase_ == Phase::by_entries && texts_->has_texts() && texts_->is_all_text()) {
        doubtful_ = std::exchange(left_, {});
    }
    if (!left_.empty()) return;
    left_ = std::exchange(doubtful_, {});
    const bool asks_index =
        phase_ == Phase::by_entries && texts_->has_texts() && left_.size() > texts_at_once / 2;
    phase_ = asks_index ? Phase::by_index : Phase::by_messages;
}

UidSet Finding::take_portion(std::size_t most) {
    UidSet portion;
    for (const auto& range : left_.ranges()) {
        const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(range.size(), most));
        if (count == 0) break;
        portion.add(store::UidRange{range.first, Uid(range.first.value() + count - 1)});
        most -= count;
    }
    left_.remove(portion);
    return portion;
}

Result<bool> Finding::look(Desk& desk, const Selected& mailbox) {
    if (asks_days_) {
        TRY(const auto is_last, keyed_.bring_forward(desk));
        asks_days_ = !is_last;
        if (!is_last) return false;
    }
    if (phase_ == Phase::by_index) {
        TRY(const auto is_last, texts_->ask(desk.store.account(mailbox.account()), program_));
        if (!is_last) return false;
        phase_ = Phase::by_both;
    }
    desk.only_tells();
    const auto mail = desk.store.account(mailbox.account()).view();
    const bool looks_into = phase_ == Phase::by_messages;
    const auto uids = take_portion(looks_into ? portion_of(search_->cost) : entries_at_once);
    Portion portion;
    const auto looked =
        looks_into ? look_into(mail, mailbox, uids, portion) : sift(mail, mailbox, uids, portion);
    if (const auto& before = portion.ended_before())
        left_.add(uids.from(*before));
    else
        TRY(looked);
    if (!looks_into) begin_phase();
    if (phase_ == Phase::by_messages) tell_progress(desk);
    return left_.empty();
}

void Finding::tell_progress(Desk& desk) {
    progress_.tell(desk.out, desk.store.clock().now(), wanted_ - left_.size(), wanted_);
}

// Without a look at the messages.
Result<void> Finding::sift(const store::View& mail, const Selected& mailbox, const UidSet& uids,
                           Portion& portion) {
    const auto& keys = keyed_.keys();
    const auto lock = keys ? keys->lock() : std::unique_lock<std::mutex>();
    std::size_t next = 0;
    return mail.each_entry(mailbox.id(), uids, [&](const store::Entry& entry) -> Result<void> {
        if (!portion.begins(entry.uid)) return Portion::enough();
        const auto place = keys ? keys->find(entry.uid, next) : std::nullopt;
        if (place) next = *place + 1;
        auto matches = Result<bool>(false);
        int relevancy = 100;
        if (const auto known = texts_->about(entry.message)) {
            matches = *known;
        } else {
            Candidate candidate(mail, mailbox, entry, nullptr, texts_.get());
            candidate.spend_from(portion.effort);
            if (place && keys->knows_sent_day(*place)) candidate.has_known_sent_day(keys->sent_day(*place));
            matches = search_->matches(candidate);
            relevancy = candidate.relevancy();
        }
        if (!matches && matches.error().kind != Candidate::untold) return std::unexpected(matches.error());
        if (!matches) doubtful_.add(entry.uid);
        if (matches.value_or(false)) add(mailbox, entry, relevancy);
        return {};
    });
}

Result<void> Finding::look_into(const store::View& mail, const Selected& mailbox, const UidSet& uids,
                                Portion& portion) {
    return mail.each_message(
        mailbox.id(), uids,
        [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
            if (!portion.begins(entry.uid)) return Portion::enough();
            if (unfinished_ != entry.uid) answers_.clear();
            unfinished_ = entry.uid;
            Candidate candidate(mail, mailbox, entry, &message, texts_.get());
            candidate.spend_from(portion.effort, &answers_);
            const auto matches = search_->matches(candidate);
            if (candidate.is_unfinished()) {
                portion.end_before(entry.uid);
                return Portion::enough();
            }
            if (!matches) return unless_expunged(matches.error());
            if (*matches) add(mailbox, entry, candidate.relevancy());
            return {};
        });
}

void Finding::add(const Selected& mailbox, const store::Entry& entry, int relevancy) {
    if (const auto number = mailbox.view().number_of(entry.uid))
        found_.push_back({entry.uid, number->value(), entry.modseq, relevancy});
}

Found Finding::take_found() {
    std::ranges::sort(found_, {}, [](const auto& message) { return message.uid; });
    return std::move(found_);
}

}  // namespace hongyan::imap::commands
