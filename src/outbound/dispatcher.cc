#include "outbound/dispatcher.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "flow/at_once.h"
#include "flow/commit.h"
#include "outbound/bounds.h"
#include "outbound/courier.h"

namespace hongyan::outbound {

namespace {

constexpr std::chrono::milliseconds between_looks = std::chrono::minutes(1);
constexpr std::chrono::milliseconds between_signs = queue::sign_of_life / 4;
constexpr std::chrono::milliseconds between_sleepers = std::chrono::seconds(1);

net::Deadline deadline_of(Instant when, Instant now) {
    return when <= now ? std::chrono::steady_clock::now()
                       : net::after(std::min<std::chrono::milliseconds>(when - now, between_looks));
}

}  // namespace

Dispatcher::Dispatcher(net::Loop& loop, Parts parts, Settings settings)
    : loop_(loop),
      parts_(std::move(parts)),
      settings_(std::move(settings)),
      counts_(parts_.world.store.engine(), parts_.world.clock, parts_.world.log),
      sts_({.engine = parts_.world.store.engine(),
            .resolver = parts_.resolver,
            .tls = parts_.tls,
            .random = parts_.random,
            .clock = parts_.world.clock,
            .log = parts_.world.log,
            .counts = counts_,
            .workers = parts_.world.workers,
            .ourselves = parts_.ourselves},
           settings_),
      reports_({.world = parts_.world,
                .resolver = parts_.resolver,
                .tls = parts_.tls,
                .random = parts_.random,
                .counts = counts_,
                .ourselves = parts_.ourselves},
               settings_),
      dmarc_reports_({.world = parts_.world, .resolver = parts_.resolver, .random = parts_.random},
                     settings_),
      directions_(parts_.world.directory, settings_),
      bell_(loop.executor()) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
    subscription_.emplace(parts_.world.queue.on_change([this](queue::Queue::News news) { ring(news); }));
    if (const auto& handover = parts_.world.handover)
        handover->connect([this](flow::Fresh fresh) {
            {
                const std::lock_guard lock(fresh_mutex_);
                fresh_.push_back(std::move(fresh));
                // While nobody looks, nobody counts their bytes either.
                if (fresh_.size() >= most_fresh) parts_.world.handover->want(false);
            }
            ring(queue::Queue::News::arrival);
        });
    loop_.post([this] { spawn(work()); });
}

void Dispatcher::apply(Settings settings) {
    loop_.post([this, settings = std::move(settings)]() mutable {
        settings_ = std::move(settings);
        directions_.apply_limits();
        // What was in the way may have been the settings.
        end_rests();
        bell_.ring();
    });
}

void Dispatcher::close(std::chrono::milliseconds patience) {
    subscription_.reset();
    if (const auto& handover = parts_.world.handover) handover->disconnect();
    const auto closed = std::make_shared<std::promise<void>>();
    auto waiting = closed->get_future();
    loop_.post([this, closed]() mutable {
        closing_ = true;
        closed_.emplace(std::move(*closed));
        for (const auto& [place, destination] : directions_.all())
            for (auto* const stream : destination->idle) stream->interrupt();
        bell_.ring();
        if (tasks_ == 0) closed_->set_value();
    });
    // Nobody counts any more.
    if (waiting.wait_for(patience) == std::future_status::ready) counts_.flush_now();
}

// Many may ring before anybody has heard the first.
void Dispatcher::ring(queue::Queue::News news) {
    if (news == queue::Queue::News::orders) has_orders_ = true;
    if (rung_.exchange(true)) return;
    loop_.post([this] {
        rung_ = false;
        try {
            take_fresh();
        } catch (const std::exception& broken) {
            parts_.world.log.error("sending broken", {{"why", broken.what()}});
        }
        announced_ = true;
        bell_.ring();
    });
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

// Who asks for an attempt now wants one, whoever rests.
void Dispatcher::obey() {
    if (!has_orders_.exchange(false)) return;
    next_wake_ = {};
    end_rests();
}

void Dispatcher::end_rests() {
    rests_.clear();
    parts_.world.queue.rests().clear();
    for (const auto& [place, destination] : directions_.all()) destination->rest.reset();
}

void Dispatcher::spawn(net::Task<> task) {
    ++tasks_;
    net::asio::co_spawn(loop_.executor(), watched(std::move(task)), net::asio::detached);
}

// Begins behind whatever runs now: what ends at once must not begin again within itself.
net::Task<> Dispatcher::watched(net::Task<> task) {
    co_await net::asio::post(loop_.executor(), net::asio::use_awaitable_t<net::Executor>{});
    try {
        co_await std::move(task);
    } catch (const std::exception& broken) {
        parts_.world.log.error("sending broken", {{"why", broken.what()}});
    }
    if (--tasks_ == 0 && closed_) closed_->set_value();
}

net::Task<> Dispatcher::work() {
    co_await begin();
    while (!closing_) {
        bool is_broken = false;
        try {
            co_await look_for_work();
        } catch (const std::exception& broken) {
            parts_.world.log.error("sending broken", {{"why", broken.what()}});
            is_broken = true;
        }
        co_await bell_.wait(is_broken ? net::after(after_trouble) : next_look());
    }
}

net::Task<> Dispatcher::look_for_work() {
    obey();
    co_await stay();
    co_await wake_sleepers();
    co_await fetch();
    tidy();
    look_after_leases();
    look_after_reports();
    look_after_policies();
}

// Beside the rest: reports ask DNS and web servers.
void Dispatcher::look_after_reports() {
    if (closing_) return;
    if (!is_reporting_ && reports_.has_work()) {
        is_reporting_ = true;
        spawn(report(reports_, is_reporting_));
    }
    if (!is_reporting_dmarc_ && dmarc_reports_.has_work()) {
        is_reporting_dmarc_ = true;
        spawn(report(dmarc_reports_, is_reporting_dmarc_));
    }
}

void Dispatcher::look_after_policies() {
    constexpr std::chrono::hours a_day{24};
    if (closing_ || std::chrono::steady_clock::now() < next_forgetting_) return;
    next_forgetting_ = net::after(a_day);
    spawn(sts_.forget_ended());
}

template <typename Reports>
net::Task<> Dispatcher::report(Reports& reports, bool& is_under_way) {
    try {
        co_await reports.work();
    } catch (const std::exception& broken) {
        parts_.world.log.error("reports broken", {{"why", broken.what()}});
    }
    is_under_way = false;
    if (!closing_ && reports.has_work()) bell_.ring();
}

net::Task<> Dispatcher::begin() {
    while (!begun_ && !closing_) {
        auto begin_queue = [&queue = parts_.world.queue] { return queue.begin(); };
        const auto begun = co_await net::on_worker(parts_.world.workers, std::move(begin_queue));
        begun_ = begun.has_value();
        if (begun_) {
            say_if_damaged(*begun);
            co_return say_what_is_wanted();
        }
        parts_.world.log.error("queue not begun", {{"why", begun.error().message}});
        co_await bell_.wait(net::after(after_trouble));
    }
}

net::Task<> Dispatcher::wake_sleepers() {
    const auto& world = parts_.world;
    co_await look_for_new_sleepers();
    // Also where the clock has been set back.
    next_wake_ = std::min<Instant>(next_wake_, world.clock.now() + between_looks);
    while (!closing_ && world.clock.now() >= next_wake_) {
        auto waking = world.queue.wake(most_woken);
        const auto outcome =
            co_await flow::commit(world.store.engine(), {waking.part}, engine::Together::all_or_none);
        const auto now = world.clock.now();
        if (!outcome.front()) {
            world.log.error("queue not read", {{"why", outcome.front().error().message}});
            next_wake_ = now + after_trouble;
            co_return;
        }
        if (waking.found->damaged != 0)
            complain("queue damaged", {},
                     {Error::Kind::corrupt, fmt::format("{} keys of who sleeps", waking.found->damaged)});
        // Who comes to sleep meanwhile may be due before that: so nobody oversleeps by more than a look.
        const auto next = waking.found->next.value_or(now + between_looks);
        next_wake_ = std::min<Instant>(next, now + between_looks);
        if (waking.found->count < most_woken) break;
        co_await stay();
    }
}

// Who was put into the queue to sleep may be due before all who slept there.
net::Task<> Dispatcher::look_for_new_sleepers() {
    const auto now = parts_.world.clock.now();
    if (!announced_ || now < last_announced_ + between_sleepers) co_return;
    announced_ = false;
    last_announced_ = now;
    auto ask = [&queue = parts_.world.queue] { return queue.first_sleeper(); };
    const auto first = co_await flow::at_once(parts_.world.workers, std::move(ask));
    if (first && *first) next_wake_ = std::min(next_wake_, **first);
}

// What we have leased is ours as long as we say that we are there.
net::Task<> Dispatcher::stay() {
    if (std::chrono::steady_clock::now() < next_sign_) co_return;
    const auto& world = parts_.world;
    const auto outcome =
        co_await flow::commit(world.store.engine(), {world.queue.stay()}, engine::Together::all_or_none);
    if (outcome.front()) next_sign_ = net::after(between_signs);
}

// Beside the rest: where all workers are busy, our sign of life does not wait for them.
void Dispatcher::look_after_leases() {
    if (closing_ || is_freeing_ || std::chrono::steady_clock::now() < next_sweep_) return;
    next_sweep_ = net::after(between_looks);
    is_freeing_ = true;
    spawn(free_overdue());
}

net::Task<> Dispatcher::free_overdue() {
    auto free = [&queue = parts_.world.queue] { return queue.free_overdue(); };
    Result<queue::Freed> freed;
    try {
        freed = co_await net::on_worker(parts_.world.workers, std::move(free));
    } catch (const std::exception& broken) {
        freed = fail(Error::Kind::internal, "{}", broken.what());
    }
    is_freeing_ = false;
    if (!freed) co_return complain("queue not read", {}, freed.error());
    say_if_damaged(*freed);
    if (freed->count > 0) bell_.ring();
}

void Dispatcher::say_if_damaged(const queue::Freed& freed) {
    if (freed.damaged == 0) return;
    complain("queue damaged", {},
             {Error::Kind::corrupt, fmt::format("{} leases or messages cannot be read", freed.damaged)});
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

// From behind the one that was last given a connection, so that each has its turn where there are too few.
void Dispatcher::staff_all() {
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

void Dispatcher::tidy() {
    directions_.tidy();
    std::erase_if(feeds_,
                  [](const auto& feed) { return feed.second.usual.expired() && feed.second.full.expired(); });
}

net::Deadline Dispatcher::next_look() const {
    const auto now = parts_.world.clock.now();
    auto next = deadline_of(next_wake_, now);
    if (announced_) next = std::min(next, deadline_of(last_announced_ + between_sleepers, now));
    for (const auto& [name, destination] : directions_.all())
        if (const auto& meter = destination->bearing->meter;
            !destination->parcels.empty() && !meter.allows(std::chrono::steady_clock::now()))
            next = std::min(next, meter.next());
    return next;
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
