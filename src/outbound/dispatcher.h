// Sends what waits in the queue: decides what is attempted when, and settles what came of it.
#pragma once

#include <atomic>
#include <future>
#include <map>

#include "net/loops.h"
#include "outbound/bell.h"
#include "outbound/directions.h"
#include "outbound/office.h"
#include "outbound/tls_reports.h"

namespace hongyan::outbound {

// What a dispatcher works with; all of it outlives the dispatcher.
struct Parts {
    const flow::World& world;
    net::Resolver& resolver;
    const net::TlsClientContext& tls;
    Random& random;
    net::Ourselves ourselves;
};

// Works on one loop, which it shares with its connections. Fair between destinations and, by the queue's
// lanes, between senders; what it holds in memory is bounded, however long the queue is.
class Dispatcher final : private Office {
public:
    Dispatcher(net::Loop& loop, Parts parts, Settings settings);
    // The loop's thread has ended, or close() has returned.
    ~Dispatcher() override;
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // From any thread:
    void start();
    void apply(Settings settings);
    // Begins nothing new, lets transactions end that have begun, and returns when all have, or when patience
    // is over. What was leased then is free again at the next start.
    void close(std::chrono::milliseconds patience);

private:
    using Outcome = smtp_client::Outcome;
    // What the queue calls a destination. Its mail goes to one, or by its senders to several.
    struct Feed {
        std::string last_lane;             // that had a turn
        std::weak_ptr<Destination> usual;  // where it goes whatever the sender
        std::weak_ptr<Destination> full;   // one that has as much as it may hold
    };
    struct Settlement;

    // Office
    const flow::World& world() const override { return parts_.world; }
    const Settings& settings() const override { return settings_; }
    Guides guides() override { return {parts_.resolver, parts_.ourselves, parts_.random, sts_}; }
    const net::TlsClientContext& tls() const override { return parts_.tls; }
    TlsCounts& counts() override { return counts_; }
    bool is_closing() const override { return closing_; }
    std::optional<Load> next(Destination& destination) override;
    void settle(Load load, std::vector<smtp_client::Outcome> outcomes, const Circumstances& where) override;
    void close_down(Destination& destination, const smtp_client::Outcome& why,
                    const Circumstances& where) override;

    void spawn(net::Task<> task);
    net::Task<> watched(net::Task<> task);
    void ring(queue::Queue::News news);
    void obey();
    net::Task<> look_for_work();
    void staff_all();

    net::Task<> work();
    void look_after_reports();
    net::Task<> report();
    net::Task<> begin();
    net::Task<> wake_sleepers();
    void look_for_new_sleepers();
    net::Task<> free_overdue();
    net::Task<> fetch();
    std::vector<std::string> turn_order() const;
    std::vector<queue::Due> gather();
    void gather(const std::string& destination, std::vector<queue::Due>& dues);
    void ask_for_more(Destination& destination);
    void hand_out(const queue::Taken& taken, const std::shared_ptr<const flow::Fresh>& fresh = {});
    void close_feed(const std::string& name, const std::shared_ptr<Destination>& destination);
    void say_if_full(const Destination& destination);
    void take_fresh();
    void say_what_is_wanted();
    std::string sender_of(const queue::Due& due) const;
    void staff(const std::shared_ptr<Destination>& destination);
    void tidy();
    net::Deadline next_look() const;

    std::optional<Load> draw(Destination& destination, Content content = Content::now);
    net::Task<> send_courier(std::shared_ptr<Destination> destination);
    net::Task<> deliver_here(std::shared_ptr<Destination> destination);
    net::Task<Outcome> place(const Load& load, const queue::Recipient& recipient);

    std::shared_ptr<Settlement> judged(Load load, const std::vector<Outcome>& outcomes,
                                       const Circumstances& where);
    std::optional<smtp::StandardReply> plan_notice(Settlement& settlement);
    void tell_sender(Settlement& settlement, const std::vector<dsn::Outcome>& about);
    void drop(Destination& destination);
    void put_back(Parcel parcel, const Error& why);
    net::Task<> finish(std::shared_ptr<Settlement> settlement);
    net::Task<bool> try_to_finish(Settlement& settlement);
    void log_outcome(const Settlement& settlement) const;

    net::Loop& loop_;
    Parts parts_;
    Settings settings_;
    TlsCounts counts_;
    StsPolicies sts_;
    TlsReports reports_;
    bool is_reporting_ = false;
    Directions directions_;
    Bell bell_;
    std::atomic<bool> rung_ = false;
    std::atomic<bool> has_orders_ = false;
    bool closing_ = false;
    bool begun_ = false;
    std::map<std::string, Feed, std::less<>> feeds_;
    std::string last_destination_;  // that had its turn
    std::size_t couriers_ = 0;
    Directions::Place last_staffed_;
    std::mutex fresh_mutex_;          // guards:
    std::vector<flow::Fresh> fresh_;  // that others have handed over
    // Of content in memory that nobody has begun to send; outlives this in the hands of parcels.
    std::shared_ptr<std::atomic<std::uint64_t>> fresh_bytes_ =
        std::make_shared<std::atomic<std::uint64_t>>(0);
    std::size_t leased_ = 0;  // recipients that we have leased and not settled
    Instant next_wake_{};     // when a sleeping recipient is due
    bool announced_ = false;  // the queue has changed, perhaps by somebody who sleeps till before that
    Instant last_announced_{};
    net::Deadline next_sweep_{};
    std::size_t tasks_ = 0;
    std::optional<std::promise<void>> closed_;
    std::optional<queue::Queue::Subscription> subscription_;
};

}  // namespace hongyan::outbound
