#include "reputation/notebook.h"

#include <condition_variable>
#include <mutex>
#include <vector>

#include "reputation/recent.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

using engine::Scope;

constexpr std::size_t most_waiting = 20'000;
constexpr std::size_t notes_of_a_transaction = 200;  // of some KB at most
constexpr std::size_t looked_at = 5'000;             // records of one sweep
constexpr std::chrono::milliseconds between_sweeps = std::chrono::minutes(10);
constexpr std::string_view everything = "r";

bool is_over(std::string_view record, Instant now) {
    RecordReader in(record);
    while (in.next())
        if (in.tag() == expires_tag) return to_instant(in.number()) <= now;
    return false;
}

}  // namespace

// Kept by the engine's callbacks, too, which may come after the end of who told.
struct Notebook::Desk : std::enable_shared_from_this<Desk> {
    Desk(engine::Engine& to, const Clock& time) : engine(to), clock(time), swept(time.now()) {}

    void note(Note note) {
        std::unique_lock lock(mutex);
        if (waiting.size() >= most_waiting) return;
        waiting.push_back(std::move(note));
        if (!under_way) keep(lock);
    }

    // The lock is open afterwards: the engine may call back at once.
    void keep(std::unique_lock<std::mutex>& lock) {
        under_way = true;
        std::vector<engine::Part> parts;
        if (!closed) add_sweep(parts);
        for (std::size_t first = 0; first < waiting.size(); first += notes_of_a_transaction)
            parts.push_back(part_of(first));
        waiting.clear();
        lock.unlock();
        engine.submit(std::move(parts), engine::Together::each_by_itself,
                      [desk = shared_from_this()](const std::vector<Result<void>>&) { desk->kept(); });
    }

    engine::Part part_of(std::size_t first) {
        const auto end = std::min(first + notes_of_a_transaction, waiting.size());
        std::vector<Note> notes(std::make_move_iterator(waiting.begin() + static_cast<std::ptrdiff_t>(first)),
                                std::make_move_iterator(waiting.begin() + static_cast<std::ptrdiff_t>(end)));
        return {Scope::global(),
                [notes = std::move(notes)](engine::Transaction& transaction) -> Result<void> {
                    for (const auto& each : notes) each(transaction);
                    return {};
                }};
    }

    // Goes on where the last one ended; only one is under way.
    void add_sweep(std::vector<engine::Part>& parts) {
        const auto now = clock.now();
        if (now - swept < between_sweeps) return;
        swept = now;
        parts.push_back({Scope::global(), [desk = shared_from_this(), now](engine::Transaction& transaction) {
                             return desk->sweep(transaction, now);
                         }});
    }

    Result<void> sweep(engine::Transaction& transaction, Instant now) {
        auto range = engine::Range::starting_with(everything);
        if (!sweep_from.empty()) range.first = sweep_from;
        std::vector<std::string> over;
        std::size_t seen = 0;
        const auto cursor = transaction.scan(range);
        for (; cursor->valid() && seen < looked_at; cursor->next(), ++seen)
            if (is_over(cursor->value(), now)) over.emplace_back(cursor->key());
        TRY(cursor->status());
        sweep_from = cursor->valid() ? std::string(cursor->key()) : std::string();
        for (const auto& key : over) transaction.erase(key);
        return {};
    }

    void kept() {
        std::unique_lock lock(mutex);
        under_way = false;
        if (!closed && !waiting.empty()) return keep(lock);
        done.notify_all();
    }

    void close() {
        std::unique_lock lock(mutex);
        closed = true;
        if (!waiting.empty()) keep(lock);
    }

    void flush() {
        std::unique_lock lock(mutex);
        done.wait(lock, [this] { return !under_way && waiting.empty(); });
    }

    // At once, and nothing of it is noted before. Whoever has looked while it was written may have seen what
    // was there before; what was noted for it meanwhile comes later, and is what counts.
    Result<void> write(std::string_view key, const Recent::Value& value) {
        recent.forget(key);
        auto kept = engine.transact(Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            value ? transaction.put(key, *value) : transaction.erase(key);
            return {};
        });
        kept ? recent.kept(key, value, clock.now()) : recent.forget(key);
        return kept;
    }

    engine::Engine& engine;
    const Clock& clock;
    Recent recent;
    std::string sweep_from;  // of the engine's thread
    std::mutex mutex;        // guards what follows
    std::condition_variable done;
    std::vector<Note> waiting;
    bool under_way = false;
    bool closed = false;  // nothing but this and the engine is there any more
    Instant swept;
};

Notebook::Notebook(engine::Engine& engine, const Clock& clock)
    : desk_(std::make_shared<Desk>(engine, clock)) {}
Notebook::~Notebook() { desk_->close(); }

void Notebook::note(Note note) { desk_->note(std::move(note)); }

void Notebook::put(std::string key, std::string value) {
    desk_->recent.written(key, value, clock().now());
    note([key = std::move(key), value = std::move(value)](engine::Transaction& transaction) {
        transaction.put(key, value);
    });
}

void Notebook::erase(std::string key) {
    desk_->recent.written(key, std::nullopt, clock().now());
    note([key = std::move(key)](engine::Transaction& transaction) { transaction.erase(key); });
}

Result<void> Notebook::put_now(std::string_view key, std::string_view value) {
    flush();
    return desk_->write(key, std::string(value));
}

Result<void> Notebook::erase_now(std::string_view key) {
    flush();
    return desk_->write(key, std::nullopt);
}

void Notebook::flush() { desk_->flush(); }

Result<std::optional<std::string>> Notebook::read(std::string_view key) const {
    return desk_->engine.snapshot(Scope::global())->get(key);
}

Result<std::optional<std::string>> Notebook::read_lately(std::string_view key) const {
    const auto now = clock().now();
    if (auto known = desk_->recent.find(key, now)) return *std::move(known);
    TRY(auto value, read(key));
    desk_->recent.read(key, value, now);
    return value;
}

Result<void> Notebook::walk(std::string_view prefix, const Visit& visit) const {
    const auto snapshot = desk_->engine.snapshot(Scope::global());
    const auto cursor = snapshot->scan(engine::Range::starting_with(prefix));
    for (; cursor->valid(); cursor->next())
        if (!visit(cursor->key(), cursor->value())) break;
    return cursor->status();
}

const Clock& Notebook::clock() const { return desk_->clock; }

}  // namespace hongyan::reputation
