// The messages that wait to be sent to other servers.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "queue/book.h"
#include "queue/control.h"
#include "queue/ids.h"
#include "queue/rests.h"
#include "queue/suppression.h"
#include "queue/work.h"

namespace hongyan::queue {

struct Options {
    std::string node = "local";  // who works on the queue here; each node of a cluster has a name of its own
    Limits limits = {};
    std::chrono::milliseconds history = std::chrono::hours(30 * 24);  // 0: nothing is told of what happened
};

// All that is known of a message: what is in the queue of it, and what happened, in the order of time.
struct Story {
    EntryId id = {};
    std::optional<Entry> entry = {};
    std::vector<Record> records = {};
};

// In the engine's global scope; does not own the engine. May be used from any thread. What returns a part is
// done when the caller's commit with it is durable; what returns a Result blocks.
//
// A recipient that is not final is at one place: ready, asleep until its time, leased, or held.
class Queue {
public:
    Queue(engine::Engine& engine, const Clock& clock, Options options = {});

    // From now on. The node stays what it was.
    void apply(const Options& options);

    // For a message that has just come; different for each, also after a restart and on another node.
    EntryId next_id() { return ids_.next(); }
    // Before the first of them is wanted, so that nobody waits for it. Blocks.
    Result<void> reserve_ids() { return ids_.reserve(); }

    // Puts the entry, whose blob `content` is, into the queue: a part of a larger commit, say with a delivery
    // into a mailbox. Done twice with the same id, it is there once. conflict: another message has the
    // id; no_space or over_quota: see Limits.
    engine::Part part_of(Entry entry, engine::SharedBlob content) const;
    // The same, with a lease of `time` on those recipients that may be attempted at once: so a first attempt
    // needs no further commit. Until begin() there are none.
    struct Accepted {
        engine::Part part;
        Taken taken;
    };
    Accepted accept(Entry entry, engine::SharedBlob content, std::chrono::milliseconds time);

    struct Page {
        EntryId after{};  // the last of the page before
        std::size_t limit = 1000;
    };
    // In the order of arrival.
    Result<std::vector<Entry>> list(const Page& page) const;
    // not_found if there is none.
    Result<Entry> entry(EntryId id) const;
    // With some of its recipients only, by their index and without their leases: a message may have
    // thousands.
    Result<Entry> entry(EntryId id, std::span<const std::uint32_t> indexes) const;
    // The whole message: prefix and content.
    Result<std::string> read(const Entry& entry) const;
    // Nobody is told that it will not arrive. not_found if there is none. Attempts that are under way come to
    // nothing here.
    Result<void> remove(EntryId id);

    // --- For people ---

    // What fits the selection. Held ones must be released before they can be tried; a route holds until the
    // next. invalid if the selection says nothing; not_found if it names a message that is not there.
    Result<Changed> change(const Selection& selection, Control what, std::string_view route = {});
    // Durable. An empty destination stands for all. resume: not_found if it is not paused.
    Result<void> pause(std::string_view destination, std::string_view reason);
    Result<void> resume(std::string_view destination);
    Result<std::vector<Pause>> pauses() const;
    // From what is counted along the way. Lists so many destinations, those with the most recipients; 0:
    // none.
    Result<Statistics> statistics(std::size_t destinations) const;

    // What is not the queue's but is to be found beside it: mail placed in a mailbox or refused. Parts of
    // the commit that places it, each within a transaction however many there are to tell of. They do nothing
    // if no history is kept.
    std::vector<engine::Part> telling(std::span<const Record> records) const;
    bool keeps_history() const { return terms().history.count() > 0; }
    // not_found if nothing is known.
    Result<Story> story(EntryId id) const;
    // The messages in which an address or a Message-ID was named, in the order of arrival; of
    // latest_mentioned the last of those that came before `before`, or of all.
    Result<std::vector<EntryId>> mentioned(std::string_view text, const Page& page) const;
    Result<std::vector<EntryId>> latest_mentioned(std::string_view text, std::optional<EntryId> before,
                                                  std::size_t limit) const;
    // Removes what was told longer ago than history is kept, of messages that have gone. What cannot be read
    // goes with its message.
    struct Forgotten {
        std::size_t keys = 0;
        std::size_t damaged = 0;  // of them
    };
    Result<Forgotten> forget_old() const;

    // Whether and why an account sends nothing to an address; letters of either case. `settle` adds those of
    // hard bounces (Outcome::suppress). unsuppress: not_found if it is not suppressed.
    Result<void> suppress(std::string_view account, std::string_view address, std::string_view reason);
    Result<void> unsuppress(std::string_view account, std::string_view address);
    Result<std::optional<Suppression>> suppression(std::string_view account, std::string_view address) const;
    // By address, after `after`.
    Result<std::vector<Suppression>> suppressions(std::string_view account, std::string_view after,
                                                  std::size_t limit) const;

    // --- For who delivers ---

    // This node begins to work: what it had leased before is free, and its older tokens are worth nothing.
    Result<Freed> begin();

    // Destinations for which something is ready, in the order of their names, paused ones left out; some
    // after `after`. Skips: takes time by the number of destinations, not of recipients.
    Result<std::vector<std::string>> ready_destinations(std::string_view after, std::size_t limit) const;
    // Some of what is ready for a destination, lane by lane, round and round. Skips in the same way.
    Result<ReadyPage> ready(std::string_view destination, const Turn& turn) const;
    // When the first of the sleeping is due, paused ones too; nothing if nobody sleeps.
    Result<std::optional<Instant>> first_sleeper() const;
    // Wakes the sleeping whose time has come, `limit` at most.
    Asking<Woken> wake(std::size_t limit) const;
    // Leases those of `dues` that are still ready and not paused. `dues` must have come from ready().
    Asking<Taken> take(std::vector<Due> dues, std::chrono::milliseconds time);
    // Says that this node is alive, for sign_of_life from now. Who works on the queue says so often: others
    // may take what a silent node has leased, all at once and whatever the time of its leases.
    engine::Part stay() const;
    // All of the outcomes, or, with conflict, none, if one of them has lost its lease. What the sender is
    // told of them goes into the same commit as further parts, all or none.
    engine::Part settle(std::vector<Outcome> outcomes) const;
    // Frees what was leased and not settled in time, unless it is in somebody's hands here, and what silent
    // nodes have leased. Blocks.
    Result<Freed> free_overdue() const;
    // Who is left alone for now: whoever delivers says so.
    Rests& rests() { return rests_; }
    // Whether people want nothing attempted there now.
    bool is_paused(std::string_view destination) const;
    // Grows with every change that people make here: who holds a message in memory looks at it again then.
    std::uint64_t orders() const { return orders_; }

    // Whoever must look again is called after changes made here by people (orders), and by announce(): on the
    // thread that made them; it must neither block nor throw. Ends with the subscription, which must not
    // outlive the queue.
    class Listeners;
    class Subscription {
    public:
        Subscription(std::shared_ptr<Listeners> listeners, std::uint64_t number)
            : listeners_(std::move(listeners)), number_(number) {}
        Subscription(Subscription&&) = default;
        Subscription& operator=(Subscription&&) = delete;
        ~Subscription();

    private:
        std::shared_ptr<Listeners> listeners_;
        std::uint64_t number_;
    };
    enum class News {
        arrival,  // something was put into the queue
        orders,   // people have changed what is there: what was put off for a reason may be wanted at once
    };
    using Listener = std::function<void(News)>;
    [[nodiscard]] Subscription on_change(Listener listener);
    // Something was put into the queue by a part that is durable now.
    void announce() const;

private:
    struct Terms {
        Limits limits;
        std::chrono::milliseconds history;
    };
    using Work = std::function<Result<void>(Book&)>;

    Terms terms() const;
    engine::Part part(Work work) const;
    Result<void> transact(Work work) const;
    std::optional<Lease> new_lease(std::chrono::milliseconds time);
    void tell_of_orders();
    Result<std::vector<Entry>> selected(const Selection& selection, const Page& page) const;
    Result<void> change(const std::vector<Attemptable>& chosen, Control what, std::string_view route,
                        Changed& changed) const;
    Result<void> load_pauses();
    Result<void> take_epoch();
    // How many could not be read, and stay as they are.
    Result<std::size_t> order_old_entries();
    Result<void> forget_old_counts();
    Result<Freed> free_own() const;
    Result<Freed> free(std::vector<Outcome> leases, std::size_t damaged) const;

    engine::Engine& engine_;
    const Clock& clock_;
    const std::string node_;
    std::atomic<std::uint64_t> epoch_ = 0;  // counts the beginnings of all nodes; 0: not begun
    std::atomic<std::uint64_t> grants_ = 0;
    std::atomic<std::uint64_t> orders_ = 0;
    std::atomic<bool> ordered_ = false;  // no entries of an older program are left
    Ids ids_;
    Holds holds_;
    std::shared_ptr<Listeners> listeners_;
    Rests rests_;
    mutable std::mutex mutex_;  // guards:
    Terms terms_;
    std::set<std::string, std::less<>> paused_;  // with "" for all
};

}  // namespace hongyan::queue
