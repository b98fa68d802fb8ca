#include "store/roll.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/check.h"
#include "store/history.h"
#include "store/reading.h"

namespace hongyan::store {
namespace {

// A change copies so many slots, some 50 KB; a roll of a million messages has a thousand chunks.
constexpr std::size_t slots_of_a_chunk = 1'024;

// Of the mailbox, in parts of so many: beyond that, reading all is no dearer than looking for what changed.
constexpr std::size_t change_worth_reading_all = 4;

// Kinds of flags in one mailbox. Their table is searched for each message that has others than the one
// before.
constexpr std::size_t most_marks = 512;

}  // namespace

// Makes chunks of slots that come in the order of their UIDs, and takes whole ones over.
class Roll::Builder {
public:
    Builder() : marks_(std::make_shared<std::vector<Marks>>()) {}
    explicit Builder(const Roll& before) : marks_(before.marks_) {}

    void add(const Entry& entry) {
        put({.uid = entry.uid,
             .marks = marks_of(entry),
             .message = entry.message,
             .modseq = entry.modseq,
             .size = entry.size,
             .received = entry.received,
             .saved = entry.saved});
    }
    void put(const Slot& slot) {
        if (!open_) open_ = std::make_shared<Chunk>();
        if (open_->slots.empty()) open_->slots.reserve(slots_of_a_chunk);
        open_->slots.push_back(slot);
        if (open_->slots.size() == slots_of_a_chunk) close();
    }
    // Small ones are joined, so that a mailbox that shrinks has fewer of them.
    void take(const SharedChunk& chunk) {
        const auto begun = open_ ? open_->slots.size() : 0;
        if (begun + chunk->slots.size() <= slots_of_a_chunk / 2) {
            for (const auto& slot : chunk->slots) put(slot);
            return;
        }
        close();
        chunks_.push_back(chunk);
    }
    bool has_too_many_marks() const { return marks_->size() > most_marks; }

    std::shared_ptr<const Roll> finish(ModSeq modseq) {
        close();
        auto roll = std::make_shared<Roll>();
        roll->modseq_ = modseq;
        roll->chunks_ = std::move(chunks_);
        roll->marks_ = std::move(marks_);
        for (const auto& chunk : roll->chunks_) roll->size_ += chunk->slots.size();
        return roll;
    }

private:
    void close() {
        if (!open_) return;
        std::set<std::uint32_t> marks;
        UidSet uids;
        for (const auto& slot : open_->slots) uids.add(slot.uid);
        open_->uids.assign(uids.ranges().begin(), uids.ranges().end());
        for (std::uint32_t i = 0; i < open_->slots.size(); ++i) {
            const auto mark = open_->slots[i].marks;
            marks.insert(mark);
            if (!open_->first_unseen && !(*marks_)[mark].flags.contains(Flag::seen)) open_->first_unseen = i;
        }
        open_->marks.assign(marks.begin(), marks.end());
        chunks_.push_back(std::exchange(open_, nullptr));
    }

    std::uint32_t marks_of(const Entry& entry) {
        const auto is_these = [&entry](const Marks& marks) {
            return marks.unended == entry.unended && marks.foreign == entry.foreign &&
                   marks.has_nul == entry.has_nul && marks.flags == entry.flags;
        };
        if (last_ < marks_->size() && is_these((*marks_)[last_])) return last_;
        const auto found = std::ranges::find_if(*marks_, is_these);
        last_ = static_cast<std::uint32_t>(found - marks_->begin());
        if (found == marks_->end()) {
            auto more = std::make_shared<std::vector<Marks>>(*marks_);
            more->push_back({entry.flags, entry.unended, entry.foreign, entry.has_nul});
            marks_ = std::move(more);
        }
        return last_;
    }

    std::vector<SharedChunk> chunks_;
    std::shared_ptr<Chunk> open_;
    std::shared_ptr<const std::vector<Marks>> marks_;
    std::uint32_t last_ = 0;
};

// What is there now of the messages that changed.
class Roll::ChangedEntries {
public:
    ChangedEntries(const engine::Reader& reader, MailboxId mailbox, const UidSet& uids)
        : walk_(reader, mailbox, uids), any_(!uids.empty()) {}

    // All up to `last` that have not been added yet.
    Result<void> add_to(Builder& builder, Uid last) {
        while (any_) {
            if (!entry_) {
                TRY(entry_, walk_.next());
            }
            any_ = entry_ != nullptr;
            if (!any_ || entry_->uid > last) return {};
            builder.add(*entry_);
            entry_ = nullptr;
        }
        return {};
    }

private:
    EntryWalk walk_;
    bool any_;
    const Entry* entry_ = nullptr;
};

// What somebody has at hand.
class Roll::GivenEntries {
public:
    explicit GivenEntries(std::span<const Entry> entries) : rest_(entries) {}

    Result<void> add_to(Builder& builder, Uid last) {
        for (; !rest_.empty() && rest_.front().uid <= last; rest_ = rest_.subspan(1))
            builder.add(rest_.front());
        return {};
    }

private:
    std::span<const Entry> rest_;
};

Result<std::shared_ptr<const Roll>> Roll::read(const engine::Reader& reader, MailboxId mailbox,
                                               const MailboxState& state) {
    Builder builder;
    EntryWalk walk(reader, mailbox, UidSet::all());
    while (true) {
        TRY(const auto* entry, walk.next());
        if (!entry) return builder.finish(state.highest_modseq);
        builder.add(*entry);
        if (builder.has_too_many_marks()) return std::make_shared<const Roll>();
    }
}

Result<std::shared_ptr<const Roll>> Roll::brought_to(const engine::Reader& reader, MailboxId mailbox,
                                                     const MailboxState& state) const {
    TRY(const auto changes, mailbox_changes_since(reader, mailbox, modseq_));
    if (!changes.exact || changes.changed.size() > size_ / change_worth_reading_all + slots_of_a_chunk)
        return nullptr;
    auto touched = changes.changed;
    touched.add(changes.vanished);
    ChangedEntries changed(reader, mailbox, changes.changed);
    Builder builder(*this);
    TRY(bring(builder, touched, changed));
    if (builder.has_too_many_marks()) return nullptr;
    return builder.finish(state.highest_modseq);
}

std::shared_ptr<const Roll> Roll::with(std::span<const Entry> changed, ModSeq now) const {
    UidSet touched;
    for (const auto& entry : changed) touched.add(entry.uid);
    GivenEntries given(changed);
    Builder builder(*this);
    check(bring(builder, touched, given).has_value(), "what is at hand need not be read");
    return builder.has_too_many_marks() ? nullptr : builder.finish(now);
}

// Chunks without a change are taken over; the others are merged with what is read.
template <typename Entries>
Result<void> Roll::bring(Builder& builder, const UidSet& touched, Entries& changed) const {
    auto next = touched.ranges().begin();
    for (const auto& chunk : chunks_) {
        const auto& slots = chunk->slots;
        const bool takes_more = chunk == chunks_.back() && slots.size() < slots_of_a_chunk;
        next = std::ranges::find_if(next, touched.ranges().end(), [&slots](const UidRange& range) {
            return range.last >= slots.front().uid;
        });
        const bool is_touched = next != touched.ranges().end() && next->first <= slots.back().uid;
        if (!is_touched && !(takes_more && next != touched.ranges().end())) {
            builder.take(chunk);
            continue;
        }
        for (const auto& slot : slots) {
            if (!touched.contains(slot.uid)) builder.put(slot);
            TRY(changed.add_to(builder, slot.uid));
        }
    }
    return changed.add_to(builder, last_uid);
}

std::size_t Roll::memory_of(std::uint64_t messages) { return messages * sizeof(Slot) + sizeof(Roll); }

std::size_t Roll::memory() const {
    const auto marks = marks_ ? marks_->size() * sizeof(Marks) : 0;
    return memory_of(size_) + chunks_.size() * sizeof(Chunk) + marks;
}

Outline Roll::outline() const {
    Outline outline;
    std::vector<bool> occurs(marks_->size());
    std::uint32_t before = 0;
    for (const auto& chunk : chunks_) {
        for (const auto& range : chunk->uids) outline.uids.add(range);
        for (const auto mark : chunk->marks) occurs[mark] = true;
        if (chunk->first_unseen && !outline.before_first_unseen)
            outline.before_first_unseen = before + *chunk->first_unseen;
        before += static_cast<std::uint32_t>(chunk->slots.size());
    }
    std::set<std::string_view> keywords;
    for (std::size_t i = 0; i < occurs.size(); ++i) {
        const auto used = occurs[i] ? (*marks_)[i].flags.keywords() : std::span<const std::string>();
        keywords.insert(used.begin(), used.end());
    }
    outline.keywords.assign(keywords.begin(), keywords.end());
    return outline;
}

Result<void> Roll::each(const UidSet& uids, const std::function<Result<void>(const Entry&)>& call) const {
    Entry entry;
    auto marks = static_cast<std::uint32_t>(-1);
    for (const auto& range : uids.ranges()) {
        auto chunk = std::ranges::upper_bound(
            chunks_, range.first, {}, [](const SharedChunk& some) { return some->slots.front().uid; });
        if (chunk != chunks_.begin()) --chunk;
        for (; chunk != chunks_.end() && (*chunk)->slots.front().uid <= range.last; ++chunk) {
            const auto& slots = (*chunk)->slots;
            auto slot = std::ranges::lower_bound(slots, range.first, {}, &Slot::uid);
            for (; slot != slots.end() && slot->uid <= range.last; ++slot) {
                entry.uid = slot->uid;
                entry.message = slot->message;
                entry.modseq = slot->modseq;
                entry.size = slot->size;
                entry.received = slot->received;
                entry.saved = slot->saved;
                if (marks != slot->marks) {
                    marks = slot->marks;
                    entry.flags = (*marks_)[marks].flags;
                    entry.unended = (*marks_)[marks].unended;
                    entry.foreign = (*marks_)[marks].foreign;
                    entry.has_nul = (*marks_)[marks].has_nul;
                }
                TRY(call(entry));
            }
        }
    }
    return {};
}

std::shared_ptr<const Roll> Rolls::find(AccountId account, MailboxId mailbox) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find({account, mailbox});
    if (found == places_.end()) return nullptr;
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->roll;
}

std::shared_ptr<const Roll> Rolls::find(AccountId account, MailboxId mailbox, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find({account, mailbox});
    if (found == places_.end() || found->second->version != version) return nullptr;
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->roll;
}

void Rolls::confirm(AccountId account, MailboxId mailbox, ModSeq modseq, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find({account, mailbox});
    if (found == places_.end()) return;
    auto& kept = *found->second;
    if (!kept.roll->is_void() && kept.roll->modseq() == modseq) kept.version = version;
}

void Rolls::keep(AccountId account, MailboxId mailbox, std::shared_ptr<const Roll> roll) {
    const Place place{account, mailbox};
    const auto memory = roll->memory();
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(place);
    if (found != places_.end()) {
        if (found->second->roll->modseq() > roll->modseq()) return;
        memory_ -= found->second->memory;
        kept_.erase(found->second);
        places_.erase(found);
    }
    if (memory > most_memory_) return;
    kept_.push_front({place, std::move(roll), memory});
    places_[place] = kept_.begin();
    memory_ += memory;
    while (memory_ > most_memory_) drop_oldest();
}

// What few have changed is looked for by who asks for it next.
void Rolls::take_over(AccountId account, MailboxId mailbox, const Run& run, std::span<const Entry> changed) {
    constexpr std::size_t worth_it = 64;
    if (changed.size() < worth_it || run.after == run.before) return;
    const auto roll = find(account, mailbox);
    if (!roll || roll->is_void() || roll->modseq() != run.before) return;
    if (auto next = roll->with(changed, run.after)) keep(account, mailbox, std::move(next));
}

Uid Rolls::first_recent(AccountId account, MailboxId mailbox, Uid written) {
    const std::lock_guard lock(mutex_);
    const auto claimed = first_recent_.find({account, mailbox});
    return claimed == first_recent_.end() ? written : std::max(written, claimed->second);
}

// What is forgotten here has been written, nearly always: where not, one message is recent to two sessions.
Uid Rolls::claim_recent(AccountId account, MailboxId mailbox, Uid written, Uid until) {
    constexpr std::size_t most_claims = 10'000;
    const std::lock_guard lock(mutex_);
    if (first_recent_.size() >= most_claims) first_recent_.clear();
    auto& claimed = first_recent_[{account, mailbox}];
    const auto first = std::max(written, claimed);
    claimed = std::max(first, until);
    return first;
}

void Rolls::drop_oldest() {
    memory_ -= kept_.back().memory;
    places_.erase(kept_.back().place);
    kept_.pop_back();
}

}  // namespace hongyan::store
