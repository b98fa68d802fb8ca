#include "queue/work.h"

#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/reading.h"
#include "queue/record_fields.h"
#include "queue/tally.h"

namespace hongyan::queue {

namespace {

using engine::Range;
using engine::Scope;

Happened what_of(RecipientState state) {
    switch (state) {
        case RecipientState::delivered:
            return Happened::delivered;
        case RecipientState::relayed:
            return Happened::relayed;
        case RecipientState::expanded:
            return Happened::expanded;
        case RecipientState::failed:
            return Happened::failed;
        case RecipientState::expired:
            return Happened::expired;
        case RecipientState::cancelled:
            return Happened::cancelled;
        case RecipientState::waiting:
        case RecipientState::held:
            return Happened::deferred;
    }
    return Happened::deferred;
}

// Takes what is ready for one destination, lane by lane, as long as there is room in the page.
class Round {
public:
    Round(engine::Cursor& cursor, std::string_view destination, const Turn& turn)
        : cursor_(cursor),
          destination_(destination),
          turn_(turn),
          page_{.dues = {}, .last_lane = turn.after, .damaged = 0} {}

    // Each lane once, from the one behind that which had the last turn; then again those that have more.
    Result<ReadyPage> run() {
        const auto first = ready_prefix(destination_);
        cursor_.seek(turn_.after.empty() ? first : beyond(ready_prefix(destination_, turn_.after)));
        TRY(walk({}));
        if (!turn_.after.empty() && !is_full()) {
            cursor_.seek(first);
            TRY(walk(turn_.after));
        }
        while (!more_.empty() && !is_full())
            for (const auto& next : std::exchange(more_, {})) {
                cursor_.seek(next);
                TRY(take_lane());
            }
        TRY(cursor_.status());
        return std::move(page_);
    }

private:
    bool is_full() const { return page_.dues.size() >= turn_.limit; }

    // Up to the end, or to the lane `last`, which has its turn.
    Result<void> walk(std::string_view last) {
        while (!is_full()) {
            const auto due = current();
            if (!due) break;
            if (!last.empty() && due->lane > last) return {};
            page_.last_lane = due->lane;
            TRY(take_lane());
        }
        return cursor_.status();
    }

    // The lane in which the cursor stands; it is left behind.
    Result<void> take_lane() {
        std::string lane;
        for (std::size_t taken = 0;; ++taken) {
            auto due = current();
            if (!due) break;
            if (taken > 0 && due->lane != lane) return {};
            lane = due->lane;
            const bool goes_with_last = taken > 0 && goes_with(*due);
            if (!goes_with_last && is_full()) return {};
            if (!goes_with_last && taken >= turn_.per_lane) {
                more_.emplace_back(cursor_.key());
                cursor_.seek(beyond(ready_prefix(destination_, lane)));
                return {};
            }
            together_ = goes_with_last ? together_ + 1 : 1;
            page_.dues.push_back(*std::move(due));
            cursor_.next();
        }
        return {};
    }

    // Where the cursor stands; one damaged key is not to keep all the others from being sent.
    std::optional<Due> current() {
        for (; cursor_.valid(); cursor_.next()) {
            auto due = decode_ready(cursor_.key(), cursor_.value());
            if (due) return *std::move(due);
            ++page_.damaged;
        }
        return std::nullopt;
    }

    bool goes_with(const Due& due) const {
        return page_.dues.back().id == due.id && together_ < turn_.together;
    }

    engine::Cursor& cursor_;
    std::string_view destination_;
    const Turn& turn_;
    ReadyPage page_;
    std::size_t together_ = 0;       // of the last entry
    std::vector<std::string> more_;  // where lanes go on that had their turn
};

// What the outcome makes of a recipient that is waiting; a wish from meanwhile comes true.
void make_of(Recipient& recipient, const Outcome& outcome) {
    recipient.state = outcome.state;
    if (outcome.tried) {
        ++recipient.attempts;
        recipient.last_reply = outcome.attempt.reply;
    }
    recipient.delay_told |= outcome.delay_told;
    recipient.deadline_told |= outcome.deadline_told;
    recipient.next_attempt = outcome.next_attempt;
    if (recipient.state != RecipientState::waiting) return;
    if (recipient.wish == Recipient::Wish::hold) recipient.state = RecipientState::held;
    if (recipient.wish == Recipient::Wish::cancel) recipient.state = RecipientState::cancelled;
    recipient.wish = Recipient::Wish::none;
}

void suppress(Book& book, std::string_view account, const Recipient& recipient, const std::string& reply) {
    book.transaction().put(suppression_key(account, recipient.address),
                           encode(Suppression{.since = book.now(), .reason = reply, .by_bounce = true}));
}

Result<void> settle_one(Book& book, const Outcome& outcome) {
    TRY(const auto lease, book.lease(outcome.who));
    if (!lease || lease->token != outcome.token)
        return fail(Error::Kind::conflict, "the attempt at recipient {} of {} has lost its lease",
                    outcome.who.index, to_string(outcome.who.id));
    TRY(const auto entry, book.entry(outcome.who.id));
    TRY(auto recipient, book.recipient(outcome.who));
    const bool was_cancelled = recipient.wish == Recipient::Wish::cancel;
    make_of(recipient, outcome);
    book.end_lease(outcome.who);
    count(book.transaction(), {.leased = -1, .held = recipient.state == RecipientState::held ? 1 : 0});
    if (outcome.suppress && !entry.account.empty())
        suppress(book, entry.account, recipient, outcome.attempt.reply);
    if (outcome.tried) book.tell(entry, recipient, what_of(outcome.state), outcome.attempt);
    if (is_final(recipient.state)) {
        const bool by_wish = was_cancelled && recipient.state == RecipientState::cancelled;
        if (by_wish || !outcome.tried)
            book.tell(entry, recipient, what_of(recipient.state), {.time = book.now()});
        return book.finish(entry, recipient, lease->fresh ? Listed::no : Listed::yes);
    }
    book.write(entry.id, recipient);
    if (lease->fresh) book.list(entry, recipient);
    if (recipient.state == RecipientState::waiting) book.wait(entry, recipient);
    return {};
}

Result<std::set<std::string, std::less<>>> read_pauses(const engine::Reader& reader) {
    std::set<std::string, std::less<>> all;
    const auto cursor = reader.scan(Range::starting_with(keys::pauses));
    for (; cursor->valid(); cursor->next()) all.emplace(cursor->key().substr(keys::pauses.size()));
    TRY(cursor->status());
    return all;
}

}  // namespace

Result<std::vector<std::string>> Queue::ready_destinations(std::string_view after, std::size_t limit) const {
    std::vector<std::string> found;
    if (is_paused({})) return found;
    auto range = Range::starting_with(ready_prefix());
    if (!after.empty()) range.first = beyond(ready_prefix(after));
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(range);
    while (cursor->valid() && found.size() < limit) {
        auto destination = destination_of_ready(cursor->key());
        if (!destination) {
            cursor->next();  // nobody can tell whose it was
            continue;
        }
        cursor->seek(beyond(ready_prefix(*destination)));
        if (!is_paused(*destination)) found.push_back(*std::move(destination));
    }
    TRY(cursor->status());
    return found;
}

Result<ReadyPage> Queue::ready(std::string_view destination, const Turn& turn) const {
    if (is_paused(destination)) return ReadyPage{.dues = {}, .last_lane = turn.after, .damaged = 0};
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(Range::starting_with(ready_prefix(destination)));
    return Round(*cursor, destination, turn).run();
}

Result<std::optional<Instant>> Queue::first_sleeper() const {
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(Range::starting_with(sleeping_prefix()));
    for (; cursor->valid(); cursor->next())
        if (const auto due = decode_sleeping(cursor->key(), cursor->value())) return due->due;
    TRY(cursor->status());
    return std::nullopt;
}

Asking<Woken> Queue::wake(std::size_t limit) const {
    auto woken = std::make_shared<Woken>();
    auto work = [woken, limit](Book& book) -> Result<void> {
        *woken = {};
        std::set<std::string> destinations;
        std::vector<std::pair<std::string, Due>> risen;
        const auto cursor = book.transaction().scan(Range::starting_with(sleeping_prefix()));
        for (; cursor->valid(); cursor->next()) {
            auto due = decode_sleeping(cursor->key(), cursor->value());
            if (!due) {
                ++woken->damaged;  // it sleeps on, and the others need not
                continue;
            }
            if (due->due > book.now() || risen.size() == limit) {
                woken->next = std::max(due->due, book.now());
                break;
            }
            risen.emplace_back(cursor->key(), *std::move(due));
        }
        TRY(cursor->status());
        for (const auto& [key, due] : risen) {
            book.transaction().erase(key);
            book.transaction().put(ready_key(due), encode_ready(due));
            destinations.insert(due.destination);
        }
        const auto moved = static_cast<std::int64_t>(risen.size());
        if (moved > 0) count(book.transaction(), {.ready = moved, .asleep = -moved});
        woken->count = risen.size();
        woken->destinations.assign(destinations.begin(), destinations.end());
        return {};
    };
    return {part(std::move(work)), woken};
}

Asking<Taken> Queue::take(std::vector<Due> dues, std::chrono::milliseconds time) {
    auto taken = std::make_shared<Taken>();
    auto wanted = std::make_shared<const std::vector<Due>>(std::move(dues));
    const auto lease = new_lease(time);
    auto hold = lease ? holds_.take(lease->token) : Hold();
    auto work = [taken, wanted, lease, hold = std::move(hold)](Book& book) -> Result<void> {
        *taken = {};
        taken->hold = hold;
        if (!lease) return fail(Error::Kind::conflict, "who takes from the queue must begin() first");
        taken->lease = *lease;
        TRY(const auto paused, read_pauses(book.transaction()));
        if (paused.contains("")) return {};
        for (const auto& due : *wanted) {
            const auto key = ready_key(due);
            TRY(const auto present, book.transaction().get(key));
            if (!present) continue;
            if (paused.contains(due.destination)) continue;
            book.transaction().erase(key);
            book.lease({due.id, due.index}, *lease);
            taken->dues.push_back(due);
        }
        count(book.transaction(), {.ready = -static_cast<std::int64_t>(taken->dues.size())});
        return {};
    };
    return {part(std::move(work)), taken};
}

engine::Part Queue::settle(std::vector<Outcome> outcomes) const {
    auto shared = std::make_shared<const std::vector<Outcome>>(std::move(outcomes));
    return part([shared](Book& book) -> Result<void> {
        for (const auto& outcome : *shared) TRY(settle_one(book, outcome));
        return {};
    });
}

}  // namespace hongyan::queue
