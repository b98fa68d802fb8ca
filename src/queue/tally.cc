#include "queue/tally.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/bytes.h"
#include "queue/keys.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

constexpr std::size_t longest_name = 250;  // bytes of it in a key

namespace tag {
enum : FieldTag { ready = 1, asleep = 2, leased = 3, held = 4, finished = 5 };
}

std::string name_key(std::string_view kind, std::string_view name) {
    return std::string(kind) + ascii::to_lower(name.substr(0, longest_name)) + '\0';
}

std::uint64_t changed(std::uint64_t from, std::int64_t by) {
    return by >= 0 ? from + static_cast<std::uint64_t>(by)
                   : from - std::min(from, static_cast<std::uint64_t>(-by));
}

void count_at(engine::Transaction& transaction, std::string_view destination, std::int64_t by) {
    const auto key = destination_count_key(destination);
    const auto record = transaction.get(key);
    const auto before = record && *record ? decode_count(**record) : Result<std::uint64_t>(0);
    if (!record || !before) return;
    const auto now = changed(*before, by);
    if (now == 0)
        transaction.erase(key);
    else
        transaction.put(key, encode_count(now));
}

// Each once.
std::set<std::string> senders_of(const Entry& entry) {
    std::set<std::string> names{ascii::to_lower(entry.sender)};
    if (!entry.passed_on_for.empty()) names.insert(ascii::to_lower(entry.passed_on_for));
    if (!entry.account.empty()) names.insert(ascii::to_lower(entry.account));
    return names;
}

std::set<std::string> destinations_of(const Recipient& recipient) {
    auto as_written = recipient;
    as_written.route.clear();
    return {destination_of(recipient), destination_of(as_written)};
}

}  // namespace

std::string encode(const Tally& tally) {
    return RecordWriter(record_version)
        .number_unless_zero(tag::ready, tally.ready)
        .number_unless_zero(tag::asleep, tally.asleep)
        .number_unless_zero(tag::leased, tally.leased)
        .number_unless_zero(tag::held, tally.held)
        .number_unless_zero(tag::finished, tally.finished)
        .take();
}

Result<Tally> decode_tally(std::string_view record) {
    return decode_record<Tally>(record, "tally", [](Tally& out, RecordReader& in, bool& /*damaged*/) {
        if (in.tag() == tag::ready) out.ready = in.number();
        if (in.tag() == tag::asleep) out.asleep = in.number();
        if (in.tag() == tag::leased) out.leased = in.number();
        if (in.tag() == tag::held) out.held = in.number();
        if (in.tag() == tag::finished) out.finished = in.number();
    });
}

Result<Tally> read_tally(const engine::Reader& reader) {
    TRY(const auto record, reader.get(keys::tally));
    return record ? decode_tally(*record) : Tally{};
}

void count(engine::Transaction& transaction, const Change& change) {
    auto tally = read_tally(transaction);
    if (!tally) return;
    tally->ready = changed(tally->ready, change.ready);
    tally->asleep = changed(tally->asleep, change.asleep);
    tally->leased = changed(tally->leased, change.leased);
    tally->held = changed(tally->held, change.held);
    tally->finished = changed(tally->finished, change.finished);
    transaction.put(keys::tally, encode(*tally));
}

void enlist(engine::Transaction& transaction, const Entry& entry) {
    for (const auto& name : senders_of(entry)) transaction.put(by_sender_key(name, entry.id), {});
}

void strike(engine::Transaction& transaction, const Entry& entry) {
    for (const auto& name : senders_of(entry)) transaction.erase(by_sender_key(name, entry.id));
}

Result<bool> is_enlisted(const engine::Transaction& transaction, const Entry& entry) {
    TRY(const auto present, transaction.get(by_sender_key(entry.sender, entry.id)));
    return present.has_value();
}

void enlist(engine::Transaction& transaction, EntryId id, const Recipient& recipient) {
    for (const auto& name : destinations_of(recipient))
        transaction.put(by_destination_key(name, id, recipient.index), recipient.address);
    count_at(transaction, destination_of(recipient), +1);
}

void strike(engine::Transaction& transaction, EntryId id, const Recipient& recipient) {
    for (const auto& name : destinations_of(recipient))
        transaction.erase(by_destination_key(name, id, recipient.index));
    count_at(transaction, destination_of(recipient), -1);
}

std::string by_destination_prefix(std::string_view name) { return name_key(keys::by_destination, name); }
std::string by_destination_key(std::string_view name, EntryId id, std::uint32_t index) {
    auto key = by_destination_prefix(name);
    bytes::put_big_endian(key, id.value());
    bytes::put_big_endian(key, index);
    return key;
}

std::string by_sender_prefix(std::string_view name) { return name_key(keys::by_sender, name); }
std::string by_sender_key(std::string_view name, EntryId id) {
    auto key = by_sender_prefix(name);
    bytes::put_big_endian(key, id.value());
    return key;
}

Result<EntryId> id_behind(std::string_view prefix, std::string_view key) {
    if (!key.starts_with(prefix)) return corrupt("key");
    key.remove_prefix(prefix.size());
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    if (!id) return corrupt("key");
    return EntryId(*id);
}

std::string destination_count_key(std::string_view name) {
    return std::string(keys::destination_counts) + ascii::to_lower(name.substr(0, longest_name));
}
std::string_view destination_of_count(std::string_view key) {
    return key.substr(keys::destination_counts.size());
}

}  // namespace hongyan::queue
