#include "store/indexing.h"

#include <algorithm>

#include "index/builder.h"
#include "message/search_text.h"
#include "message/summary.h"
#include "store/index_record.h"
#include "store/keys.h"
#include "store/reading.h"
#include "store/store.h"
#include "store/text_index.h"

namespace hongyan::store {
namespace {

using engine::Transaction;
using index::Column;
using index::Offset;

// Of one transaction: other commits wait for it meanwhile.
constexpr std::size_t bytes_at_once = 400'000;
constexpr std::size_t keys_at_once = 2'000;

// Of a message: what has more is searched by reading it. Real mail stays far below; logs and dumps do not.
constexpr std::uint64_t max_text_size = 4'000'000;

// Segments that lie side by side and are merged: the more, the fewer times a message is written; the fewer,
// the fewer segments a search reads.
constexpr std::size_t merged_at_once = 4;

// A segment's size as a power of that, from the smallest.
unsigned tier_of(const Segment& segment) {
    unsigned tier = 0;
    for (auto messages = segment.messages / 64; messages >= merged_at_once; messages /= merged_at_once)
        ++tier;
    return tier;
}

// What is asked and changed of an account's index. One at a time in a store (Store::indexing()).
class Indexing {
public:
    Indexing(Store& store, AccountId account, const std::function<bool()>& stopped)
        : store_(store),
          account_(account),
          stopped_(stopped),
          snapshot_(store.engine().snapshot(engine::Scope::account(account))) {}

    // Error not_found where the account is gone or going.
    Result<void> begin() {
        TRY(account_state_, read_account(*snapshot_));
        if (account_state_.leaving) return fail(Error::Kind::not_found, "the account is being removed");
        auto state = read_index(*snapshot_);
        // Nobody can tell what its segments cover, so they are made anew.
        if (!state && state.error().kind == Error::Kind::corrupt) return start_anew();
        TRY(state_, std::move(state));
        return {};
    }

    // Behind all segments that were ever begun.
    Result<void> start_anew() {
        state_ = {};
        const auto cursor = snapshot_->scan(
            engine::Range::starting_with(std::string(1, keys::index_letter), engine::Direction::backward));
        if (cursor->valid())
            if (const auto last = keys::number_at<SegmentId>(cursor->key(), keys::after_letter))
                state_.next = last->next();
        return cursor->status();
    }

    // Blocks that belong to no segment. True if there was something to erase.
    Result<bool> erase_orphans() {
        std::vector<std::string> orphans;
        const auto cursor = snapshot_->scan(engine::Range::starting_with(std::string(1, keys::index_letter)));
        while (cursor->valid() && orphans.size() < keys_at_once) {
            const auto id = keys::number_at<SegmentId>(cursor->key(), keys::after_letter);
            if (!id) {
                cursor->next();  // the index's own record
            } else if (state_.has(*id)) {
                if (*id == SegmentId(UINT32_MAX)) break;
                cursor->seek(keys::segment(id->next()));
            } else {
                orphans.emplace_back(cursor->key());
                cursor->next();
            }
        }
        TRY(cursor->status());
        if (orphans.empty()) return false;
        TRY(transact([&](Transaction& transaction) {
            for (const auto& key : orphans) transaction.erase(key);
        }));
        return true;
    }

    // Of the first messages that are in no segment, a portion. True if there were some.
    Result<bool> index_some(std::uint64_t at_least) {
        const auto left = TextIndex(*snapshot_, state_, account_state_.next_message).not_indexed();
        std::uint64_t count = 0;
        for (const auto& range : left) count += range.size();
        if (count == 0 || count < at_least) return false;
        const auto wanted = left.front();
        TRY(const auto segment, write_messages(wanted));
        state_.segments.insert(std::ranges::upper_bound(state_.segments, segment.first, {}, &Segment::first),
                               segment);
        TRY(commit());
        return true;
    }

    // The smallest segments of which enough lie side by side. True if there were some.
    Result<bool> merge_some() {
        unsigned highest = 0;
        for (const auto& segment : state_.segments) highest = std::max(highest, tier_of(segment));
        for (unsigned tier = 0; tier <= highest; ++tier) {
            const auto run = run_of(tier);
            if (run.size() < merged_at_once) continue;
            TRY(merge(run));
            return true;
        }
        return false;
    }

    Result<void> prune() {
        for (std::size_t i = 0; i < state_.segments.size(); ++i) {
            const std::span one(&state_.segments[i], 1);
            TRY(const auto lives, living(one.front().first, one.front().end()));
            if (lives.count() * 2 < one.front().messages) TRY(merge(one));
        }
        return {};
    }

    Result<void> forget(const std::function<bool(const Segment&)>& which) {
        if (std::erase_if(state_.segments, which) == 0) return {};
        return commit();
    }
    Result<void> write_record() { return commit(); }

private:
    // Every write: no key comes into being once the account is going.
    Result<void> transact(const std::function<void(Transaction&)>& work) {
        if (stopped_ && stopped_()) return fail(Error::Kind::unavailable, "indexing was stopped");
        return store_.engine().transact(
            engine::Scope::account(account_), [&](Transaction& transaction) -> Result<void> {
                TRY(const auto account, read_account(transaction));
                if (account.leaving) return fail(Error::Kind::not_found, "the account is being removed");
                work(transaction);
                return {};
            });
    }

    Result<void> flush() {
        if (pending_.empty()) return {};
        TRY(transact([&](Transaction& transaction) {
            for (const auto& [key, value] : pending_) transaction.put(key, value);
        }));
        pending_.clear();
        pending_size_ = 0;
        return {};
    }

    // With what was written last: from now on it counts.
    Result<void> commit() {
        pending_.emplace_back(keys::index(), encode(state_));
        return flush();
    }

    // Where blocks of this segment go.
    index::Sink sink(Segment& segment) {
        return [this, &segment](Column column, index::Half half, std::uint32_t block,
                                std::string value) -> Result<void> {
            segment.bytes += value.size();
            pending_size_ += value.size();
            pending_.emplace_back(block_key(segment.id, column, half, block), std::move(value));
            return pending_size_ < bytes_at_once ? Result<void>() : flush();
        };
    }

    Segment new_segment(MessageId first) {
        Segment segment{.id = state_.next, .first = first, .shape = {}};
        state_.next = state_.next.next();
        return segment;
    }

    // Those of [first, end) that are there, counted from the first.
    Result<index::Numbers> living(MessageId first, MessageId end) const {
        index::Numbers lives(static_cast<Offset>(end.value() - first.value()));
        const auto cursor = snapshot_->scan({keys::homes(first), keys::homes(end)});
        for (; cursor->valid(); cursor->next())
            if (const auto id = keys::number_at<MessageId>(cursor->key(), keys::after_letter))
                lives.add(static_cast<Offset>(id->value() - first.value()));
        TRY(cursor->status());
        return lives;
    }

    Result<Segment> write_messages(const MessageRange& wanted) {
        auto segment = new_segment(wanted.first);
        const auto end = std::min(wanted.end.value(), wanted.first.value() + index::max_span);
        TRY(const auto lives, living(wanted.first, MessageId(end)));
        segment.shape.span = lives.span();
        std::optional<Offset> stopped_behind;
        std::optional<Error> failure;
        index::Builder builder;
        MessageWalk messages(*snapshot_);
        lives.each([&](Offset offset) {
            if (failure || stopped_behind) return;
            if (auto added = add(builder, messages, MessageId(wanted.first.value() + offset), offset); !added)
                failure = std::move(added.error());
            ++segment.messages;
            if (segment.messages == messages_in_portion || builder.size() > memory_of_portion)
                stopped_behind = offset;
        });
        if (failure) return std::unexpected(*std::move(failure));
        if (stopped_behind) segment.shape.span = *stopped_behind + 1;
        TRY(segment.shape.blocks, builder.write(sink(segment)));
        return segment;
    }

    // What cannot be read, or is too much, is left to those who look for it.
    Result<void> add(index::Builder& builder, MessageWalk& messages, MessageId id, Offset offset) {
        auto texts = read_texts(messages, id);
        if (texts) {
            builder.add(offset, *texts);
        } else if (texts.error().kind == Error::Kind::corrupt ||
                   texts.error().kind == Error::Kind::too_large) {
            builder.add_unread(offset);
        } else if (texts.error().kind != Error::Kind::not_found) {  // it has been expunged since
            return std::unexpected(texts.error());
        }
        return {};
    }

    Result<index::Texts> read_texts(MessageWalk& messages, MessageId id) const {
        TRY(const auto message, messages.at(id));
        TRY(const auto summary, message::decode(message.summary));
        if (text_size(summary) > max_text_size)
            return fail(Error::Kind::too_large, "message {} has more text than is indexed", id);
        TRY(const auto raw, store_.engine().read_blob_after(message.prefix, message.blob));
        return texts_of(raw, message.prefix.size(), summary);
    }

    static std::uint64_t text_size(const message::Summary& summary) {
        if (!summary.structure) return summary.size;
        std::uint64_t size = 0;
        for (const auto& part : summary.structure->parts)
            size += part.header_size() + (part.is_text() ? part.body_size() : 0);
        return size;
    }

    static index::Texts texts_of(std::string_view raw, std::size_t prefix_size,
                                 const message::Summary& summary) {
        struct Row {
            Column column;
            std::string_view name;
        };
        static constexpr std::array rows{
            Row{Column::subject, "Subject"}, Row{Column::from, "From"},
            Row{Column::to, "To"},           Row{Column::cc, "Cc"},
            Row{Column::bcc, "Bcc"},         Row{Column::message_id, "Message-ID"}};
        const auto content = raw.substr(prefix_size);
        const auto header = raw.substr(0, prefix_size + summary.header_size);
        const auto structure = summary.structure ? *summary.structure : message::parse(content);
        index::Texts texts;
        const auto text = [&](Column column) -> auto& { return texts[static_cast<std::size_t>(column)]; };
        for (const auto& [column, name] : rows) {
            text(column) = message::folded_kept_field(summary, name);
            if (!text(column)) text(column) = message::folded_field(header, name);
        }
        text(Column::header) = message::folded_header(header, structure.root());
        text(Column::body) = message::folded_body(structure, content);
        return texts;
    }

    // The first run of neighbours that are no larger than that and together no more than a segment may be.
    std::span<const Segment> run_of(unsigned tier) const {
        const std::span all(state_.segments);
        std::size_t begin = 0;
        for (std::size_t i = 0; i <= all.size(); ++i) {
            const bool goes_on = i < all.size() && tier_of(all[i]) <= tier &&
                                 (i == begin || all[i].first == all[i - 1].end()) &&
                                 all[i].end().value() - all[begin].first.value() <= index::max_span;
            if (goes_on) continue;
            if (i - begin >= merged_at_once) return all.subspan(begin, i - begin);
            begin = i < all.size() && tier_of(all[i]) <= tier ? i : i + 1;
        }
        return {};
    }

    // One in the place of all. What is damaged is forgotten, so that its messages are indexed anew.
    Result<void> merge(std::span<const Segment> run) {
        auto segment = new_segment(run.front().first);
        segment.shape.span = static_cast<Offset>(run.back().end().value() - run.front().first.value());
        TRY(const auto lives, living(segment.first, segment.end()));
        segment.messages = lives.count();
        auto blocks = merge_blocks(run, lives, segment);
        const auto replaced = [&](const Segment& old) { return segment.covers(old.first); };
        if (!blocks) {
            if (blocks.error().kind != Error::Kind::corrupt) return std::unexpected(blocks.error());
            pending_.clear();
            std::erase_if(state_.segments, replaced);
            return commit();
        }
        segment.shape.blocks = *blocks;
        std::erase_if(state_.segments, replaced);
        state_.segments.insert(std::ranges::upper_bound(state_.segments, segment.first, {}, &Segment::first),
                               segment);
        return commit();
    }

    Result<index::BlockCounts> merge_blocks(std::span<const Segment> run, const index::Numbers& lives,
                                            Segment& into) {
        std::vector<std::unique_ptr<index::Blocks>> blocks;
        std::vector<index::Source> sources;
        for (const auto& segment : run) {
            blocks.push_back(blocks_of(*snapshot_, segment.id));
            sources.push_back({*blocks.back(), segment.shape,
                               static_cast<Offset>(segment.first.value() - into.first.value())});
        }
        return index::merge(sources, lives, sink(into));
    }

    Store& store_;
    AccountId account_;
    const std::function<bool()>& stopped_;
    std::unique_ptr<engine::Snapshot> snapshot_;
    AccountState account_state_;
    IndexState state_;
    std::vector<std::pair<std::string, std::string>> pending_;  // blocks to be written
    std::size_t pending_size_ = 0;
};

const std::function<bool()> never;

}  // namespace

Result<bool> index_portion(Store& store, AccountId account, std::uint64_t at_least,
                           const std::function<bool()>& stopped) {
    const std::scoped_lock one_at_a_time(store.indexing());
    Indexing indexing(store, account, stopped);
    TRY(indexing.begin());
    TRY(const auto erased, indexing.erase_orphans());
    if (erased) return true;
    TRY(const auto merged, indexing.merge_some());
    if (merged) return true;
    return indexing.index_some(at_least);
}

Result<void> prune_index(Store& store, AccountId account) {
    const std::scoped_lock one_at_a_time(store.indexing());
    for (bool erased = true; erased;) {
        Indexing indexing(store, account, never);
        TRY(indexing.begin());
        TRY(erased, indexing.erase_orphans());
        if (!erased) TRY(indexing.prune());
    }
    return {};
}

Result<void> forget_segments(Store& store, AccountId account, const std::vector<SegmentId>& segments) {
    const std::scoped_lock one_at_a_time(store.indexing());
    Indexing indexing(store, account, never);
    TRY(indexing.begin());
    return indexing.forget(
        [&](const Segment& segment) { return std::ranges::find(segments, segment.id) != segments.end(); });
}

Result<void> forget_index(Store& store, AccountId account) {
    const std::scoped_lock one_at_a_time(store.indexing());
    Indexing indexing(store, account, never);
    TRY(indexing.begin());
    TRY(indexing.start_anew());
    return indexing.write_record();
}

}  // namespace hongyan::store
