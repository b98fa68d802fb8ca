// The dispatcher's part that takes: what is taken from the queue, and for whom.
#include "flow/at_once.h"
#include "flow/commit.h"
#include "outbound/bounds.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

// The destinations that have something ready, from where the last turn ended.
net::Task<std::vector<std::string>> Dispatcher::turn_order() {
    auto read = [&queue = parts_.world.queue,
                 last = last_destination_]() -> Result<std::vector<std::string>> {
        TRY(auto names, queue.ready_destinations(last, destinations_at_once));
        if (last.empty()) return names;
        TRY(const auto before, queue.ready_destinations({}, destinations_at_once));
        std::ranges::copy_if(before, std::back_inserter(names),
                             [&last](const std::string& name) { return name <= last; });
        return names;
    };
    auto names = co_await flow::at_once(parts_.world.workers, std::move(read));
    if (names) co_return *std::move(names);
    complain("queue not read", {}, names.error());
    next_wake_ = std::min<Instant>(next_wake_, parts_.world.clock.now() + after_trouble);
    co_return std::vector<std::string>{};
}

net::Task<std::vector<queue::Due>> Dispatcher::gather() {
    std::vector<queue::Due> dues;
    for (const auto& [name, destination] : directions_.all()) {
        destination->coming = 0;
        destination->has_asked = false;
    }
    const auto names = co_await turn_order();
    for (const auto& name : names) {
        if (leased_ + dues.size() >= most_leased || dues.size() >= most_taken) break;
        const auto before = dues.size();
        co_await gather(name, dues);
        if (dues.size() > before) last_destination_ = name;
    }
    co_return dues;
}

// How much may come for what the queue calls a destination.
std::optional<std::size_t> Dispatcher::room_of(const std::string& name, Feed& feed) {
    const auto full = feed.full.lock();
    if (full && full->parcels.size() > full->window() / 2) return std::nullopt;
    const auto usual = directions_.of(name, {});
    feed.usual = usual;
    if (full && full->hop && parts_.world.handover) parts_.world.handover->want(name, true);
    feed.full.reset();
    std::size_t here = usual->coming;
    std::size_t recipients = 0;
    const auto all = usual->hop ? std::vector{usual.get()} : directions_.of_name(name);
    for (auto* const one : all) {
        here += one->parcels.size();
        recipients += one->recipients();
        one->has_asked = false;
    }
    if (here > usual->window() / 2 || recipients >= most_waiting) return std::nullopt;
    const auto room = usual->window() - here;
    return settings_.routes.depend_on_sender() ? std::min(room, most_by_sender) : room;
}

net::Task<> Dispatcher::gather(std::string name, std::vector<queue::Due>& dues) {
    auto& feed = feeds_[name];
    const auto room = room_of(name, feed);
    if (!room) co_return;
    const queue::Turn turn{
        .after = feed.last_lane, .per_lane = most_per_lane, .limit = *room, .together = most_recipients};
    auto read = [&queue = parts_.world.queue, name, turn] { return queue.ready(name, turn); };
    auto page = co_await flow::at_once(parts_.world.workers, std::move(read));
    if (!page) co_return complain("queue not read", name, page.error());
    if (page->damaged != 0)
        complain("queue damaged", name,
                 {Error::Kind::corrupt, fmt::format("{} keys of the order of attempts", page->damaged)});
    feed.last_lane = page->last_lane;
    if (const auto usual = feed.usual.lock()) usual->coming += page->dues.size();
    std::ranges::move(page->dues, std::back_inserter(dues));
}

void Dispatcher::complain(std::string_view what, const std::string& destination, const Error& why) {
    const auto complaint = fmt::format("{} {} {}", what, destination, why.message);
    if (!complaints_.is_due(complaint, std::chrono::steady_clock::now())) return;
    parts_.world.log.error(what, {{"destination", destination}, {"why", why.message}});
}

// Null where finding it breaks.
std::shared_ptr<Destination> Dispatcher::destination_of(const queue::Due& due, std::string_view sender) {
    try {
        auto destination = directions_.of(due.destination, sender);
        if (destination->parcels.size() >= destination->window()) close_feed(due.destination, destination);
        return destination;
    } catch (const std::exception& broken) {
        complain("destination not found", due.destination, {Error::Kind::internal, broken.what()});
        return nullptr;
    }
}

// The senders are those of the dues, in their order, where ways depend on them. What has been leased comes
// into somebody's hands, or is free again: its lease would last as long as this node does.
void Dispatcher::hand_out(const queue::Taken& taken, std::span<const std::string> senders,
                          const std::shared_ptr<const flow::Fresh>& fresh) {
    std::map<std::shared_ptr<Destination>, queue::Taken> by_destination;
    for (std::size_t i = 0; i < taken.dues.size(); ++i) {
        const auto& due = taken.dues[i];
        auto& share = by_destination[destination_of(due, i < senders.size() ? senders[i] : std::string())];
        share.lease = taken.lease;
        share.hold = taken.hold;
        share.dues.push_back(due);
    }
    for (const auto& [destination, share] : by_destination) {
        if (!destination) {
            give_back(share);
            continue;
        }
        leased_ += share.dues.size();
        for (auto& parcel : pack(share, most_recipients)) {
            parcel.fresh = fresh;
            destination->parcels.push_back(std::move(parcel));
        }
    }
    for (const auto& [destination, share] : by_destination)
        if (destination) welcome(destination);
}

// Mail has come for it. Where that breaks, the next look finds somebody to send it.
void Dispatcher::welcome(const std::shared_ptr<Destination>& destination) {
    try {
        say_if_full(*destination);
        staff(destination);
    } catch (const std::exception& broken) {
        complain("destination not served", destination->name, {Error::Kind::internal, broken.what()});
        bell_.ring();
    }
}

// A next hop has its share: what comes for this name waits in the queue, until it has room.
void Dispatcher::close_feed(const std::string& name, const std::shared_ptr<Destination>& destination) {
    feeds_[name].full = destination;
    if (destination->hop && parts_.world.handover) parts_.world.handover->want(name, false);
}

// What comes for a destination that has its share waits in the queue, where senders take turns.
void Dispatcher::say_if_full(const Destination& destination) {
    if (destination.hop) return;  // has many names: close_feed
    const auto& name = destination.name;
    auto& usual = *directions_.at(name, tls_policy::SenderWish::none);
    std::size_t here = 0;
    for (const auto* const one : directions_.of_name(name)) here += one->parcels.size();
    const bool is_full = here > (usual.is_full ? usual.window() / 2 : usual.window());
    if (std::exchange(usual.is_full, is_full) == is_full || !parts_.world.handover) return;
    parts_.world.handover->want(name, !is_full);
}

// Only where ways depend on them, since they have to be read. Nothing where that breaks.
net::Task<std::optional<std::vector<std::string>>> Dispatcher::senders_of(std::vector<queue::Due> dues) {
    std::vector<std::string> senders;
    if (!settings_.routes.depend_on_sender()) co_return senders;
    auto read = [&queue = parts_.world.queue, dues = std::move(dues)] {
        std::vector<std::string> all;
        for (const auto& due : dues) {
            const auto entry = queue.entry(due.id, std::span(&due.index, 1));
            all.push_back(entry ? entry->sender : std::string());
        }
        return all;
    };
    try {
        auto found = co_await flow::at_once(parts_.world.workers, std::move(read));
        if (found) senders = *std::move(found);
        co_return senders;
    } catch (const std::exception& broken) {
        complain("senders not read", {}, {Error::Kind::internal, broken.what()});
    }
    co_return std::nullopt;
}

// What has just come goes out without being read again.
void Dispatcher::take_fresh() {
    std::vector<flow::Fresh> come;
    {
        const std::lock_guard lock(fresh_mutex_);
        come.swap(fresh_);
    }
    for (auto& fresh : come) {
        const auto size = fresh.content->size();
        *fresh_bytes_ += size;
        auto kept = std::make_unique<const flow::Fresh>(std::move(fresh));
        const std::shared_ptr<const flow::Fresh> shared(kept.release(),
                                                        [size, bytes = fresh_bytes_](auto* last) {
                                                            *bytes -= size;
                                                            delete last;
                                                        });
        const std::vector<std::string> senders(shared->taken.dues.size(), shared->entry.sender);
        hand_out(shared->taken, senders, shared);
    }
    say_what_is_wanted();
}

void Dispatcher::say_what_is_wanted() {
    const auto& handover = parts_.world.handover;
    if (handover)
        handover->want(begun_ && !closing_ && leased_ < most_leased / 2 && *fresh_bytes_ < most_fresh_bytes);
}

// One commit leases what many destinations are to be given.
net::Task<> Dispatcher::fetch() {
    const auto& world = parts_.world;
    while (!closing_) {
        auto dues = co_await gather();
        if (dues.empty()) break;
        auto taking = world.queue.take(std::move(dues), queue::longest_lease);
        const auto outcome =
            co_await flow::commit(world.store.engine(), {taking.part}, engine::Together::all_or_none);
        if (!outcome.front()) {
            world.log.error("queue not read", {{"why", outcome.front().error().message}});
            co_await bell_.wait(net::after(after_trouble));
            bell_.ring();
            co_return;
        }
        if (taking.found->dues.empty()) break;
        if (const auto senders = co_await senders_of(taking.found->dues))
            hand_out(*taking.found, *senders);
        else
            give_back(*taking.found);
        co_await stay();
    }
    staff_all();
}

}  // namespace hongyan::outbound
