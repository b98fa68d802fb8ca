#include "engine/memory_backend.h"

#include "engine/local_engine.h"

namespace hongyan::engine {

namespace {

using Moment = std::uint64_t;  // batches are numbered; a snapshot sees those up to its own
constexpr Moment now = UINT64_MAX;

using Versions = std::map<Moment, std::optional<std::string>>;

const std::optional<std::string>* seen_at(const Versions& versions, Moment moment) {
    auto at = versions.upper_bound(moment);
    if (at == versions.begin()) return nullptr;
    --at;
    return at->second ? &at->second : nullptr;
}

}  // namespace

struct MemoryBackend::State {
    std::mutex mutex;
    std::map<std::string, Versions, std::less<>> entries;
    std::multiset<Moment> watched;   // the moments of the living snapshots
    std::set<std::string> to_clean;  // keys with versions that nobody may need any more
    Moment last = 0;

    void write(const Writes& writes) {
        const std::lock_guard lock(mutex);
        ++last;
        for (const auto& [key, value] : writes) {
            entries[key][last] = value;
            to_clean.insert(key);
        }
        clean();
    }
    void clean() {
        if (!watched.empty()) return;
        for (const auto& key : to_clean) {
            const auto at = entries.find(key);
            if (at == entries.end()) continue;
            auto& versions = at->second;
            versions.erase(versions.begin(), std::prev(versions.end()));
            if (!versions.begin()->second) entries.erase(at);
        }
        to_clean.clear();
    }
};

namespace {

using State = MemoryBackend::State;

// Takes the lock for each step and copies what it shows.
class MemoryCursor final : public Cursor {
public:
    MemoryCursor(State& state, Moment moment, const Range& range)
        : state_(state), moment_(moment), range_(range) {
        const std::lock_guard lock(state_.mutex);
        if (forward())
            ascend(state_.entries.lower_bound(range_.first));
        else
            descend(end());
    }

    bool valid() const override { return valid_; }
    std::string_view key() const override { return key_; }
    std::string_view value() const override { return value_; }
    Result<void> status() const override { return {}; }

    void next() override {
        const std::lock_guard lock(state_.mutex);
        if (forward())
            ascend(state_.entries.upper_bound(key_));
        else
            descend(state_.entries.lower_bound(key_));
    }
    void seek(std::string_view key) override {
        const std::lock_guard lock(state_.mutex);
        if (forward())
            ascend(state_.entries.lower_bound(std::max<std::string_view>(key, range_.first)));
        else
            descend(!range_.end.empty() && key >= range_.end ? end() : state_.entries.upper_bound(key));
    }

private:
    using Place = decltype(State::entries)::const_iterator;

    bool forward() const { return range_.direction == Direction::forward; }
    Place end() const {
        return range_.end.empty() ? state_.entries.end() : state_.entries.lower_bound(range_.end);
    }
    void ascend(Place at) {
        valid_ = false;
        for (; !valid_ && at != state_.entries.end(); ++at) {
            if (!range_.end.empty() && at->first >= range_.end) return;
            show(at);
        }
    }
    void descend(Place at) {
        valid_ = false;
        while (!valid_ && at != state_.entries.begin()) {
            --at;
            if (at->first < range_.first) return;
            show(at);
        }
    }
    void show(Place at) {
        const auto* value = seen_at(at->second, moment_);
        if (value == nullptr) return;
        key_ = at->first;
        value_ = **value;
        valid_ = true;
    }

    State& state_;
    Moment moment_;
    Range range_;
    std::string key_;
    std::string value_;
    bool valid_ = false;
};

class MemoryReader final : public Snapshot {
public:
    MemoryReader(std::shared_ptr<State> state, bool keep_still) : state_(std::move(state)) {
        if (!keep_still) return;
        const std::lock_guard lock(state_->mutex);
        moment_ = state_->last;
        state_->watched.insert(moment_);
    }
    ~MemoryReader() override {
        if (moment_ == now) return;
        const std::lock_guard lock(state_->mutex);
        state_->watched.erase(state_->watched.find(moment_));
    }
    MemoryReader(const MemoryReader&) = delete;
    MemoryReader& operator=(const MemoryReader&) = delete;

    Result<std::optional<std::string>> get(std::string_view key) const override {
        const std::lock_guard lock(state_->mutex);
        const auto at = state_->entries.find(key);
        const auto* value = at == state_->entries.end() ? nullptr : seen_at(at->second, moment_);
        if (value == nullptr) return std::nullopt;
        return *value;
    }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        std::vector<std::optional<std::string>> values;
        for (const auto& key : keys) {
            TRY(auto value, get(key));
            values.push_back(std::move(value));
        }
        return values;
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override {
        return std::make_unique<MemoryCursor>(*state_, moment_, range);
    }

private:
    std::shared_ptr<State> state_;
    Moment moment_ = now;
};

}  // namespace

MemoryBackend::MemoryBackend(MemoryFaults faults)
    : state_(std::make_shared<State>()),
      latest_(std::make_unique<MemoryReader>(state_, false)),
      faults_(std::move(faults)) {}

MemoryBackend::~MemoryBackend() = default;

const Reader& MemoryBackend::latest() const { return *latest_; }

std::unique_ptr<Snapshot> MemoryBackend::snapshot() const {
    return std::make_unique<MemoryReader>(state_, true);
}

Result<void> MemoryBackend::write(const Writes& writes) {
    ++batch_;
    if (faults_.before_write) TRY(faults_.before_write(batch_));
    state_->write(writes);
    return {};
}

std::unique_ptr<Engine> make_memory_engine(MemoryFaults faults) {
    return std::make_unique<LocalEngine>(std::make_unique<MemoryBackend>(std::move(faults)), nullptr, 0,
                                         Room::without_limit(), std::nullopt);
}

}  // namespace hongyan::engine
