#include "queue/ids.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "queue/keys.h"
#include "queue/record_fields.h"
#include "queue/records.h"

namespace hongyan::queue {

namespace {

using std::chrono::milliseconds;

// Ids are milliseconds times 4096, so a stretch is never used up before its time. After a restart they may be
// so much ahead of the clock: who starts takes little, and the more the longer he is there. With 32,768
// ids nobody waits before the next stretch is there.
constexpr milliseconds shortest_stretch(8);
constexpr milliseconds longest_stretch = std::chrono::minutes(10);
constexpr int growth = 64;

EntryId later_by(EntryId id, milliseconds time) {
    return EntryId(id.value() + first_id_at(Instant(time)).value());
}

// Ids from `first` on, before `end`.
struct Reserved {
    EntryId first{}, end{};
};

// Behind all that were reserved before, by whomever, and all that are not to be given again.
Result<Reserved> take_stretch(engine::Transaction& transaction, EntryId least, milliseconds length) {
    Reserved taken{.first = least};
    TRY(const auto mark, transaction.get(keys::reserved_ids));
    if (mark) {
        TRY(const auto number, decode_count(*mark));
        taken.first = std::max(taken.first, EntryId(number));
    }
    taken.end = later_by(taken.first, length);
    transaction.put(keys::reserved_ids, encode_count(taken.end.value()));
    return taken;
}

}  // namespace

struct Ids::Stretch {
    std::mutex mutex;       // guards:
    EntryId last{};         // given
    EntryId end{};          // of what may be given
    milliseconds length{};  // of what was reserved last
    bool is_asked_for = false;

    bool has_some() const { return last.next() < end; }
    bool runs_out(EntryId now) const { return end < later_by(std::max(last, now), length / 2); }
    milliseconds next_length() const {
        return std::clamp(length * growth, shortest_stretch, longest_stretch);
    }

    // One that is left, though its time is over, rather than one that is not ours.
    EntryId give(EntryId now) {
        const auto wanted = std::max(last.next(), now);
        last = wanted < end || !has_some() ? wanted : last.next();
        return last;
    }

    void take(const Reserved& reserved, milliseconds its_length) {
        // What lies between was given to others, or its time has gone by.
        if (reserved.first != end) last = std::max(last, EntryId(reserved.first.value() - 1));
        end = reserved.end;
        length = its_length;
    }
};

Ids::Ids(engine::Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock), stretch_(std::make_shared<Stretch>()) {}

Result<void> Ids::reserve() {
    const auto [least, length] = [&] {
        const std::lock_guard lock(stretch_->mutex);
        return std::pair(std::max(stretch_->last.next(), first_id_at(clock_.now())), stretch_->next_length());
    }();
    Reserved reserved;
    TRY(engine_.transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
        TRY(reserved, take_stretch(transaction, least, length));
        return {};
    }));
    const std::lock_guard lock(stretch_->mutex);
    stretch_->take(reserved, length);
    return {};
}

void Ids::ask_for_more(milliseconds length) {
    auto reserved = std::make_shared<Reserved>();
    auto work = [reserved, length,
                 now = first_id_at(clock_.now())](engine::Transaction& transaction) -> Result<void> {
        TRY(*reserved, take_stretch(transaction, now, length));
        return {};
    };
    engine_.submit({{engine::Scope::global(), std::move(work)}}, engine::Together::each_by_itself,
                   [stretch = stretch_, reserved, length](const std::vector<Result<void>>& outcomes) {
                       const std::lock_guard lock(stretch->mutex);
                       stretch->is_asked_for = false;
                       if (outcomes.front()) stretch->take(*reserved, length);
                   });
}

EntryId Ids::next() {
    const auto now = first_id_at(clock_.now());
    auto& stretch = *stretch_;
    std::unique_lock lock(stretch.mutex);
    if (!stretch.has_some()) {
        lock.unlock();
        // Where that fails a message can hardly be kept either; if it can be, under this id.
        (void)reserve();
        lock.lock();
    }
    const auto given = stretch.give(now);
    if (!stretch.runs_out(now) || std::exchange(stretch.is_asked_for, true)) return given;
    const auto length = stretch.next_length();
    lock.unlock();
    ask_for_more(length);
    return given;
}

}  // namespace hongyan::queue
