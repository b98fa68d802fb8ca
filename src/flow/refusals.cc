#include "flow/refusals.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/scanner.h"

namespace hongyan::flow {

namespace {

constexpr double most_at_once = 1'000, most_per_second = 5;
constexpr std::chrono::milliseconds between_complaints = std::chrono::minutes(10);

}  // namespace

// Kept by the engine's callbacks, too, which may come after the end of who told.
struct Refusals::Desk : std::enable_shared_from_this<Desk> {
    Desk(engine::Engine& to, queue::Queue& by, const Clock& time, log::Log to_log)
        : engine(to), queue(by), clock(time), log(std::move(to_log)), filled(time.now()) {}

    void tell(queue::Record record) {
        const auto now = clock.now();
        if (!admit(now)) return;
        record.what = queue::Happened::refused;
        record.attempt.time = now;
        // Without our lock: it may have to wait for a commit, behind which kept() is called.
        if (record.id == queue::EntryId{}) record.id = queue.next_id();
        std::unique_lock lock(mutex);
        waiting.push_back(std::move(record));
        if (!under_way) keep(lock);
    }

    // A bucket that fills with time.
    bool admit(Instant now) {
        const std::lock_guard lock(mutex);
        const std::chrono::duration<double> passed = now - std::exchange(filled, now);
        room = std::min(most_at_once, room + std::max(0.0, passed.count()) * most_per_second);
        if (room < 1) {
            drop(1, now);
            return false;
        }
        room -= 1;
        return true;
    }

    void drop(std::size_t count, Instant now) {
        dropped += count;
        if (now - complained < between_complaints) return;
        complained = now;
        log.warning("refusals not kept in the history", {{"so far", fmt::format("{}", dropped)}});
    }

    // The lock is open afterwards: the engine may call back at once.
    void keep(std::unique_lock<std::mutex>& lock) {
        under_way = true;
        const auto count = waiting.size();
        auto parts = queue.telling(std::exchange(waiting, {}));
        lock.unlock();
        engine.submit(std::move(parts), engine::Together::all_or_none,
                      [desk = shared_from_this(), count](const std::vector<Result<void>>& outcomes) {
                          desk->kept(count, outcomes.front().has_value());
                      });
    }

    void kept(std::size_t count, bool well) {
        std::unique_lock lock(mutex);
        under_way = false;
        if (!well && !closed) drop(count, clock.now());
        if (well && !closed && !waiting.empty()) keep(lock);
    }

    void close() {
        std::unique_lock lock(mutex);
        closed = true;
        if (!waiting.empty()) keep(lock);
    }

    engine::Engine& engine;
    queue::Queue& queue;
    const Clock& clock;
    log::Log log;
    std::mutex mutex;  // guards:
    std::vector<queue::Record> waiting;
    bool under_way = false;
    bool closed = false;  // nothing but this, the engine and the log is there any more
    double room = most_at_once;
    Instant filled;
    Instant complained{};
    std::uint64_t dropped = 0;
};

Refusals::Refusals(engine::Engine& engine, queue::Queue& queue, const Clock& clock, log::Log log)
    : desk_(std::make_shared<Desk>(engine, queue, clock, std::move(log))) {}

Refusals::~Refusals() { desk_->close(); }

void Refusals::tell(queue::Record record) { desk_->tell(std::move(record)); }

std::uint64_t Refusals::dropped() const {
    const std::lock_guard lock(desk_->mutex);
    return desk_->dropped;
}

std::vector<queue::Record> records_of(const smtp::Client& client, const smtp::Refusal& refusal) {
    queue::Record record;
    record.account = client.account;
    record.ground = refusal.reply.ground;
    record.attempt.host = client.said_name;
    record.attempt.address = client.address;
    record.attempt.status = refusal.reply.status;
    record.attempt.reply = smtp::to_text(refusal.reply);
    record.sender = refusal.sender;
    record.message_id = refusal.message_id;
    std::vector<queue::Record> records;
    for (const auto& recipient : refusal.recipients) {
        record.recipient = smtp::to_string(recipient.path);
        records.push_back(record);
    }
    const bool is_recipient = ascii::istarts_with(refusal.command, "RCPT");
    const bool is_sender = ascii::istarts_with(refusal.command, "MAIL");
    const auto address = address_in(refusal.command);
    const bool is_null = is_sender && refusal.command.contains("<>");  // RFC 5321 §4.5.5
    if ((address.empty() && !is_null) || (!is_recipient && !is_sender)) return records;
    (is_recipient ? record.recipient : record.sender) = address;
    records.push_back(std::move(record));
    return records;
}

std::string_view address_in(std::string_view command) {
    Scanner in(command);
    if (const auto open = command.find('<'); open != command.npos) {
        in.take(open + 1);
        return in.take_until(">");
    }
    in.take_until(":");
    in.skip_blanks();
    return in.take_while([](char c) { return !ascii::is_blank(c); });
}

}  // namespace hongyan::flow
