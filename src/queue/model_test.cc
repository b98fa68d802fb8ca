// Random work of two nodes and of people on the queue, compared to a simple model after every step: each
// recipient has one state, one place, and one holder of its lease; what is over has left nothing.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/open_engine.h"
#include "engine/testing/simulated_disk.h"
#include "queue/finding.h"
#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;

constexpr auto lease_time = 10min;
constexpr std::string_view domains[] = {"a.test", "b.test", "c.test"};
constexpr std::string_view senders[] = {"ann@here.test", "bob@here.test", ""};

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t below(std::size_t end) { return static_cast<std::uint32_t>(engine_() % end); }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <typename All>
    auto& pick(All& all) {
        return *std::next(std::begin(all), below(std::size(all)));
    }

private:
    std::mt19937 engine_;
};

// What is known of a recipient without any bytes or order.
struct ModelRecipient {
    RecipientState state = RecipientState::waiting;
    std::string destination;
    Instant next_attempt{};
    std::uint32_t attempts = 0;
    std::uint64_t token = 0;  // of the lease that is held; 0: none
    Instant until{};
    std::string node = {};  // that holds it
    Recipient::Wish wish = Recipient::Wish::none;

    friend bool operator==(const ModelRecipient&, const ModelRecipient&) = default;
    friend void PrintTo(const ModelRecipient& recipient, std::ostream* out) {
        *out << to_string(recipient.state) << " to " << recipient.destination << " at "
             << recipient.next_attempt.time_since_epoch().count() << " after " << recipient.attempts
             << " attempts, lease " << recipient.token << ", wish " << static_cast<int>(recipient.wish);
    }
};
// Entries are gone when all their recipients are final.
using Model = std::map<EntryId, std::vector<ModelRecipient>>;

bool is_over(const std::vector<ModelRecipient>& recipients) {
    return std::ranges::all_of(recipients, [](const auto& each) { return is_final(each.state); });
}

class World {
public:
    explicit World(std::uint32_t seed) : dice_(seed) {}

    void step() {
        switch (dice_.below(13)) {
            case 0:
            case 1:
                return enter();
            case 2:
            case 3:
                return take();
            case 4:
            case 5:
            case 6:
                return settle();
            case 7:
                return advance();
            case 8:
                return free_overdue();
            case 9:
                return begin_again();
            case 10:
                return stay();
            default:
                return change();
        }
    }

    void expect_same() {
        Model found;
        std::uint64_t bytes = 0;
        for (const auto& entry : queue().list({}).value()) {
            bytes += entry.size();
            for (const auto& recipient : entry.recipients) found[entry.id].push_back(of(recipient));
        }
        EXPECT_EQ(found, model_);
        expect_places();
        const auto statistics = queue().statistics(100).value();
        EXPECT_EQ(statistics.messages, model_.size());
        EXPECT_EQ(statistics.bytes, bytes);
        expect_counts(statistics);
        expect_found();
        EXPECT_EQ(engine_->statistics().blobs, model_.empty() ? 0U : 1U);
    }

private:
    struct Node {
        std::unique_ptr<Queue> queue;
        std::vector<Outcome> attempts;  // that it believes to have
    };

    Queue& queue() { return *nodes_[0].queue; }

    std::unique_ptr<Queue> begun(const std::string& queue_name) {
        auto queue = std::make_unique<Queue>(*engine_, clock_, Options{.node = queue_name});
        EXPECT_TRUE(queue->begin());
        alive_until_[queue_name] = clock_.now() + sign_of_life;
        return queue;
    }

    static ModelRecipient of(const Recipient& recipient) {
        return {.state = recipient.state,
                .destination = destination_of(recipient),
                .next_attempt = recipient.next_attempt,
                .attempts = recipient.attempts,
                .token = recipient.lease ? recipient.lease->token : 0,
                .until = recipient.lease ? recipient.lease->until : Instant{},
                .node = recipient.lease ? recipient.lease->node : "",
                .wish = recipient.wish};
    }

    Result<void> commit(const engine::Part& part) { return engine_->transact(part.scope, part.work); }

    // What is counted along the way is what is there. All who are due have been woken.
    void expect_counts(const Statistics& statistics) {
        Statistics expected;
        std::map<std::string, std::uint64_t> by_destination, counted;
        for (const auto& [id, recipients] : model_)
            for (const auto& recipient : recipients) {
                if (!is_final(recipient.state)) ++by_destination[recipient.destination];
                const bool is_due = recipient.next_attempt <= clock_.now();
                ++(is_final(recipient.state)                 ? expected.finished
                   : recipient.state == RecipientState::held ? expected.held
                   : recipient.token != 0                    ? expected.leased
                   : is_due                                  ? expected.ready
                                                             : expected.asleep);
            }
        EXPECT_EQ(statistics.ready, expected.ready);
        EXPECT_EQ(statistics.asleep, expected.asleep);
        EXPECT_EQ(statistics.leased, expected.leased);
        EXPECT_EQ(statistics.held, expected.held);
        EXPECT_EQ(statistics.finished, expected.finished);
        for (const auto& destination : statistics.destinations)
            counted[destination.name] = destination.recipients;
        EXPECT_EQ(counted, by_destination);
        EXPECT_EQ(statistics.elsewhere, 0U);
    }

    // By their destination, a few at a time.
    void expect_found() {
        const std::string domain(dice_.pick(domains));
        std::vector<EntryId> expected, found;
        for (const auto& [id, recipients] : model_)
            if (std::ranges::any_of(recipients, [&](const auto& recipient) {
                    return !is_final(recipient.state) && recipient.destination == domain;
                }))
                expected.push_back(id);
        Queue::Page page{.after = {}, .limit = 2};
        for (bool more = true; more;) {
            const auto some = find(*engine_, {.domain = domain}, page).value();
            ASSERT_LE(some.entries.size(), page.limit);
            for (const auto& entry : some.entries) found.push_back(entry.id);
            more = some.next.has_value();
            page.after = some.next.value_or(EntryId{});
        }
        EXPECT_EQ(found, expected);
    }

    // Everything that waits and is due is found by who looks for it, once, and nothing else.
    void expect_places() {
        const auto waking = queue().wake(10'000);
        ASSERT_TRUE(commit(waking.part));
        std::multiset<std::tuple<std::string, EntryId, std::uint32_t>> expected, found;
        std::size_t asleep = 0;
        for (const auto& [id, recipients] : model_)
            for (std::uint32_t i = 0; i < recipients.size(); ++i) {
                const auto& recipient = recipients[i];
                if (recipient.state != RecipientState::waiting || recipient.token != 0) continue;
                if (recipient.next_attempt <= clock_.now())
                    expected.emplace(recipient.destination, id, i);
                else
                    ++asleep;
            }
        for (const auto& destination : queue().ready_destinations({}, 100).value())
            for (const auto& due : queue().ready(destination, {.limit = 10'000}).value().dues)
                found.emplace(due.destination, due.id, due.index);
        EXPECT_EQ(found, expected);
        EXPECT_EQ(waking.found->next.has_value(), asleep > 0);
    }

    void enter() {
        auto& node = dice_.pick(nodes_);
        const auto content = engine::prepare_blob("text");
        Entry entry;
        entry.id = last_id_ = std::max(last_id_.next(), first_id_at(clock_.now()));
        entry.sender = dice_.pick(senders);
        entry.priority = static_cast<int>(dice_.below(19)) - 9;
        entry.blob = content->id;
        entry.blob_size = content->size;
        entry.arrival = clock_.now();
        if (dice_.one_in(5)) entry.hold_until = clock_.now() + 7min;
        auto& known = model_[entry.id];
        for (auto count = dice_.below(3) + 1; count > 0; --count) {
            entry.recipients.push_back(to(fmt::format("u{}@{}", count, dice_.pick(domains))));
            known.push_back({.destination = destination_of(entry.recipients.back()),
                             .next_attempt = std::max(Instant{}, entry.hold_until)});
        }
        if (dice_.one_in(2)) {
            ASSERT_TRUE(commit(queue().part_of(entry, content)));
            return;
        }
        auto accepted = node.queue->accept(entry, content, lease_time);
        ASSERT_TRUE(commit(accepted.part));
        EXPECT_EQ(accepted.taken.dues.size(), entry.hold_until == Instant{} ? known.size() : 0U);
        remember(node, accepted.taken);
    }

    void remember(Node& node, const Taken& taken) {
        for (const auto& due : taken.dues) {
            auto& known = model_.at(due.id).at(due.index);
            EXPECT_EQ(known.token, 0U) << "it was leased already";
            known.token = taken.lease.token;
            known.until = taken.lease.until;
            known.node = names_.at(node.queue.get());
            node.attempts.push_back({.who = {due.id, due.index}, .token = taken.lease.token});
        }
    }

    // Both nodes have seen the same; the first one gets it.
    void take() {
        const std::string destination(dice_.pick(domains));
        auto dues = queue().ready(destination, {.limit = 1 + dice_.below(4)}).value().dues;
        for (auto& node : nodes_) {
            const auto taking = node.queue->take(dues, lease_time);
            ASSERT_TRUE(commit(taking.part));
            EXPECT_EQ(taking.found->dues.size(), &node == std::begin(nodes_) ? dues.size() : 0U);
            remember(node, *taking.found);
        }
        std::swap(nodes_[0], nodes_[1]);
    }

    void settle() {
        auto& node = dice_.pick(nodes_);
        std::vector<Outcome> outcomes;
        for (auto count = dice_.below(3) + 1; count > 0 && !node.attempts.empty(); --count) {
            std::swap(dice_.pick(node.attempts), node.attempts.back());
            outcomes.push_back(node.attempts.back());
            node.attempts.pop_back();
            auto& outcome = outcomes.back();
            outcome.state = static_cast<RecipientState>(dice_.pick(ends));
            outcome.next_attempt = clock_.now() + std::chrono::minutes(dice_.below(20));
            outcome.tried = !dice_.one_in(4);
            outcome.attempt.time = clock_.now();
        }
        const auto good =
            std::ranges::all_of(outcomes, [this](const auto& outcome) { return is_held(outcome); });
        EXPECT_EQ(commit(node.queue->settle(outcomes)).has_value(), good);
        if (!good) {
            std::ranges::copy_if(outcomes, std::back_inserter(node.attempts),
                                 [this](const auto& outcome) { return is_held(outcome); });
            return;
        }
        for (const auto& outcome : outcomes) apply(outcome);
        std::erase_if(model_, [](const auto& each) { return is_over(each.second); });
    }

    bool is_held(const Outcome& attempt) const {
        const auto known = model_.find(attempt.who.id);
        return known != model_.end() && known->second.at(attempt.who.index).token == attempt.token;
    }

    void apply(const Outcome& outcome) {
        auto& known = model_.at(outcome.who.id).at(outcome.who.index);
        known.token = 0;
        known.until = {};
        known.node.clear();
        known.state = outcome.state;
        known.next_attempt = outcome.next_attempt;
        known.attempts += outcome.tried ? 1 : 0;
        if (known.state != RecipientState::waiting) return;
        if (known.wish == Recipient::Wish::hold) known.state = RecipientState::held;
        if (known.wish == Recipient::Wish::cancel) known.state = RecipientState::cancelled;
        known.wish = Recipient::Wish::none;
    }

    void advance() { clock_.advance(std::chrono::minutes(dice_.below(12))); }

    template <typename Fits>
    void free_where(Fits fits) {
        for (auto& [id, recipients] : model_)
            for (std::uint32_t i = 0; i < recipients.size(); ++i)
                if (recipients[i].token != 0 && fits(recipients[i]))
                    apply({.who = {id, i}, .next_attempt = clock_.now(), .tried = false});
        std::erase_if(model_, [](const auto& each) { return is_over(each.second); });
    }

    void free_overdue() {
        ASSERT_TRUE(queue().free_overdue());
        const auto& asks = names_.at(&queue());
        free_where([&](const ModelRecipient& recipient) {
            const auto name = recipient.node;
            return recipient.until <= clock_.now() || (name != asks && alive_until_.at(name) <= clock_.now());
        });
    }

    // A node ends and begins: what it believed to have, it has no more, but it may still say so.
    void begin_again() {
        auto& node = dice_.pick(nodes_);
        const auto name = names_.at(node.queue.get());
        names_.erase(node.queue.get());
        node.queue = begun(name);
        names_[node.queue.get()] = name;
        std::set<std::uint64_t> tokens;
        for (const auto& attempt : node.attempts) tokens.insert(attempt.token);
        free_where([&](const ModelRecipient& recipient) { return tokens.contains(recipient.token); });
    }

    void stay() {
        auto& node = dice_.pick(nodes_);
        ASSERT_TRUE(commit(node.queue->stay()));
        alive_until_[names_.at(node.queue.get())] = clock_.now() + sign_of_life;
    }

    void change() {
        const auto what = static_cast<Control>(dice_.below(5));
        const std::string domain(dice_.pick(domains)), route(dice_.pick(domains));
        ASSERT_TRUE(queue().change({.domain = domain}, what, route));
        for (auto& [id, recipients] : model_)
            for (auto& recipient : recipients)
                if (!is_final(recipient.state) && recipient.destination == domain)
                    change(recipient, what, route);
        std::erase_if(model_, [](const auto& each) { return is_over(each.second); });
    }

    void change(ModelRecipient& recipient, Control what, const std::string& route) const {
        using enum Control;
        const bool leased = recipient.token != 0, held = recipient.state == RecipientState::held;
        if (what == reroute) recipient.destination = route;
        if (leased) {
            if (what == hold) recipient.wish = Recipient::Wish::hold;
            if (what == cancel) recipient.wish = Recipient::Wish::cancel;
            if (what == release) recipient.wish = Recipient::Wish::none;
            return;
        }
        if (what == hold) recipient.state = RecipientState::held;
        if (what == cancel) recipient.state = RecipientState::cancelled;
        if (what == release) recipient.state = RecipientState::waiting;
        const bool at_once = what == release ? held : !held && (what == retry || what == reroute);
        if (at_once) recipient.next_attempt = clock_.now();
    }

    static constexpr RecipientState ends[] = {RecipientState::waiting,   RecipientState::waiting,
                                              RecipientState::delivered, RecipientState::failed,
                                              RecipientState::relayed,   RecipientState::expired};

    Dice dice_;
    ManualClock clock_;
    std::unique_ptr<engine::Engine> engine_ = engine::make_memory_engine();
    std::map<std::string, Instant> alive_until_;
    Node nodes_[2] = {{begun("one"), {}}, {begun("two"), {}}};
    std::map<const Queue*, std::string> names_ = {{nodes_[0].queue.get(), "one"},
                                                  {nodes_[1].queue.get(), "two"}};
    Model model_;
    EntryId last_id_;
};

TEST(QueueModel, TheQueueDoesWhatTheModelDoes) {
    for (std::uint32_t seed = 1; seed <= 30 && !testing::Test::HasFailure(); ++seed) {
        World world(seed);
        for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
            SCOPED_TRACE(fmt::format("seed {}, step {}", seed, step));
            world.step();
            world.expect_same();
        }
    }
}

}  // namespace
}  // namespace hongyan::queue
