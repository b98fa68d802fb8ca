#include "store/reading.h"

#include <algorithm>

#include "store/keys.h"

namespace hongyan::store {
namespace {

// Beyond so many messages in between, a new search is cheaper than going on.
constexpr int patience = 8;

// Of a transaction's size; the rest is for records of mailboxes, of the account and of changes.
constexpr std::size_t max_portion_size = engine::max_transaction_size / 2;

}  // namespace

Result<AccountState> read_account(const engine::Reader& reader) {
    TRY(const auto bytes, reader.get(keys::account()));
    if (!bytes) return fail(Error::Kind::not_found, "the account has no mail store");
    return decode_account(*bytes);
}

Result<MailboxState> read_mailbox(const engine::Reader& reader, MailboxId id) {
    TRY(const auto bytes, reader.get(keys::mailbox(id)));
    if (!bytes) return fail(Error::Kind::not_found, "there is no mailbox {}", id);
    return decode_mailbox(*bytes);
}

Result<std::optional<Entry>> read_entry(const engine::Reader& reader, MailboxId mailbox, Uid uid) {
    TRY(const auto bytes, reader.get(keys::entry(mailbox, uid)));
    if (!bytes) return std::nullopt;
    return decode_entry(uid, *bytes);
}

Result<HomesRecord> read_homes(const engine::Reader& reader, MessageId id) {
    TRY(const auto bytes, reader.get(keys::homes(id)));
    if (!bytes) return fail(Error::Kind::not_found, "there is no message {}", id);
    return decode_homes(*bytes);
}

Result<std::optional<MailboxId>> read_child(const engine::Reader& reader, MailboxId parent,
                                            std::string_view level) {
    TRY(const auto bytes, reader.get(keys::name(parent, level)));
    if (!bytes) return std::nullopt;
    return decode_mailbox_id(*bytes);
}

Result<std::vector<MailboxId>> read_children(const engine::Reader& reader, MailboxId parent) {
    std::vector<MailboxId> children;
    TRY(each_below(reader, keys::children(parent), [&](auto, auto value) -> Result<void> {
        TRY(const auto id, decode_mailbox_id(value));
        children.push_back(id);
        return {};
    }));
    return children;
}

Result<std::optional<MailboxId>> read_path(const engine::Reader& reader, const MailboxName& name) {
    auto id = no_mailbox;
    for (const auto& level : name.levels()) {
        TRY(const auto child, read_child(reader, id, level));
        if (!child) return std::nullopt;
        id = *child;
    }
    return id;
}

Result<MailboxName> read_name(const engine::Reader& reader, const MailboxState& mailbox) {
    std::vector<std::string> levels{mailbox.level};
    for (auto parent = mailbox.parent; parent != no_mailbox;) {
        if (levels.size() > max_levels)
            return fail(Error::Kind::corrupt, "the mailbox \"{}\" has no way to the top", mailbox.level);
        TRY(auto above, read_mailbox(reader, parent));
        levels.push_back(std::move(above.level));
        parent = above.parent;
    }
    std::ranges::reverse(levels);
    return MailboxName::of_levels(std::move(levels));
}

Result<void> each_below(const engine::Reader& reader, std::string_view prefix,
                        const std::function<Result<void>(std::string_view, std::string_view)>& each) {
    const auto cursor = reader.scan(engine::Range::starting_with(prefix));
    for (; cursor->valid(); cursor->next()) TRY(each(cursor->key(), cursor->value()));
    return cursor->status();
}

EntryWalk::EntryWalk(const engine::Reader& reader, MailboxId mailbox, const UidSet& uids)
    : mailbox_(mailbox), uids_(uids) {
    auto range = engine::Range::starting_with(keys::entries(mailbox));
    if (!uids.empty()) range.first = keys::entry(mailbox, uids.ranges().front().first);
    cursor_ = reader.scan(range);
}

// Goes on to the next message that belongs to the wanted UIDs.
bool EntryWalk::find() {
    const auto ranges = uids_.ranges();
    if (started_ && cursor_->valid()) cursor_->next();
    started_ = true;
    while (cursor_->valid() && range_ < ranges.size()) {
        const auto uid = keys::number_at<Uid>(cursor_->key(), keys::after_mailbox).value_or(Uid());
        if (uid > ranges[range_].last) {
            ++range_;
        } else if (uid < ranges[range_].first) {
            cursor_->seek(keys::entry(mailbox_, ranges[range_].first));
        } else {
            entry_.uid = uid;
            return true;
        }
    }
    return false;
}

Result<const Entry*> EntryWalk::next() {
    if (!find()) {
        TRY(cursor_->status());
        return nullptr;
    }
    const auto value = cursor_->value();
    TRY(decode_entry(entry_.uid, value, entry_));
    entry_size_ = cursor_->key().size() + value.size();
    return &entry_;
}

MessageWalk::MessageWalk(const engine::Reader& reader)
    : cursor_(reader.scan(engine::Range::starting_with(std::string(1, keys::message_letter)))) {}

bool MessageWalk::find(MessageId id) {
    for (int steps = 0; steps < patience && cursor_->valid(); ++steps, cursor_->next()) {
        const auto key = cursor_->key();
        const auto here = keys::number_at<MessageId>(key, keys::after_letter).value_or(MessageId());
        if (here == id && key.size() == keys::message_key_size) return true;
        if (here > id) break;
    }
    const auto key = keys::message(id);
    cursor_->seek(key);
    return cursor_->valid() && cursor_->key() == key;
}

Result<std::string_view> MessageWalk::record() {
    const auto first = cursor_->value();
    if (first.size() < message_piece_size) return first;
    const auto key = std::string(cursor_->key());
    pieces_ = first;
    for (auto last = first.size(); last == message_piece_size;) {
        cursor_->next();
        if (!cursor_->valid() || !cursor_->key().starts_with(key))
            return fail(Error::Kind::corrupt, "a message's record is not kept whole");
        last = cursor_->value().size();
        pieces_ += cursor_->value();
    }
    return pieces_;
}

Result<MessageView> MessageWalk::at(MessageId id) {
    if (!find(id)) {
        TRY(cursor_->status());
        return fail(Error::Kind::corrupt, "the record of message {} is missing", id);
    }
    TRY(const auto bytes, record());
    return decode_message(id, bytes);
}

Result<Portion> read_portion(const engine::Reader& reader, MailboxId mailbox, const UidSet& uids,
                             const PortionLimits& limits) {
    Portion portion;
    EntryWalk walk(reader, mailbox, uids);
    for (std::size_t size = 0;;) {
        TRY(const auto* entry, walk.next());
        if (!entry) return portion;
        size += walk.entry_size() + limits.bytes_each;
        const bool full = portion.entries.size() == limits.messages || size > max_portion_size;
        if (full && !portion.entries.empty()) {
            portion.next = entry->uid;
            return portion;
        }
        portion.entries.push_back(*entry);
    }
}

}  // namespace hongyan::store
