#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "reports/counts.h"
#include "reports/losses.h"

namespace hongyan::reports {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::size_t most_in_memory = 20'000;  // rows that wait for a commit
constexpr std::size_t digest_octets = 16;
constexpr std::size_t rows_of_a_transaction = 100;  // of some 5 KB at most; engine::max_transaction_size

// What waits of a domain in a day.
struct Pending {
    DomainDay latest = {};  // its policy counts only
    std::map<Traits, std::uint64_t> rows = {};
    std::uint64_t left_out = 0;
};
using PendingDays = std::map<keys::Day, Pending>;

// Under which the sum of what finds no room of its own waits.
keys::Day rest_of(const keys::Day& day) { return {day.day, ""}; }
bool is_rest(const keys::Day& day) { return day.domain.empty(); }

// Will what has failed so fail again?
bool is_lasting(Error::Kind kind) { return kind == Error::Kind::too_large || kind == Error::Kind::invalid; }
using Pieces = std::vector<std::pair<keys::Day, Pending>>;

// As much as goes into one transaction each.
Pieces in_pieces(PendingDays days) {
    Pieces pieces;
    for (auto& [day, pending] : days) {
        auto rows = std::exchange(pending.rows, {});
        pieces.emplace_back(day, pending);
        for (auto& [traits, count] : rows) {
            if (pieces.back().second.rows.size() == rows_of_a_transaction)
                pieces.emplace_back(day, Pending{.latest = pending.latest});
            pieces.back().second.rows.emplace(traits, count);
        }
    }
    return pieces;
}

struct PendingFailure {
    keys::Day day;
    Failure failure;
    std::uint64_t most = 0;
};

std::string key_of_row(const keys::Day& day, const Traits& traits) {
    const auto digest = crypto::digest(crypto::Hash::sha256, to_record(Row{traits, 0}));
    return keys::rows_of(day) + digest.substr(0, digest_octets);
}

std::uint64_t sum_of(const Pending& pending) {
    auto sum = pending.left_out;
    for (const auto& [traits, count] : pending.rows) sum += count;
    return sum;
}

// Of a commit what failed in it: one line of the log, however many domains.
struct Missed {
    std::size_t parts = 0;
    std::uint64_t messages = 0;
    std::string domain = {}, why = {};  // of the first

    void add(const keys::Day& day, std::uint64_t count, const Error& error) {
        if (parts++ == 0) {
            domain = day.domain;
            why = error.message;
        }
        messages += count;
    }
    void tell(const log::Log& log, std::string_view what) const {
        if (parts == 0) return;
        log.error(what, {{"messages", fmt::format("{}", messages)}, {"first", domain}, {"why", why}});
    }
};

// A record that is damaged is begun anew.
template <typename Record>
Result<Record> read_or_begin(const Transaction& transaction, const std::string& key) {
    TRY(const auto kept, transaction.get(key));
    if (kept)
        if (auto read = Record::from_record(*kept)) return read;
    return Record{};
}

// A domain's day as it is kept; begun, and counted in the sums, if it is not there. Nothing if there is no
// room.
Result<std::optional<DomainDay>> open_day(const Transaction& transaction, const std::string& key,
                                          DaySums& sums) {
    TRY(const auto before, transaction.get(key));
    if (!before && sums.domains >= most_counted_domains) return std::nullopt;
    if (!before) ++sums.domains;
    TRY(auto domain, read_or_begin<DomainDay>(transaction, key));
    return domain;
}

// Adds what waits of a domain to what is kept, as far as there is room.
class Adding {
public:
    Adding(Transaction& transaction, const keys::Day& day) : transaction_(transaction), day_(day) {}

    Result<void> add(const Pending& pending) {
        const auto key = keys::key_of(day_), sums_key = keys::sums_of(day_.day);
        TRY(sums_, read_or_begin<DaySums>(transaction_, sums_key));
        std::optional<DomainDay> opened;
        if (!is_rest(day_)) {
            TRY(opened, open_day(transaction_, key, sums_));
        }
        if (!opened) {
            sums_.left_out += sum_of(pending);
            transaction_.put(sums_key, sums_.to_record());
            return {};
        }
        domain_ = *std::move(opened);
        domain_.policy = pending.latest.policy;
        domain_.wanted_at = pending.latest.wanted_at;
        domain_.left_out += pending.left_out;
        for (const auto& [traits, count] : pending.rows) TRY(add(traits, count));
        transaction_.put(key, domain_.to_record());
        transaction_.put(sums_key, sums_.to_record());
        return {};
    }

private:
    Result<void> add(const Traits& traits, std::uint64_t count) {
        const auto key = key_of_row(day_, traits);
        TRY(const auto before, transaction_.get(key));
        Row row{traits, 0};
        if (before)
            if (auto read = row_from_record(*before)) row = *std::move(read);
        const bool has_room = domain_.rows < most_counted_rows && sums_.rows < most_counted_rows_a_day;
        if (!before && !has_room) {
            domain_.left_out += count;
            return {};
        }
        if (!before) {
            ++domain_.rows;
            ++sums_.rows;
        }
        row.count += count;
        domain_.messages += count;
        transaction_.put(key, to_record(row));
        return {};
    }

    Transaction& transaction_;
    const keys::Day& day_;
    DaySums sums_;
    DomainDay domain_;
};

// The number of the last one, counted on.
Result<std::uint64_t> next_number(const Transaction& transaction) {
    const auto at =
        transaction.scan(engine::Range::starting_with(keys::failures, engine::Direction::backward));
    if (!at->valid()) {
        TRY(at->status());
        return 0;
    }
    auto octets = at->key().substr(keys::failures.size());
    return bytes::take_big_endian<std::uint64_t>(octets).value_or(0) + 1;
}

Result<void> add_failure(Transaction& transaction, const PendingFailure& pending) {
    const auto key = keys::key_of(pending.day), sums_key = keys::sums_of(pending.day.day);
    TRY(auto sums, read_or_begin<DaySums>(transaction, sums_key));
    TRY(auto domain, open_day(transaction, key, sums));
    if (!domain) return fail(Error::Kind::no_space, "too many domains are counted today");
    if (domain->failures >= pending.most) return {};
    ++domain->failures;
    if (domain->policy.domain.empty()) domain->policy.domain = pending.day.domain;
    TRY(const auto number, next_number(transaction));
    const auto at = transaction.scan(engine::Range::starting_with(keys::failures));
    if (at->valid()) {
        auto octets = at->key().substr(keys::failures.size());
        const auto first = bytes::take_big_endian<std::uint64_t>(octets).value_or(0);
        if (number - first >= most_kept_failures)
            return fail(Error::Kind::no_space, "{} are waiting to be sent", most_kept_failures);
    }
    std::string failure_key(keys::failures);
    bytes::put_big_endian(failure_key, number);
    transaction.put(key, domain->to_record());
    transaction.put(sums_key, sums.to_record());
    transaction.put(failure_key, pending.failure.to_record());
    return {};
}

}  // namespace

// Kept by the engine's callbacks, too, which may come after the end of who counts.
struct Counting::Desk : std::enable_shared_from_this<Desk> {
    Desk(engine::Engine& to, const Clock& time, log::Log to_log)
        : engine(to), clock(time), log(std::move(to_log)) {}

    keys::Day today(const std::string& domain) const {
        return {std::chrono::floor<std::chrono::days>(clock.now()), domain};
    }

    void count(const Observation& seen) {
        std::unique_lock lock(mutex);
        const auto day = today(seen.policy.domain);
        if (has_room_for(day))
            add(days[day], seen);
        else
            ++days[rest_of(day)].left_out;
        if (!under_way) keep(lock);
    }

    bool has_room_for(const keys::Day& day) const {
        return days.size() < most_waiting_domains || days.contains(day);
    }

    void add(Pending& pending, const Observation& seen) {
        pending.latest.policy = seen.policy;
        pending.latest.wanted_at = seen.wanted_at;
        const auto found = pending.rows.find(seen.traits);
        if (found != pending.rows.end())
            ++found->second;
        else if (in_memory < most_in_memory)
            ++in_memory, pending.rows.emplace(seen.traits, 1);
        else
            ++pending.left_out;
    }

    void report(const Failure& failure, std::uint64_t most) {
        std::unique_lock lock(mutex);
        if (failures.size() >= most_waiting_failures)
            ++crowded_out;
        else
            failures.push_back({today(failure.domain), failure, most});
        if (!under_way) keep(lock);
    }

    // The lock is open afterwards: the engine may call back at once.
    void keep(std::unique_lock<std::mutex>& lock) {
        under_way = true;
        auto taken = std::make_shared<Pieces>(in_pieces(std::exchange(days, {})));
        in_memory = 0;
        std::vector<engine::Part> parts;
        for (const auto& each : *taken)
            parts.push_back({Scope::global(), [taken, &each](Transaction& transaction) {
                                 return Adding(transaction, each.first).add(each.second);
                             }});
        for (auto& failure : std::exchange(failures, {}))
            parts.push_back({Scope::global(), [failure = std::move(failure)](Transaction& transaction) {
                                 return add_failure(transaction, failure);
                             }});
        tell_of_crowd();
        const auto lost = std::exchange(lost_failures, 0);
        if (lost > 0) parts.push_back(part_to_add({Loss::failures, lost, clock.now()}));
        lock.unlock();
        engine.submit(std::move(parts), engine::Together::each_by_itself,
                      [desk = shared_from_this(), taken, lost](std::vector<Result<void>> outcomes) {
                          desk->kept(*taken, lost, std::move(outcomes));
                      });
    }

    // `counted` of lost reports were to be counted at the end.
    void kept(const Pieces& taken, std::uint64_t counted, std::vector<Result<void>> outcomes) {
        std::unique_lock lock(mutex);
        under_way = false;
        const bool were_counted = counted == 0 || outcomes.back().has_value();
        if (!were_counted) lost_failures += counted;
        if (counted > 0) outcomes.pop_back();
        auto outcome = outcomes.cbegin();
        Missed missed, lost;
        for (const auto& [day, pending] : taken) {
            const auto& well = *outcome++;
            if (well) continue;
            if (is_lasting(well.error().kind)) {
                lost.add(day, sum_of(pending), well.error());
            } else {
                missed.add(day, sum_of(pending), well.error());
                take_back(day, pending);
            }
        }
        lost.tell(log, "counts for reports lost");
        missed.tell(log, "counts for reports not kept");
        lost_failures += tell_of_failures(outcome, outcomes.cend());
        // After a failure the next message begins another commit, and so does the end.
        if (missed.parts == 0 && were_counted && has_waiting()) return keep(lock);
        done.notify_all();
    }

    // Those of single messages are not tried again: who gets them gets some of many. How many were lost.
    using Outcome = std::vector<Result<void>>::const_iterator;
    std::uint64_t tell_of_failures(Outcome first, Outcome last) const {
        const auto failed = std::find_if(first, last, [](const Result<void>& each) { return !each; });
        const auto count = static_cast<std::uint64_t>(
            std::count_if(failed, last, [](const Result<void>& each) { return !each; }));
        if (count > 0) tell_of_lost_failures(count, failed->error().message);
        return count;
    }
    // One line for all who came while the last commit was under way.
    void tell_of_crowd() {
        if (crowded_out > 0) tell_of_lost_failures(crowded_out, "too many came at once");
        lost_failures += std::exchange(crowded_out, 0);
    }
    void tell_of_lost_failures(std::uint64_t count, std::string_view why) const {
        log.error("reports of single messages lost",
                  {{"count", fmt::format("{}", count)}, {"why", std::string(why)}});
    }

    void take_back(const keys::Day& day, const Pending& pending) {
        if (!has_room_for(day)) {
            days[rest_of(day)].left_out += sum_of(pending);
            return;
        }
        auto& waiting = days[day];
        if (waiting.latest.policy.domain.empty()) waiting.latest = pending.latest;
        waiting.left_out += pending.left_out;
        for (const auto& [traits, count] : pending.rows) {
            if (waiting.rows.contains(traits) || in_memory < most_in_memory) {
                if (waiting.rows.emplace(traits, 0).second) ++in_memory;
                waiting.rows[traits] += count;
            } else {
                waiting.left_out += count;
            }
        }
    }

    bool has_waiting() const {
        return !days.empty() || !failures.empty() || crowded_out > 0 || lost_failures > 0;
    }

    // Beside the commit that is under way, if there is one: when that ends the engine may take nothing more.
    void close() {
        std::unique_lock lock(mutex);
        if (has_waiting()) keep(lock);
    }

    void flush() {
        std::unique_lock lock(mutex);
        if (!under_way && has_waiting()) {
            keep(lock);
            lock.lock();
        }
        done.wait(lock, [this] { return !under_way; });
    }

    engine::Engine& engine;
    const Clock& clock;
    log::Log log;
    std::mutex mutex;  // guards what follows
    std::condition_variable done;
    PendingDays days;
    std::size_t in_memory = 0;  // rows
    std::vector<PendingFailure> failures;
    std::uint64_t crowded_out = 0;    // reports of single messages that found no room here
    std::uint64_t lost_failures = 0;  // these and others that are not counted yet
    bool under_way = false;
};

Counting::Counting(engine::Engine& engine, const Clock& clock, log::Log log)
    : desk_(std::make_shared<Desk>(engine, clock, std::move(log))) {}
Counting::~Counting() { desk_->close(); }

void Counting::count(const Observation& seen) { desk_->count(seen); }
void Counting::report(const Failure& failure, std::uint64_t most) { desk_->report(failure, most); }
void Counting::flush() { desk_->flush(); }

}  // namespace hongyan::reports
