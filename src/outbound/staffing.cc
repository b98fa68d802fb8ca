// The dispatcher's part that staffs destinations with couriers, and gives these what they are to carry.
#include "flow/at_once.h"
#include "outbound/bounds.h"
#include "outbound/courier.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

// From behind the one that was last given a connection, so that each has its turn where there are too few.
void Dispatcher::staff_all() {
    all_staffed_at_ = std::chrono::steady_clock::now();
    for (const auto& destination : directions_.in_turn(last_staffed_)) staff(destination);
}

// As many couriers as there is work for and the destination bears.
void Dispatcher::staff(const std::shared_ptr<Destination>& destination) {
    auto& bearing = *destination->bearing;
    if (bearing.in_want == destination->wish) bearing.in_want.reset();
    if (destination->parcels.empty() || closing_) return;
    if (destination->is_resting()) return start_dropping(destination);
    destination->rest.reset();
    if (!bearing.meter.allows(std::chrono::steady_clock::now()) || destination->must_yield()) return;
    for (auto* const stream : destination->idle) stream->interrupt();
    const auto wanted = std::min(destination->connections(), destination->parcels.size());
    // A courier may be back at once, having found that there is no way.
    for (auto more = wanted - std::min(wanted, destination->couriers);
         more > 0 && couriers_ < settings_.connections && !destination->rest; --more) {
        if (bearing.couriers >= bearing.pace.connections()) break;
        const bool is_here = !destination->hop && directions_.is_ours(destination->name);
        ++destination->couriers;
        ++bearing.couriers;
        ++couriers_;
        last_staffed_ = Directions::place_of(*destination);
        spawn(is_here ? deliver_here(destination) : send_courier(destination));
    }
    if (destination->couriers == 0 && bearing.couriers > 0) ask_for_a_connection(*destination);
}

// Others of this name, with another wish, have all that there may be.
void Dispatcher::ask_for_a_connection(Destination& destination) {
    destination.bearing->in_want = destination.wish;
    for (const auto* const other : directions_.of_name(destination.name))
        for (auto* const stream : other->idle) stream->interrupt();
}

void Dispatcher::has_ended(Destination& destination) {
    --destination.couriers;
    --destination.bearing->couriers;
    --couriers_;
    bell_.ring();
}

net::Task<> Dispatcher::send_courier(std::shared_ptr<Destination> destination) {
    Courier courier(*this, destination);
    try {
        co_await courier.run();
    } catch (const std::exception& broken) {
        parts_.world.log.error("connection broken",
                               {{"destination", destination->name}, {"why", broken.what()}});
        for (auto& load : courier.take_unfinished())
            put_back(std::move(load.parcel), {Error::Kind::internal, broken.what()});
    }
    has_ended(*destination);
}

// Once, until somebody has looked.
void Dispatcher::ask_for_more(Destination& destination) {
    say_if_full(destination);
    if (destination.parcels.size() > destination.window() / 2) return;
    if (!std::exchange(destination.has_asked, true)) bell_.ring();
}

// What came under one roof is told apart when it is read: few senders wish anything of TLS.
net::Task<std::optional<Load>> Dispatcher::next(Destination& destination) {
    while (!destination.parcels.empty() && !destination.is_resting()) {
        const auto now = std::chrono::steady_clock::now();
        if (!destination.bearing->meter.allows(now)) break;
        destination.bearing->meter.count(now);
        auto load = co_await draw(destination, Content::now);
        if (!load) break;
        if (!is_led_elsewhere(destination, *load)) co_return load;
    }
    co_return std::nullopt;
}

// By what its sender wishes of TLS; it is on its way there then, or back in the queue.
bool Dispatcher::is_led_elsewhere(const Destination& destination, Load& load) {
    const auto wish = wish_of(load.entry);
    // Where a route leads no policy of the domain applies; the session itself sees to REQUIRETLS.
    if (destination.hop || wish == destination.wish) return false;
    std::shared_ptr<Destination> there;
    try {
        there = directions_.at(destination.name, wish);
        say_if_full(destination);
    } catch (const std::exception& broken) {
        put_back(std::move(load.parcel), {Error::Kind::internal, broken.what()});
        return true;
    }
    there->parcels.push_back(std::move(load.parcel));
    bell_.ring();
    return true;
}

net::Task<std::optional<Load>> Dispatcher::draw(Destination& destination, Content content) {
    while (!destination.parcels.empty()) {
        auto parcel = std::move(destination.parcels.front());
        destination.parcels.pop_front();
        ask_for_more(destination);
        const auto count = parcel.recipients.size();
        auto loaded = co_await read(parcel, content);
        if (loaded && !loaded->entry.recipients.empty()) co_return *std::move(loaded);
        if (loaded || loaded.error().kind == Error::Kind::not_found)
            leased_ -= count;  // somebody has taken it out of the queue
        else if (loaded.error().kind == Error::Kind::conflict)
            give_back(std::move(parcel), {});
        else
            put_back(std::move(parcel), loaded.error());
    }
    co_return std::nullopt;
}

// What breaks is an error like others: a parcel that has been drawn must not be lost.
net::Task<Result<Load>> Dispatcher::read(Parcel parcel, Content content) {
    try {
        co_return co_await read_anywhere(std::move(parcel), content);
    } catch (const std::exception& broken) {
        co_return fail(Error::Kind::internal, "{}", broken.what());
    }
}

// On a worker, unless it is in memory; large messages there in any case, since they are decompressed.
net::Task<Result<Load>> Dispatcher::read_anywhere(Parcel parcel, Content content) {
    constexpr std::uint64_t large = 256 * 1024;
    const auto& world = parts_.world;
    const bool is_large = parcel.size > large && !parcel.fresh && content == Content::now;
    auto job = [&world, parcel, content] { return load(world.store.engine(), world.queue, parcel, content); };
    auto loaded =
        is_large ? co_await net::on_worker(world.workers, job) : co_await flow::at_once(world.workers, job);
    // Where everybody is busy it is better to wait for the disk than to put mail off.
    if (!loaded && loaded.error().kind == Error::Kind::unavailable) co_return job();
    co_return loaded;
}

}  // namespace hongyan::outbound
