#include "queue/control.h"

#include "base/ascii.h"
#include "queue/keys.h"
#include "queue/listeners.h"
#include "queue/queue.h"
#include "queue/reading.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

using engine::Scope;

constexpr std::size_t page_of_entries = 50;         // looked at together; each may have many recipients
constexpr std::size_t page_of_changes = 500;        // recipients changed in one transaction
constexpr std::size_t most_destinations = 100'000;  // counted apart, so that memory has a bound

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
        return lease ? change_leased(recipient) : change_free(recipient);
    }

private:
    // The attempt goes on; what is wished comes true when it has failed.
    Result<void> change_leased(Recipient& recipient) {
        const auto before = recipient;
        if (what_ == Control::hold) recipient.wish = Recipient::Wish::hold;
        if (what_ == Control::cancel) recipient.wish = Recipient::Wish::cancel;
        if (what_ == Control::release) recipient.wish = Recipient::Wish::none;
        if (what_ == Control::reroute) recipient.route = route_;
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
        if (what_ == Control::cancel) return cancel(recipient);
        if (what_ == Control::reroute) recipient.route = route_;
        if (what_ == Control::hold)
            recipient.state = RecipientState::held;
        else if (what_ == Control::release)
            recipient.state = RecipientState::waiting;
        if (recipient.state == RecipientState::waiting) recipient.next_attempt = book_.now();
        book_.write(entry_->id, recipient);
        if (recipient.state == RecipientState::waiting) book_.wait(*entry_, recipient);
        return {};
    }

    Result<void> cancel(Recipient& recipient) {
        recipient.state = RecipientState::cancelled;
        book_.tell(*entry_, recipient, Happened::cancelled, {.time = book_.now()});
        return book_.finish(*entry_, recipient);
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

// Counts what it is shown.
class Counter {
public:
    explicit Counter(Instant now) : now_(now) {}

    void count(const Entry& entry) {
        for (const auto& recipient : entry.recipients) {
            ++*number_of(recipient);
            if (!is_final(recipient.state)) count(destination_of(recipient), entry.arrival);
        }
    }

    Statistics result(std::size_t limit) {
        for (auto& [name, destination] : destinations_) {
            destination.name = name;
            statistics_.destinations.push_back(std::move(destination));
        }
        auto& all = statistics_.destinations;
        std::ranges::sort(all, [](const auto& a, const auto& b) {
            return a.recipients != b.recipients ? a.recipients > b.recipients : a.name < b.name;
        });
        for (; all.size() > limit; all.pop_back()) statistics_.elsewhere += all.back().recipients;
        return std::move(statistics_);
    }

private:
    std::uint64_t* number_of(const Recipient& recipient) {
        if (is_final(recipient.state)) return &statistics_.finished;
        if (recipient.state == RecipientState::held) return &statistics_.held;
        if (recipient.lease) return &statistics_.leased;
        return recipient.next_attempt <= now_ ? &statistics_.ready : &statistics_.asleep;
    }
    void count(const std::string& name, Instant arrival) {
        const auto known = destinations_.find(name);
        if (known == destinations_.end() && destinations_.size() == most_destinations) {
            ++statistics_.elsewhere;
            return;
        }
        auto& destination = destinations_[name];
        const bool first = destination.recipients++ == 0;
        destination.oldest = first ? arrival : std::min(destination.oldest, arrival);
    }

    Instant now_;
    Statistics statistics_;
    std::map<std::string, Statistics::Destination> destinations_;
};

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

Result<std::vector<Entry>> Queue::selected(const Selection& selection, const Page& page) const {
    if (!selection.id) return list(page);
    TRY(auto one, entry(*selection.id));
    return std::vector{std::move(one)};
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
    Counter counter(clock_.now());
    for (Page page;;) {
        TRY(const auto entries, list(page));
        for (const auto& entry : entries) counter.count(entry);
        if (entries.size() < page.limit) break;
        page.after = entries.back().id;
    }
    auto statistics = counter.result(destinations);
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(const auto record, snapshot->get(usage_key({})));
    if (record) {
        TRY(const auto usage, decode_usage(*record));
        statistics.messages = usage.messages;
        statistics.bytes = usage.bytes;
    }
    return statistics;
}

}  // namespace hongyan::queue
