// Sends what waits in the queue: decides what is attempted when, and settles what came of it.
#pragma once

#include <atomic>
#include <future>
#include <map>

#include "net/bell.h"
#include "net/loops.h"
#include "outbound/complaints.h"
#include "outbound/directions.h"
#include "outbound/dmarc_reports.h"
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
    HostRests& rests() override { return rests_; }
    net::Task<std::optional<Load>> next(Destination& destination) override;
    void settle(Load load, std::vector<smtp_client::Outcome> outcomes, const Circumstances& where) override;
    void close_down(const std::shared_ptr<Destination>& destination, const smtp_client::Outcome& why,
                    const Circumstances& where, std::chrono::milliseconds time) override;

    void spawn(net::Task<> task);
    net::Task<> watched(net::Task<> task);
    void ring(queue::Queue::News news);
    void obey();
    void end_rests();
    net::Task<> look_for_work();
    void staff_all();

    net::Task<> work();
    void look_after_reports();
    void look_after_policies();
    // Those of TLS and of DMARC do not wait for each other: strangers' names decide how long these take.
    template <typename Reports>
    net::Task<> report(Reports& reports, bool& is_under_way);
    net::Task<> begin();
    net::Task<> wake_sleepers();
    net::Task<> look_for_new_sleepers();
    net::Task<> stay();
    void look_after_leases();
    net::Task<> free_overdue();
    void say_if_damaged(const queue::Freed& freed);
    net::Task<> fetch();
    net::Task<std::vector<std::string>> turn_order();
    net::Task<std::vector<queue::Due>> gather();
    net::Task<> gather(std::string name, std::vector<queue::Due>& dues);
    std::optional<std::size_t> room_of(const std::string& name, Feed& feed);
    void complain(std::string_view what, const std::string& destination, const Error& why);
    void ask_for_more(Destination& destination);
    std::shared_ptr<Destination> destination_of(const queue::Due& due, std::string_view sender);
    void hand_out(const queue::Taken& taken, std::span<const std::string> senders,
                  const std::shared_ptr<const flow::Fresh>& fresh = {});
    void welcome(const std::shared_ptr<Destination>& destination);
    void close_feed(const std::string& name, const std::shared_ptr<Destination>& destination);
    void say_if_full(const Destination& destination);
    void take_fresh();
    void say_what_is_wanted();
    net::Task<std::optional<std::vector<std::string>>> senders_of(std::vector<queue::Due> dues);
    void staff(const std::shared_ptr<Destination>& destination);
    void ask_for_a_connection(Destination& destination);
    void has_ended(Destination& destination);
    void tidy();
    net::Deadline next_look() const;

    bool is_led_elsewhere(const Destination& destination, Load& load);
    net::Task<std::optional<Load>> draw(Destination& destination, Content content);
    net::Task<Result<Load>> read(Parcel parcel, Content content);
    net::Task<Result<Load>> read_anywhere(Parcel parcel, Content content);
    net::Task<> send_courier(std::shared_ptr<Destination> destination);
    net::Task<> deliver_here(std::shared_ptr<Destination> destination);
    net::Task<> deliver_here(Load load);
    net::Task<std::optional<Outcome>> place(const Load& load, smtp::SharedMessage whole,
                                            const queue::Recipient& recipient);
    Circumstances where_here() const;

    net::Task<> judge_and_finish(Load load, std::vector<Outcome> outcomes, Circumstances where);
    net::Task<std::shared_ptr<Settlement>> judged(Load load, std::vector<Outcome> outcomes,
                                                  Circumstances where);
    using Refusal = std::optional<smtp::StandardReply>;
    static Refusal plan_notice(const flow::World& world, const flow::Policy& policy, Settlement& settlement,
                               const std::vector<dsn::Outcome>& about);
    net::Task<> tell_sender(Settlement& settlement, std::vector<dsn::Outcome> about);
    void start_dropping(const std::shared_ptr<Destination>& destination);
    net::Task<> drop(std::shared_ptr<Destination> destination);
    void put_back(Parcel parcel, const Error& why);
    void give_back(Parcel parcel, std::chrono::milliseconds after);
    void give_back(const queue::Taken& taken);
    net::Task<> prepare_notice(Settlement& settlement);
    void tell_nobody_yet(Settlement& settlement) const;
    void say_not_told(const Settlement& settlement, const std::exception& broken) const;
    net::Task<> settle_each(const Settlement& settlement, Instant when);
    net::Task<> finish(std::shared_ptr<Settlement> settlement);
    net::Task<bool> try_to_finish(Settlement& settlement);
    void log_outcome(const Settlement& settlement) const;
    void log_outcome(const queue::Entry& entry, const queue::Recipient& recipient,
                     const queue::Outcome& outcome) const;

    net::Loop& loop_;
    Parts parts_;
    Settings settings_;
    TlsCounts counts_;
    StsPolicies sts_;
    TlsReports reports_;
    DmarcReports dmarc_reports_;
    bool is_reporting_ = false;
    bool is_reporting_dmarc_ = false;
    bool is_freeing_ = false;
    Directions directions_;
    HostRests rests_;
    Complaints complaints_;
    net::Bell bell_;
    std::atomic<bool> rung_ = false;
    std::atomic<bool> has_orders_ = false;
    bool closing_ = false;
    bool begun_ = false;
    std::map<std::string, Feed, std::less<>> feeds_;
    std::string last_destination_;  // that had its turn
    std::size_t couriers_ = 0;
    Directions::Place last_staffed_;
    net::Deadline all_staffed_at_{};
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
    net::Deadline next_sign_{};        // of life
    net::Deadline next_forgetting_{};  // of policies that have ended
    std::size_t tasks_ = 0;
    std::optional<std::promise<void>> closed_;
    std::optional<queue::Queue::Subscription> subscription_;
};

}  // namespace hongyan::outbound
