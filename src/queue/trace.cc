// The history as a whole: told, found, forgotten.
#include <map>
#include <ranges>

#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/reading.h"

namespace hongyan::queue {

namespace {

using engine::Scope;

constexpr std::size_t page_of_old = 200;       // messages forgotten in one transaction
constexpr std::size_t most_of_page = 100'000;  // bytes told in one transaction; the last record may go beyond
constexpr std::size_t most_of_story = 20'000;  // records of one message that are read

Result<std::vector<Record>> read_records(const engine::Reader& reader, EntryId id) {
    std::vector<Record> records;
    const auto cursor = reader.scan(engine::Range::starting_with(history_prefix(id)));
    for (; cursor->valid() && records.size() < most_of_story; cursor->next()) {
        TRY(records.emplace_back(), decode_history(cursor->key(), cursor->value()));
    }
    TRY(cursor->status());
    std::ranges::sort(records, std::less(), [](const Record& record) {
        return std::tuple(record.attempt.time, record.index, record.number);
    });
    return records;
}

Result<Story> read_story(const engine::Reader& reader, EntryId id) {
    Story story{.id = id};
    auto entry = read_entry(reader, id);
    if (entry)
        story.entry = std::move(*entry);
    else if (entry.error().kind != Error::Kind::not_found)
        return std::unexpected(std::move(entry).error());
    TRY(story.records, read_records(reader, id));
    return story;
}

Instant time_of(const Record& record) { return record.attempt.time; }

using Writes = std::map<std::string, std::string>;

// What telling of the records writes: a list has thousands of members, of whom one may have much to be told.
std::vector<Writes> pages_of(std::span<const Record> records) {
    std::vector<Writes> pages;
    std::size_t size = most_of_page;
    const auto put = [&](std::string key, std::string value) {
        const auto bytes = key.size() + value.size();
        if (pages.back().emplace(std::move(key), std::move(value)).second) size += bytes;
    };
    for (const auto& record : records) {
        if (size >= most_of_page) {
            pages.emplace_back();
            size = 0;
        }
        put(history_key(record), encode(record));
        for (auto& key : mention_keys(record)) put(std::move(key), {});
    }
    return pages;
}

// The keys of messages that have gone and of which nothing was told since `before`. Ids are in the order in
// which messages came, but may be ahead of the time by as much as the clock ever was (ids.h): the walk goes
// on until a row of messages is told of that have all come since.
class Forgetter {
public:
    Forgetter(const engine::Reader& reader, Instant before, Instant now)
        : reader_(reader), before_(before), now_(now) {}

    // The next page of messages; false at the end.
    Result<bool> collect() {
        erased_.clear();
        if (is_done_) return false;
        auto range = engine::Range::starting_with(keys::history);
        range.first = history_prefix(from_);
        const auto cursor = reader_.scan(range);
        Message message;
        for (std::size_t messages = 0; cursor->valid(); cursor->next()) {
            const auto id = id_of_history(cursor->key());
            if (!id) continue;  // nobody's
            if (message.has_any() && message.id != *id) {
                TRY(consider(message));
                message = {};
                from_ = *id;
                if (is_done_ || ++messages == page_of_old) return true;
            }
            message.id = *id;
            auto record = decode_history(cursor->key(), cursor->value());
            if (record)
                message.records.push_back(*std::move(record));
            else
                message.damaged.emplace_back(cursor->key());
        }
        TRY(cursor->status());
        if (message.has_any()) TRY(consider(message));
        is_done_ = true;
        return true;
    }
    const std::vector<std::string>& erased() const { return erased_; }
    std::size_t damaged() const { return damaged_; }  // in all

private:
    struct Message {
        EntryId id{};
        std::vector<Record> records = {};
        std::vector<std::string> damaged = {};  // keys of what cannot be read
        bool has_any() const { return !records.empty() || !damaged.empty(); }
    };

    Result<void> consider(const Message& message) {
        is_done_ = has_come_since(message);
        if (is_done_) return {};
        const auto is_old = [this](const Record& record) { return time_of(record) < before_; };
        if (!std::ranges::all_of(message.records, is_old)) return {};
        // Of this nobody can tell how old it is before the time of its id has come.
        if (message.records.empty() && may_have_come_since(message.id)) return {};
        return forget(message);
    }

    bool may_have_come_since(EntryId id) const { return id >= first_id_at(before_); }

    // Behind it nothing is old, but what came of a clock that was behind; this is left until it is itself.
    // What is told of a time to come, by a clock that was ahead, says nothing of those behind it.
    bool has_come_since(const Message& message) const {
        if (!may_have_come_since(message.id) || message.records.empty()) return false;
        const auto first = std::ranges::min(message.records | std::views::transform(time_of));
        return first >= before_ && first <= now_;
    }

    // Where it came before what is kept nothing that cannot be read is kept for what might stand in it.
    Result<void> forget(const Message& message) {
        TRY(const auto present, reader_.get(entry_key(message.id)));
        if (present) return {};
        for (const auto& record : message.records) {
            erased_.push_back(history_key(record));
            std::ranges::move(mention_keys(record), std::back_inserter(erased_));
        }
        std::ranges::copy(message.damaged, std::back_inserter(erased_));
        damaged_ += message.damaged.size();
        return {};
    }

    const engine::Reader& reader_;
    Instant before_, now_;
    EntryId from_{};
    bool is_done_ = false;
    std::vector<std::string> erased_;
    std::size_t damaged_ = 0;
};

}  // namespace

std::vector<engine::Part> Queue::telling(std::span<const Record> records) const {
    std::vector<engine::Part> parts;
    for (auto& page : pages_of(records))
        parts.push_back(part([page = std::move(page)](Book& book) -> Result<void> {
            if (!book.keeps_history()) return {};
            for (const auto& [key, value] : page) book.transaction().put(key, value);
            return {};
        }));
    return parts;
}

Result<Story> Queue::story(EntryId id) const {
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(auto story, read_story(*snapshot, id));
    if (!story.entry && story.records.empty())
        return fail(Error::Kind::not_found, "nothing is known of a message {}", to_string(id));
    return story;
}

Result<std::vector<EntryId>> Queue::mentioned(std::string_view text, const Page& page) const {
    std::vector<EntryId> ids;
    auto range = engine::Range::starting_with(mention_prefix(text));
    if (page.after != EntryId{}) range.first = mention_key(text, page.after.next());
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(range);
    for (; cursor->valid() && ids.size() < page.limit; cursor->next()) {
        TRY(ids.emplace_back(), id_of_mention(cursor->key()));
    }
    TRY(cursor->status());
    return ids;
}

Result<std::vector<EntryId>> Queue::latest_mentioned(std::string_view text, std::optional<EntryId> before,
                                                     std::size_t limit) const {
    std::vector<EntryId> ids;
    auto range = engine::Range::starting_with(mention_prefix(text), engine::Direction::backward);
    if (before) range.end = mention_key(text, *before);
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(range);
    for (; cursor->valid() && ids.size() < limit; cursor->next()) {
        TRY(ids.emplace_back(), id_of_mention(cursor->key()));
    }
    TRY(cursor->status());
    std::ranges::reverse(ids);
    return ids;
}

Result<Queue::Forgotten> Queue::forget_old() const {
    const auto now = clock_.now();
    const auto snapshot = engine_.snapshot(Scope::global());
    Forgetter forgetter(*snapshot, now - terms().history, now);
    Forgotten forgotten;
    for (;;) {
        TRY(const bool more, forgetter.collect());
        if (!more) return forgotten;
        const auto& erased = forgetter.erased();
        for (std::size_t begin = 0; begin < erased.size(); begin += page_of_old * 10) {
            const auto end = std::min(begin + page_of_old * 10, erased.size());
            TRY(transact([&](Book& book) -> Result<void> {
                for (auto i = begin; i < end; ++i) book.transaction().erase(erased[i]);
                return {};
            }));
        }
        forgotten.keys += erased.size();
        forgotten.damaged = forgetter.damaged();
    }
}

}  // namespace hongyan::queue
