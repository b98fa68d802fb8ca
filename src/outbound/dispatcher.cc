#include "outbound/dispatcher.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "flow/commit.h"
#include "outbound/courier.h"

namespace hongyan::outbound {

namespace {

constexpr std::chrono::milliseconds lease_time = std::chrono::hours(2);  // longer than any one attempt lasts
constexpr std::size_t most_leased = 10'000;  // recipients in memory, of some 300 bytes each
constexpr std::size_t most_taken = 1'000;    // in one commit: they fit into a transaction of the engine
constexpr std::size_t most_per_lane = 20;    // at a turn
constexpr std::uint64_t most_fresh_bytes = std::uint64_t{64} << 20U;  // in memory before they go out
constexpr std::size_t most_recipients = 100;  // of one transaction (RFC 5321 §4.5.3.1.8)
constexpr std::size_t most_waiting = 500;     // recipients of one destination without a courier
constexpr std::size_t most_woken = 1'000;     // in one commit
constexpr std::size_t destinations_at_once = 1'000;
constexpr std::chrono::milliseconds between_looks = std::chrono::minutes(1);
constexpr std::chrono::milliseconds after_trouble = std::chrono::seconds(5);

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
            .counts = counts_},
           settings_),
      reports_({.world = parts_.world,
                .resolver = parts_.resolver,
                .tls = parts_.tls,
                .random = parts_.random,
                .counts = counts_},
               settings_),
      bell_(loop.executor()) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
    subscription_.emplace(parts_.world.queue.on_change([this](queue::Queue::News news) { ring(news); }));
    if (const auto& handover = parts_.world.handover)
        handover->connect([this](flow::Fresh fresh) {
            {
                const std::lock_guard lock(fresh_mutex_);
                fresh_.push_back(std::move(fresh));
            }
            ring(queue::Queue::News::arrival);
        });
    loop_.post([this] { spawn(work()); });
}

void Dispatcher::apply(Settings settings) {
    loop_.post([this, settings = std::move(settings)]() mutable {
        settings_ = std::move(settings);
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
        for (const auto& [place, destination] : destinations_)
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
        take_fresh();
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
        hand_out(shared->taken, shared);
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
    for (const auto& [place, destination] : destinations_) destination->rest.reset();
}

void Dispatcher::spawn(net::Task<> task) {
    ++tasks_;
    net::asio::co_spawn(loop_.executor(), watched(std::move(task)), net::asio::detached);
}

net::Task<> Dispatcher::watched(net::Task<> task) {
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
        obey();
        co_await wake_sleepers();
        co_await free_overdue();
        co_await fetch();
        tidy();
        look_after_reports();
        co_await bell_.wait(next_look());
    }
}

// Beside the rest: reports ask DNS and web servers.
void Dispatcher::look_after_reports() {
    if (is_reporting_ || closing_ || !reports_.has_work()) return;
    is_reporting_ = true;
    spawn(report());
}

net::Task<> Dispatcher::report() {
    try {
        co_await reports_.work();
    } catch (const std::exception& broken) {
        parts_.world.log.error("reports broken", {{"why", broken.what()}});
    }
    is_reporting_ = false;
}

net::Task<> Dispatcher::begin() {
    while (!begun_ && !closing_) {
        const auto begun = parts_.world.queue.begin();
        begun_ = begun.has_value();
        if (begun_) co_return say_what_is_wanted();
        parts_.world.log.error("queue not begun", {{"why", begun.error().message}});
        co_await bell_.wait(net::after(after_trouble));
    }
}

net::Task<> Dispatcher::wake_sleepers() {
    const auto& world = parts_.world;
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
        // Who comes to sleep meanwhile may be due before that: so nobody oversleeps by more than a look.
        const auto next = waking.found->next.value_or(now + between_looks);
        next_wake_ = std::min<Instant>(next, now + between_looks);
        if (waking.found->count < most_woken) break;
    }
}

net::Task<> Dispatcher::free_overdue() {
    if (std::chrono::steady_clock::now() < next_sweep_) co_return;
    next_sweep_ = net::after(between_looks);
    auto freeing = parts_.world.queue.free_overdue(most_woken);
    co_await flow::commit(parts_.world.store.engine(), {freeing.part}, engine::Together::all_or_none);
}

// One commit leases what many destinations are to be given.
net::Task<> Dispatcher::fetch() {
    const auto& world = parts_.world;
    while (!closing_) {
        auto dues = gather();
        if (dues.empty()) break;
        auto taking = world.queue.take(std::move(dues), lease_time);
        const auto outcome =
            co_await flow::commit(world.store.engine(), {taking.part}, engine::Together::all_or_none);
        if (!outcome.front()) {
            world.log.error("queue not read", {{"why", outcome.front().error().message}});
            co_await bell_.wait(net::after(after_trouble));
            co_return;
        }
        if (taking.found->dues.empty()) break;
        hand_out(*taking.found);
    }
    for (const auto& [place, destination] : destinations_) staff(destination);
}

std::shared_ptr<Destination>& Dispatcher::at(const std::string& name, tls_policy::SenderWish wish) {
    auto& destination = destinations_[{name, wish}];
    if (!destination)
        destination = std::make_shared<Destination>(name, wish, settings_.connections_per_destination);
    return destination;
}

// Whatever their senders wish.
std::vector<Destination*> Dispatcher::of_name(const std::string& name) const {
    std::vector<Destination*> all;
    for (auto place = destinations_.lower_bound({name, {}});
         place != destinations_.end() && place->first.first == name; ++place)
        all.push_back(place->second.get());
    return all;
}

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
    for (const auto& name : turn_order()) {
        if (leased_ + dues.size() >= most_leased || dues.size() >= most_taken) break;
        last_destination_ = name;
        gather(name, dues);
    }
    return dues;
}

void Dispatcher::gather(const std::string& name, std::vector<queue::Due>& dues) {
    const auto& destination = at(name, tls_policy::SenderWish::none);
    std::size_t here = 0;
    std::size_t recipients = 0;
    for (auto* const one : of_name(name)) {
        here += one->parcels.size();
        recipients += one->recipients();
        one->has_asked = false;
    }
    if (here > destination->window() / 2 || recipients >= most_waiting) return;
    auto page = parts_.world.queue.ready(name, {.after = destination->last_lane,
                                                .per_lane = most_per_lane,
                                                .limit = destination->window() - here,
                                                .together = most_recipients});
    if (!page) return;
    destination->last_lane = page->last_lane;
    std::ranges::move(page->dues, std::back_inserter(dues));
}

void Dispatcher::hand_out(const queue::Taken& taken, const std::shared_ptr<const flow::Fresh>& fresh) {
    leased_ += taken.dues.size();
    std::map<std::string, queue::Taken, std::less<>> by_destination;
    for (const auto& due : taken.dues) {
        auto& share = by_destination[due.destination];
        share.lease = taken.lease;
        share.dues.push_back(due);
    }
    for (const auto& [name, share] : by_destination) {
        const auto& destination = at(name, tls_policy::SenderWish::none);
        for (auto& parcel : pack(share, most_recipients)) {
            parcel.fresh = fresh;
            destination->parcels.push_back(std::move(parcel));
        }
        say_if_full(name);
        staff(destination);
    }
}

// What comes for a destination that has its share waits in the queue, where senders take turns.
void Dispatcher::say_if_full(const std::string& name) {
    auto& destination = *at(name, tls_policy::SenderWish::none);
    std::size_t here = 0;
    for (const auto* const one : of_name(name)) here += one->parcels.size();
    const bool is_full = here > (destination.is_full ? destination.window() / 2 : destination.window());
    if (std::exchange(destination.is_full, is_full) == is_full || !parts_.world.handover) return;
    parts_.world.handover->want(name, !is_full);
}

// As many couriers as there is work for and the destination bears.
void Dispatcher::staff(const std::shared_ptr<Destination>& destination) {
    if (destination->parcels.empty() || closing_) return;
    if (destination->rest) {
        if (std::chrono::steady_clock::now() < destination->rest->until) return drop(*destination);
        destination->rest.reset();
    }
    for (auto* const stream : destination->idle) stream->interrupt();
    const auto wanted = std::min(destination->pace.connections(), destination->parcels.size());
    while (destination->couriers < wanted && couriers_ < settings_.connections) {
        ++destination->couriers;
        ++couriers_;
        spawn(is_ours(destination->name) ? deliver_here(destination) : send_courier(destination));
    }
}

void Dispatcher::tidy() {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(destinations_, [now](auto& place) {
        auto& destination = *place.second;
        if (destination.rest && destination.rest->until <= now) destination.rest.reset();
        return destination.is_deserted();
    });
}

net::Deadline Dispatcher::next_look() const { return deadline_of(next_wake_, parts_.world.clock.now()); }

bool Dispatcher::is_ours(const std::string& destination) const {
    const auto found = parts_.world.directory.resolve("postmaster", destination);
    return found && found->outcome != directory::Resolution::Outcome::not_ours;
}

net::Task<> Dispatcher::send_courier(std::shared_ptr<Destination> destination) {
    try {
        co_await Courier(*this, destination).run();
    } catch (const std::exception& broken) {
        parts_.world.log.error("connection broken",
                               {{"destination", destination->name}, {"why", broken.what()}});
    }
    --destination->couriers;
    --couriers_;
    bell_.ring();
}

// Once, until somebody has looked.
void Dispatcher::ask_for_more(Destination& destination) {
    say_if_full(destination.name);
    if (destination.parcels.size() > destination.window() / 2) return;
    if (!std::exchange(destination.has_asked, true)) bell_.ring();
}

// What came under one roof is told apart when it is read: few senders wish anything of TLS.
std::optional<Load> Dispatcher::next(Destination& destination) {
    while (auto load = load_next(destination)) {
        const auto wish = wish_of(load->entry);
        if (wish == destination.wish) return load;
        at(destination.name, wish)->parcels.push_back(std::move(load->parcel));
        say_if_full(destination.name);
        bell_.ring();
    }
    return std::nullopt;
}

std::optional<Load> Dispatcher::load_next(Destination& destination) {
    while (!destination.parcels.empty()) {
        auto parcel = std::move(destination.parcels.front());
        destination.parcels.pop_front();
        ask_for_more(destination);
        const auto count = parcel.recipients.size();
        auto loaded = load(parts_.world.store.engine(), parts_.world.queue, parcel);
        if (loaded && !loaded->entry.recipients.empty()) return *std::move(loaded);
        if (loaded || loaded.error().kind == Error::Kind::not_found)
            leased_ -= count;  // somebody has taken it out of the queue
        else
            put_back(std::move(parcel), loaded.error());
    }
    return std::nullopt;
}

}  // namespace hongyan::outbound
