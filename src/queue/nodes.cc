// Nodes that work on the queue, and what becomes of what they had leased when they are gone.
#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

using engine::Range;
using engine::Scope;

constexpr std::uint32_t bits_of_grant = 32;
constexpr std::size_t freed_together = 100;

void put_sign_of_life(Book& book, std::string_view node) {
    book.transaction().put(std::string(keys::alive).append(node),
                           encode_count(to_number(book.now() + sign_of_life)));
}

// The nodes that are known to be alive. Of whom it cannot be read is: his leases end with their time.
Result<std::set<std::string, std::less<>>> read_alive(const engine::Reader& reader, Instant now) {
    std::set<std::string, std::less<>> all;
    const auto cursor = reader.scan(Range::starting_with(keys::alive));
    for (; cursor->valid(); cursor->next()) {
        const auto until = decode_count(cursor->value());
        if (!until || to_instant(*until) > now) all.emplace(cursor->key().substr(keys::alive.size()));
    }
    TRY(cursor->status());
    return all;
}

// Leases that are over, as attempts that were not made; what cannot be read is passed over.
struct Over {
    std::vector<Outcome> leases;
    std::size_t damaged = 0;
};
template <typename IsOver>
Result<Over> find_leases(const engine::Reader& reader, Instant now, IsOver is_over) {
    Over over;
    const auto cursor = reader.scan(Range::starting_with(keys::leases));
    for (; cursor->valid(); cursor->next()) {
        const auto who = who_of_lease_key(cursor->key());
        const auto lease = decode_lease(cursor->value());
        if (!who || !lease)
            ++over.damaged;
        else if (is_over(*lease))
            over.leases.push_back({.who = *who, .token = lease->token, .next_attempt = now, .tried = false});
    }
    TRY(cursor->status());
    return over;
}

bool is_passing(Error::Kind kind) {
    using Kind = Error::Kind;
    return kind == Kind::io || kind == Kind::no_space || kind == Kind::unavailable;
}

}  // namespace

engine::Part Queue::stay() const {
    return part([node = node_](Book& book) -> Result<void> {
        put_sign_of_life(book, node);
        return {};
    });
}

// Each by itself: whose entry or recipient cannot be read keeps nobody else. Whoever has lost his lease
// meanwhile is free already.
Result<Freed> Queue::free(std::vector<Outcome> leases, std::size_t damaged) const {
    Freed freed{.count = 0, .damaged = damaged};
    for (auto rest = std::span(leases); !rest.empty();) {
        const auto page = rest.first(std::min(rest.size(), freed_together));
        rest = rest.subspan(page.size());
        std::vector<engine::Part> parts;
        for (auto& lease : page) parts.push_back(settle({std::move(lease)}));
        for (const auto& outcome : engine_.transact(std::move(parts), engine::Together::each_by_itself)) {
            if (outcome)
                ++freed.count;
            else if (is_passing(outcome.error().kind))
                return std::unexpected(outcome.error());
            else if (outcome.error().kind != Error::Kind::conflict)
                ++freed.damaged;
        }
    }
    return freed;
}

Result<Freed> Queue::free_overdue() const {
    const auto now = clock_.now();
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(const auto alive, read_alive(*snapshot, now));
    // Who asks is alive, however long it has had no time to say so, and may be sending what it has in its
    // hands, however far the clock was set forward.
    TRY(auto over, find_leases(*snapshot, now, [&](const Lease& lease) {
            if (lease.node == node_) return lease.until <= now && !holds_.has(lease.token);
            return lease.until <= now || !alive.contains(lease.node);
        }));
    return free(std::move(over.leases), over.damaged);
}

// What this node had leased when it ended.
Result<Freed> Queue::free_own() const {
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(auto over, find_leases(*snapshot, clock_.now(), [this](const Lease& lease) {
            return lease.node == node_ && lease.token >> bits_of_grant < epoch_;
        }));
    return free(std::move(over.leases), over.damaged);
}

Result<Freed> Queue::begin() {
    TRY(forget_old_counts());
    TRY(const auto unreadable, order_old_entries());
    TRY(take_epoch());
    TRY(auto freed, free_own());
    freed.damaged += unreadable;
    TRY(load_pauses());
    return freed;
}

Result<void> Queue::take_epoch() {
    std::uint64_t epoch = 0;
    TRY(transact([&epoch, this](Book& book) -> Result<void> {
        TRY(const auto last, book.transaction().get(keys::epoch));
        epoch = 0;
        if (last) {
            TRY(epoch, decode_count(*last));
        }
        book.transaction().put(keys::epoch, encode_count(++epoch));
        book.transaction().put(keys::counted_epoch, encode_count(epoch));
        put_sign_of_life(book, node_);
        return {};
    }));
    grants_ = 0;
    epoch_ = epoch;
    return {};
}

}  // namespace hongyan::queue
