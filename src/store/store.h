// The mail of all accounts: mailboxes, messages, changes, quotas, over one engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "store/account.h"
#include "store/message.h"
#include "store/types.h"

namespace hongyan::store {

struct Limits {
    std::uint32_t mailboxes = 2'000;  // of one account
    // As many modification sequences back a client may ask what changed and be answered exactly.
    std::uint64_t history = 100'000;
    // How long a delivery's key is remembered; queues give up after five days (RFC 5321 §4.5.4.1).
    std::chrono::hours delivery_memory{24 * 7};
    // For the flags, sizes and dates of mailboxes in use, some 50 bytes a message.
    std::size_t memory_of_mailboxes = std::size_t{96} * 1024 * 1024;
};

// One message for one mailbox.
struct Delivery {
    AccountId account;
    MailboxId mailbox = inbox;
    NewMessage message;
};

class Edit;
class Listeners;
class Rolls;

// May be used from any thread. Does not own the engine.
class Store {
public:
    Store(engine::Engine& engine, const Clock& clock, const Limits& limits = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // With INBOX and the mailboxes of special use, subscribed. Error exists.
    Result<void> create_account(AccountId id, const Quota& quota = {});
    // The same for many, in few commits: an outcome for each, in their order.
    struct Opening {
        AccountId account;
        Quota quota;
    };
    std::vector<Result<void>> create_accounts(std::span<const Opening> openings);
    // All that it holds. Goes on where it was cut short when called again.
    Result<void> remove_account(AccountId id);
    Result<std::vector<AccountId>> accounts() const;
    // The accounts that share something with this one. Some may have ceased to.
    Result<std::vector<AccountId>> sharers(AccountId user) const;
    // Looks at nothing: what is done with the handle of an account that is not there is not_found.
    Account account(AccountId id) { return {*this, id}; }

    // Each delivery succeeds or fails by itself; the outcomes are in their order. `done` is called once, on
    // the engine's thread, when all that succeeded is durable; it must neither block nor throw.
    using Outcomes = std::vector<Result<Placed>>;
    void deliver(std::vector<Delivery> deliveries, std::function<void(Outcomes)> done);
    // The same for a caller that may wait.
    Outcomes deliver(std::vector<Delivery> deliveries);
    // One delivery as a part of a larger commit, say with an entry of the queue. The caller announces() it
    // once it is durable.
    engine::Part part_of(Delivery delivery, std::shared_ptr<Placed> placed) const;

    // Calls `listener` after every commit that changed an account, on the thread that learns of it first; it
    // must neither block nor throw. It ends with the subscription, which must not outlive the store. After
    // its end no call is under way.
    using Listener = std::function<void(AccountId, ModSeq)>;
    class Subscription {
    public:
        Subscription(std::shared_ptr<Listeners> listeners, std::uint64_t number);
        Subscription(Subscription&&) = default;
        Subscription& operator=(Subscription&&) = delete;
        ~Subscription();

    private:
        std::shared_ptr<Listeners> listeners_;
        std::uint64_t number_;
    };
    [[nodiscard]] Subscription on_change(Listener listener);
    void announce(AccountId account, ModSeq modseq) const;

    // For the folder itself: one transaction of an account, durable and announced on return. `work` may run
    // more than once.
    Result<void> edit(AccountId account, const std::function<Result<void>(Edit&)>& work);
    engine::Engine& engine() const { return engine_; }
    const Clock& clock() const { return clock_; }
    const Limits& limits() const { return limits_; }
    Rolls& rolls() { return *rolls_; }
    // Held by whoever makes or changes an index.
    std::mutex& indexing() const { return indexing_; }

private:
    std::future<Result<void>> submit(const Opening& opening);

    engine::Engine& engine_;
    const Clock& clock_;
    Limits limits_;
    std::shared_ptr<Listeners> listeners_;
    std::unique_ptr<Rolls> rolls_;
    mutable std::mutex indexing_;
};

}  // namespace hongyan::store
