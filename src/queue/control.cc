#include "queue/control.h"

#include "base/ascii.h"
#include "queue/finding.h"
#include "queue/fresh_leases.h"
#include "queue/keys.h"
#include "queue/listeners.h"
#include "queue/queue.h"
#include "queue/reading.h"
#include "queue/record_fields.h"
#include "queue/tally.h"

namespace hongyan::queue {

namespace {

using engine::Scope;

constexpr std::size_t page_of_entries = 50;         // looked at together; each may have many recipients
constexpr std::size_t page_of_changes = 100;        // recipients changed in one transaction, of 5 KB each
constexpr std::size_t most_destinations = 100'000;  // counted apart, so that memory has a bound
constexpr std::size_t most_fresh = 10'000;          // leases looked at for statistics

namespace pause_tag {
enum : FieldTag { since = 1, reason = 2 };
}

// One change of the recipients of one page, after another.
class Changer {
public:
    Changer(Book& book, Control what, std::string_view route, Changed& changed)
        : book_(book), what_(what), route_(route), changed_(changed) {}

    // Whoever has come to an end meanwhile is passed over.
    Result<void> change(Attemptable who) {
        if (!entry_ || entry_->id != who.id) {
            auto entry = book_.entry(who.id);
            if (!entry && entry.error().kind == Error::Kind::not_found) return {};
            TRY(entry_, std::move(entry));
        }
        TRY(auto recipient, book_.recipient(who));
        if (is_final(recipient.state)) return {};
        TRY(const auto lease, book_.lease(who));
        return lease ? change_leased(recipient, *lease) : change_free(recipient);
    }

private:
    // The attempt goes on; what is wished comes true when it has failed.
    Result<void> change_leased(Recipient& recipient, const Lease& lease) {
        const auto before = recipient;
        if (what_ == Control::hold) recipient.wish = Recipient::Wish::hold;
        if (what_ == Control::cancel) recipient.wish = Recipient::Wish::cancel;
        if (what_ == Control::release) recipient.wish = Recipient::Wish::none;
        if (what_ == Control::reroute) reroute(recipient, lease.fresh ? Listed::no : Listed::yes);
        if (recipient == before) return {};
        book_.write(entry_->id, recipient);
        ++changed_.recipients;
        ++changed_.under_way;
        return {};
    }

    Result<void> change_free(Recipient& recipient) {
        const bool held = recipient.state == RecipientState::held;
        if (held ? what_ == Control::hold || what_ == Control::retry : what_ == Control::release) return {};
        if (!held) TRY(book_.take_out(due_of(*entry_, recipient)));
        ++changed_.recipients;
        const bool is_let_go = held && what_ != Control::reroute;
        const bool is_caught = what_ == Control::hold;
        if (is_let_go || is_caught) count(book_.transaction(), {.held = is_caught ? 1 : -1});
        if (what_ == Control::cancel) return cancel(recipient);
        if (what_ == Control::reroute) reroute(recipient, Listed::yes);
        if (what_ == Control::hold)
            recipient.state = RecipientState::held;
        else if (what_ == Control::release)
            recipient.state = RecipientState::waiting;
        if (recipient.state == RecipientState::waiting) recipient.next_attempt = book_.now();
        book_.write(entry_->id, recipient);
        if (recipient.state == RecipientState::waiting) book_.wait(*entry_, recipient);
        return {};
    }

    void reroute(Recipient& recipient, Listed listed) {
        if (listed == Listed::yes) strike(book_.transaction(), entry_->id, recipient);
        recipient.route = route_;
        if (listed == Listed::yes) enlist(book_.transaction(), entry_->id, recipient);
    }

    Result<void> cancel(Recipient& recipient) {
        recipient.state = RecipientState::cancelled;
        book_.tell(*entry_, recipient, Happened::cancelled, {.time = book_.now()});
        return book_.finish(*entry_, recipient, Listed::yes);
    }

    Book& book_;
    Control what_;
    std::string_view route_;
    Changed& changed_;
    std::optional<Entry> entry_;
};

bool is_same(std::string_view wanted, std::string_view found) {
    return wanted.empty() || ascii::iequals(wanted, found);
}

// An id is only about as old as its message, which may be damaged.
Result<Instant> arrival_at(const engine::Reader& reader, EntryId id) {
    TRY(const auto record, reader.get(entry_key(id)));
    const auto entry = decode_entry(id, record.value_or(std::string()));
    return entry ? entry->arrival : arrival_of(id);
}

// When the oldest message came that is listed there.
Result<Instant> oldest_at(const engine::Reader& reader, const std::string& destination) {
    const auto prefix = by_destination_prefix(destination);
    const auto cursor = reader.scan(engine::Range::starting_with(prefix));
    TRY(cursor->status());
    if (!cursor->valid()) return Instant::max();
    TRY(const auto id, id_behind(prefix, cursor->key()));
    return arrival_at(reader, id);
}

bool has_more(const Statistics::Destination& one, const Statistics::Destination& other) {
    return one.recipients != other.recipients ? one.recipients > other.recipients : one.name < other.name;
}

// Of a destination.
struct Count {
    std::uint64_t recipients = 0;
    Instant oldest_fresh = Instant::max();  // of those that are in no list
};
using Counts = std::map<std::string, Count, std::less<>>;

// What is being sent at once and in no list.
Result<void> add_fresh(const engine::Reader& reader, Counts& counts) {
    FreshLeases fresh(reader, {});
    for (std::size_t i = 0; i < most_fresh && fresh.valid(); ++i, fresh.next()) {
        const auto who = fresh.who();
        TRY(const auto record, reader.get(recipient_key(who.id, who.index)));
        if (!record) continue;
        TRY(const auto recipient, decode_recipient(*record));
        auto& count = counts[ascii::to_lower(destination_of(recipient))];
        ++count.recipients;
        TRY(const auto arrival, arrival_at(reader, who.id));
        count.oldest_fresh = std::min(count.oldest_fresh, arrival);
    }
    return fresh.status();
}

// Those with the most recipients, of all that are counted.
Result<std::vector<Statistics::Destination>> largest(const engine::Reader& reader, std::size_t limit) {
    Counts counts;
    const auto cursor = reader.scan(engine::Range::starting_with(keys::destination_counts));
    for (; cursor->valid() && counts.size() < most_destinations; cursor->next()) {
        TRY(counts[std::string(destination_of_count(cursor->key()))].recipients,
            decode_count(cursor->value()));
    }
    TRY(cursor->status());
    TRY(add_fresh(reader, counts));
    std::vector<Statistics::Destination> all;
    for (const auto& [name, count] : counts)
        all.push_back({.name = name, .recipients = count.recipients, .oldest = count.oldest_fresh});
    std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(std::min(limit, all.size())),
                              has_more);
    if (all.size() > limit) all.resize(limit);
    for (auto& destination : all) {
        TRY(const auto oldest_listed, oldest_at(reader, destination.name));
        destination.oldest = std::min(destination.oldest, oldest_listed);
        if (destination.oldest == Instant::max()) destination.oldest = {};
    }
    return all;
}

}  // namespace

bool fits(const Selection& selection, const Entry& entry, const Recipient& recipient) {
    return (!selection.id || *selection.id == entry.id) && is_same(selection.recipient, recipient.address) &&
           (selection.domain.empty() || is_same(selection.domain, destination_of(recipient))) &&
           (is_same(selection.sender, entry.sender) || is_same(selection.sender, entry.passed_on_for)) &&
           is_same(selection.account, entry.account);
}

std::string pause_key(std::string_view destination) {
    return std::string(keys::pauses) + ascii::to_lower(destination);
}
std::string encode(const Pause& pause) {
    return RecordWriter(record_version)
        .number(pause_tag::since, to_number(pause.since))
        .text_unless_empty(pause_tag::reason, pause.reason)
        .take();
}
Result<Pause> decode_pause(std::string_view key, std::string_view value) {
    if (!key.starts_with(keys::pauses)) return corrupt("key");
    TRY(auto pause, decode_record<Pause>(value, "pause", [](Pause& out, RecordReader& in, bool& /*damaged*/) {
            if (in.tag() == pause_tag::since) out.since = to_instant(in.number());
            if (in.tag() == pause_tag::reason) out.reason = in.text();
        }));
    pause.destination = key.substr(keys::pauses.size());
    return pause;
}

Result<Changed> Queue::change(const Selection& selection, Control what, std::string_view route) {
    if (selection.says_nothing()) return fail(Error::Kind::invalid, "it is not said what to change");
    if (what == Control::reroute && route.empty())
        return fail(Error::Kind::invalid, "it is not said where to send them");
    TRY(order_old_entries());
    Changed changed;
    Page page{.after = {}, .limit = page_of_entries};
    for (bool more = true; more;) {
        TRY(const auto entries, selected(selection, page));
        std::vector<Attemptable> chosen;
        for (const auto& entry : entries)
            for (const auto& recipient : entry.recipients)
                if (!is_final(recipient.state) && fits(selection, entry, recipient))
                    chosen.push_back({entry.id, recipient.index});
        TRY(change(chosen, what, route, changed));
        more = !selection.id && entries.size() == page.limit;
        if (more) page.after = entries.back().id;
    }
    tell_of_orders();
    return changed;
}

// A whole page, or all that is left.
Result<std::vector<Entry>> Queue::selected(const Selection& selection, const Page& page) const {
    std::vector<Entry> all;
    for (auto rest = page;;) {
        rest.limit = page.limit - all.size();
        TRY(auto found, find(engine_, selection, rest));
        std::ranges::move(found.entries, std::back_inserter(all));
        if (!found.next || all.size() == page.limit) return all;
        rest.after = *found.next;
    }
}

Result<void> Queue::change(const std::vector<Attemptable>& chosen, Control what, std::string_view route,
                           Changed& changed) const {
    for (std::size_t begin = 0; begin < chosen.size(); begin += page_of_changes) {
        const auto end = std::min(begin + page_of_changes, chosen.size());
        Changed of_page;
        TRY(transact([&](Book& book) -> Result<void> {
            of_page = {};
            Changer changer(book, what, route, of_page);
            for (auto i = begin; i < end; ++i) TRY(changer.change(chosen[i]));
            return {};
        }));
        changed.recipients += of_page.recipients;
        changed.under_way += of_page.under_way;
    }
    return {};
}

Result<void> Queue::pause(std::string_view destination, std::string_view reason) {
    const Pause pause{.since = clock_.now(), .reason = std::string(reason)};
    TRY(transact([&](Book& book) -> Result<void> {
        book.transaction().put(pause_key(destination), encode(pause));
        return {};
    }));
    TRY(load_pauses());
    tell_of_orders();
    return {};
}

Result<void> Queue::resume(std::string_view destination) {
    TRY(transact([&](Book& book) -> Result<void> {
        const auto key = pause_key(destination);
        TRY(const auto present, book.transaction().get(key));
        if (!present)
            return fail(Error::Kind::not_found, "{} is not paused",
                        destination.empty() ? "the queue as a whole" : destination);
        book.transaction().erase(key);
        return {};
    }));
    TRY(load_pauses());
    tell_of_orders();
    return {};
}

Result<std::vector<Pause>> Queue::pauses() const {
    std::vector<Pause> all;
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(engine::Range::starting_with(keys::pauses));
    for (; cursor->valid(); cursor->next()) {
        TRY(all.emplace_back(), decode_pause(cursor->key(), cursor->value()));
    }
    TRY(cursor->status());
    return all;
}

Result<void> Queue::load_pauses() {
    TRY(const auto all, pauses());
    const std::lock_guard lock(mutex_);
    paused_.clear();
    for (const auto& pause : all) paused_.insert(pause.destination);
    return {};
}

Result<Statistics> Queue::statistics(std::size_t destinations) const {
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(const auto counted, snapshot->get(keys::ordered));
    TRY(const auto usage_record, snapshot->get(usage_key({})));
    if (usage_record && counted != all_is_counted)
        return fail(Error::Kind::unavailable,
                    "an older program has kept this queue: it is counted when the server begins to send");
    TRY(const auto tally, read_tally(*snapshot));
    Statistics statistics;
    statistics.ready = tally.ready;
    statistics.asleep = tally.asleep;
    statistics.leased = tally.leased;
    statistics.held = tally.held;
    statistics.finished = tally.finished;
    if (usage_record) {
        TRY(const auto usage, decode_usage(*usage_record));
        statistics.messages = usage.messages;
        statistics.bytes = usage.bytes;
    }
    if (destinations == 0) return statistics;
    TRY(statistics.destinations, largest(*snapshot, destinations));
    statistics.elsewhere = tally.ready + tally.asleep + tally.leased + tally.held;
    for (const auto& destination : statistics.destinations)
        statistics.elsewhere -= std::min(statistics.elsewhere, destination.recipients);
    return statistics;
}

}  // namespace hongyan::queue
