#include "store/placement.h"

#include <algorithm>

#include "store/keys.h"
#include "store/reading.h"

namespace hongyan::store {
namespace {

bool exceeds(std::uint64_t used, std::uint64_t more, std::uint64_t limit) {
    return limit != 0 && (more > limit || used > limit - more);
}

Result<void> charge(AccountState& account, std::uint64_t bytes) {
    if (exceeds(account.usage.bytes, bytes, account.quota.bytes))
        return fail(Error::Kind::over_quota, "{} bytes are used of {}, and {} more were wanted",
                    account.usage.bytes, account.quota.bytes, bytes);
    if (exceeds(account.usage.messages, 1, account.quota.messages))
        return fail(Error::Kind::over_quota, "the account has {} messages and may have no more",
                    account.usage.messages);
    account.usage.bytes += bytes;
    account.usage.messages += 1;
    return {};
}

void credit(AccountState& account, std::uint64_t bytes) {
    account.usage.bytes -= std::min(bytes, account.usage.bytes);
    account.usage.messages -= std::min<std::uint64_t>(1, account.usage.messages);
}

Result<Uid> next_uid(MailboxState& mailbox) {
    if (mailbox.uid_next == last_uid)
        return fail(Error::Kind::unavailable, "\"{}\" has no UIDs left", mailbox.level);
    const auto uid = mailbox.uid_next;
    mailbox.uid_next = uid.next();
    return uid;
}

void put_homes(Edit& edit, MessageId id, const HomesRecord& homes) {
    edit.transaction().put(keys::homes(id), encode(homes));
}

void put_entry(Edit& edit, MailboxId mailbox, const Entry& entry) {
    edit.transaction().put(keys::entry(mailbox, entry.uid), encode(entry));
}

void erase_entry(Edit& edit, MailboxId mailbox, MailboxState& state, const Entry& entry) {
    edit.transaction().erase(keys::entry(mailbox, entry.uid));
    discount(state.counts, entry);
}

// Gives the entry its UID and writes it.
Result<Placed> enter(Edit& edit, MailboxId mailbox, Entry& entry, Change change, Instant now) {
    TRY(auto* state, edit.selectable(mailbox));
    TRY(entry.uid, next_uid(*state));
    entry.modseq = edit.modseq();
    entry.saved = now;
    count(state->counts, entry);
    put_entry(edit, mailbox, entry);
    edit.log(mailbox, change, entry.uid, entry.message);
    return Placed{.mailbox = mailbox,
                  .uid_validity = state->uid_validity,
                  .uid = entry.uid,
                  .message = entry.message,
                  .modseq = entry.modseq};
}

Result<std::string> record_of(const NewMessage& message, MessageId id) {
    if (message.prefix.size() > max_prefix_size)
        return fail(Error::Kind::too_large, "{} bytes of trace fields are too many", message.prefix.size());
    auto record = encode(MessageView{.id = id,
                                     .blob = message.content->blob->id,
                                     .blob_size = message.content->blob->size,
                                     .received = message.received,
                                     .prefix = message.prefix,
                                     .summary = message.content->summary,
                                     .unended = message.content->unended,
                                     .told_size = message.content->told_size});
    if (record.size() > max_message_record_size)
        return fail(Error::Kind::too_large, "the header and structure of the message need {} bytes",
                    record.size());
    return record;
}

// Without any place left, the message goes.
Result<void> destroy(Edit& edit, MessageId id) {
    TRY(const auto record, get_message(edit.transaction(), id));
    TRY(const auto message, decode_message(id, record));
    TRY(edit.transaction().release(message.blob));
    erase_message(edit.transaction(), id, record.size());
    edit.transaction().erase(keys::homes(id));
    credit(edit.account(), message.size());
    return {};
}

Result<void> replace_home(Edit& edit, MessageId id, const Home& old, const Home& now) {
    TRY(auto homes, read_homes(edit.transaction(), id));
    std::ranges::replace(homes.homes, old, now);
    put_homes(edit, id, homes);
    return {};
}

// What the key led to before, if it is remembered. That another message has the key must not be, and would be
// a message lost.
Result<std::optional<Placed>> find_delivery(Edit& edit, std::string_view key, const BlobId& blob) {
    if (key.empty()) return std::nullopt;
    if (key.size() > max_delivery_key_size)
        return fail(Error::Kind::too_large, "the key of a delivery has {} bytes", key.size());
    TRY(const auto bytes, edit.transaction().get(keys::delivery(key)));
    if (!bytes) return std::nullopt;
    TRY(auto delivery, decode_delivery(*bytes));
    if (delivery.blob != BlobId{} && delivery.blob != blob)
        return fail(Error::Kind::conflict, "another message was delivered as \"{}\"", key);
    delivery.placed.seen_before = true;
    return delivery.placed;
}

}  // namespace

Result<void> permit_keywords(const Flags& flags) {
    for (const auto& keyword : flags.keywords())
        if (!is_keyword(keyword)) return fail(Error::Kind::invalid, "\"{}\" is not a keyword", keyword);
    if (flags.keywords().size() > max_keywords)
        return fail(Error::Kind::too_large, "a message may have {} keywords, not {}", max_keywords,
                    flags.keywords().size());
    return {};
}

void count(Counts& counts, const Entry& entry) {
    counts.messages += 1;
    counts.unseen += entry.flags.contains(Flag::seen) ? 0 : 1;
    counts.deleted += entry.flags.contains(Flag::deleted) ? 1 : 0;
    counts.bytes += entry.size;
}

void discount(Counts& counts, const Entry& entry) {
    counts.messages -= 1;
    counts.unseen -= entry.flags.contains(Flag::seen) ? 0 : 1;
    counts.deleted -= entry.flags.contains(Flag::deleted) ? 1 : 0;
    counts.bytes -= entry.size;
}

Result<Placed> place_new(Edit& edit, MailboxId mailbox, const NewMessage& message, Instant now) {
    const auto id = edit.account().next_message;
    TRY(permit_keywords(message.flags));
    TRY(const auto record, record_of(message, id));
    Entry entry;
    entry.message = id;
    entry.flags = message.flags;
    const auto size = message.prefix.size() + message.content->blob->size;
    entry.has_nul = message.content->told_size > 0;
    entry.size = entry.has_nul ? message.prefix.size() + message.content->told_size : size;
    entry.received = message.received;
    entry.unended = message.content->unended;
    TRY(const auto placed, enter(edit, mailbox, entry, Change::appended, now));
    TRY(charge(edit.account(), size));
    edit.account().next_message = id.next();
    put_message(edit.transaction(), id, record);
    put_homes(edit, id, {{{mailbox, placed.uid}}, {}});
    edit.transaction().keep(message.content->blob);
    return placed;
}

Result<Placed> place_foreign(Edit& edit, MailboxId mailbox, AccountId from, const Entry& original,
                             const MessageView& foreign, Instant now) {
    TRY(edit.transaction().keep(foreign.blob));
    const auto id = edit.account().next_message;
    auto message = foreign;
    message.id = id;
    message.origin = foreign.origin.value_or(Origin{from, foreign.id});
    const auto record = encode(message);
    auto entry = original;
    entry.message = id;
    entry.foreign = true;
    TRY(const auto placed, enter(edit, mailbox, entry, Change::appended, now));
    TRY(charge(edit.account(), message.size()));
    edit.account().next_message = id.next();
    put_message(edit.transaction(), id, record);
    put_homes(edit, id, {{{mailbox, placed.uid}}, {}});
    return placed;
}

Result<Placed> place_once(Edit& edit, MailboxId mailbox, const NewMessage& message, Instant now) {
    TRY(const auto known, find_delivery(edit, message.key, message.content->blob->id));
    if (known) return *known;
    TRY(const auto placed, place_new(edit, mailbox, message, now));
    if (!message.key.empty())
        edit.transaction().put(keys::delivery(message.key),
                               encode(RememberedDelivery{placed, now, message.content->blob->id}));
    return placed;
}

Result<Placed> place_copy(Edit& edit, AccountId account, const Entry& original, MailboxId to,
                          const Flags& flags, Instant now) {
    auto entry = original;
    entry.flags = flags;
    TRY(auto homes, read_homes(edit.transaction(), entry.message));
    if (homes.homes.size() >= max_homes) {
        TRY(const auto record, get_message(edit.transaction(), entry.message));
        TRY(const auto message, decode_message(entry.message, record));
        return place_foreign(edit, to, account, entry, message, now);
    }
    TRY(const auto placed, enter(edit, to, entry, Change::joined, now));
    homes.homes.push_back({to, placed.uid});
    put_homes(edit, entry.message, homes);
    return placed;
}

Result<Placed> place_moved(Edit& edit, MailboxId from, const Entry& original, MailboxId to,
                           const Flags& flags, Instant now) {
    auto entry = original;
    entry.flags = flags;
    TRY(auto* left, edit.any_mailbox(from));
    TRY(const auto placed, enter(edit, to, entry, Change::joined, now));
    erase_entry(edit, from, *left, original);
    edit.log(from, Change::left, original.uid, original.message);
    TRY(replace_home(edit, entry.message, {from, original.uid}, {to, placed.uid}));
    return placed;
}

Result<void> take_out(Edit& edit, MailboxId mailbox, const Entry& entry) {
    TRY(auto* state, edit.any_mailbox(mailbox));
    erase_entry(edit, mailbox, *state, entry);
    TRY(auto homes, read_homes(edit.transaction(), entry.message));
    std::erase(homes.homes, Home{mailbox, entry.uid});
    const bool is_last = homes.homes.empty();
    edit.log(mailbox, is_last ? Change::destroyed : Change::left, entry.uid, entry.message);
    if (is_last) return destroy(edit, entry.message);
    put_homes(edit, entry.message, homes);
    return {};
}

Result<Entry> put_flags(Edit& edit, MailboxId mailbox, const Entry& before, Flags flags) {
    TRY(auto* state, edit.any_mailbox(mailbox));
    auto entry = before;
    entry.flags = std::move(flags);
    entry.modseq = edit.modseq();
    discount(state->counts, before);
    count(state->counts, entry);
    put_entry(edit, mailbox, entry);
    edit.log(mailbox, Change::changed, entry.uid, entry.message);
    return entry;
}

}  // namespace hongyan::store
