// The dispatcher's part that takes: what is taken from the queue, and for whom.
#include "outbound/bounds.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

// The destinations that have something ready, from where the last turn ended.
std::vector<std::string> Dispatcher::turn_order() const {
    const auto& queue = parts_.world.queue;
    auto names = queue.ready_destinations(last_destination_, destinations_at_once);
    if (!names) return {};
    if (last_destination_.empty()) return *std::move(names);
    auto before = queue.ready_destinations({}, destinations_at_once);
    if (!before) return *std::move(names);
    std::ranges::copy_if(*before, std::back_inserter(*names),
                         [this](const std::string& name) { return name <= last_destination_; });
    return *std::move(names);
}

std::vector<queue::Due> Dispatcher::gather() {
    std::vector<queue::Due> dues;
    for (const auto& [name, destination] : directions_.all()) {
        destination->coming = 0;
        destination->has_asked = false;
    }
    for (const auto& name : turn_order()) {
        if (leased_ + dues.size() >= most_leased || dues.size() >= most_taken) break;
        const auto before = dues.size();
        gather(name, dues);
        if (dues.size() > before) last_destination_ = name;
    }
    return dues;
}

void Dispatcher::gather(const std::string& name, std::vector<queue::Due>& dues) {
    auto& feed = feeds_[name];
    const auto full = feed.full.lock();
    if (full && full->parcels.size() > full->window() / 2) return;
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
    if (here > usual->window() / 2 || recipients >= most_waiting) return;
    auto limit = usual->window() - here;
    if (settings_.routes.depend_on_sender()) limit = std::min(limit, most_by_sender);
    auto page = parts_.world.queue.ready(
        name,
        {.after = feed.last_lane, .per_lane = most_per_lane, .limit = limit, .together = most_recipients});
    if (!page) return;
    feed.last_lane = page->last_lane;
    usual->coming += page->dues.size();
    std::ranges::move(page->dues, std::back_inserter(dues));
}

void Dispatcher::hand_out(const queue::Taken& taken, const std::shared_ptr<const flow::Fresh>& fresh) {
    leased_ += taken.dues.size();
    std::map<std::shared_ptr<Destination>, queue::Taken> by_destination;
    for (const auto& due : taken.dues) {
        auto destination = directions_.of(due.destination, sender_of(due));
        if (destination->parcels.size() >= destination->window()) close_feed(due.destination, destination);
        auto& share = by_destination[std::move(destination)];
        share.lease = taken.lease;
        share.dues.push_back(due);
    }
    for (const auto& [destination, share] : by_destination) {
        for (auto& parcel : pack(share, most_recipients)) {
            parcel.fresh = fresh;
            destination->parcels.push_back(std::move(parcel));
        }
        say_if_full(*destination);
        staff(destination);
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

// Only where ways depend on it, since it has to be read.
std::string Dispatcher::sender_of(const queue::Due& due) const {
    if (!settings_.routes.depend_on_sender()) return {};
    const auto entry = parts_.world.queue.entry(due.id, std::span(&due.index, 1));
    return entry ? entry->sender : std::string();
}

}  // namespace hongyan::outbound
