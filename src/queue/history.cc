#include "queue/history.h"

#include "base/ascii.h"
#include "queue/keys.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

// In the order of their numbers.
constexpr std::string_view names[] = {"deferred",  "delivered", "relayed", "expanded", "failed",   "expired",
                                      "cancelled", "placed",    "refused", "accepted", "discarded"};
constexpr std::size_t most_of_text = 250;  // bytes of what a message is found by

namespace tag {
enum : FieldTag {
    what = 1,
    time = 2,
    sender = 3,
    recipient = 4,
    account = 5,
    message_id = 6,
    size = 7,
    host = 8,
    address = 9,
    tls = 10,
    policy = 11,
    status = 12,
    reply = 13,
    duration = 14,
    passed_on_for = 15,
    placed_with = 16,
    judged = 17,
    ground = 18,
};
}

void take_attempt(Record& record, RecordReader& in) {
    auto& attempt = record.attempt;
    switch (in.tag()) {
        case tag::time:
            attempt.time = to_instant(in.number());
            break;
        case tag::host:
            attempt.host = in.text();
            break;
        case tag::address:
            attempt.address = in.text();
            break;
        case tag::tls:
            attempt.tls = in.text();
            break;
        case tag::policy:
            attempt.policy = in.text();
            break;
        case tag::status:
            attempt.status = in.text();
            break;
        case tag::reply:
            attempt.reply = in.text();
            break;
        case tag::duration:
            attempt.duration = std::chrono::milliseconds(static_cast<std::int64_t>(in.number()));
            break;
        default:
            record.unknown += in.field();
    }
}

void take_field(Record& record, RecordReader& in, bool& damaged) {
    switch (in.tag()) {
        case tag::what:
            damaged |= !take_choice(in, Happened::discarded, record.what);
            break;
        case tag::sender:
            record.sender = in.text();
            break;
        case tag::recipient:
            record.recipient = in.text();
            break;
        case tag::account:
            record.account = in.text();
            break;
        case tag::message_id:
            record.message_id = in.text();
            break;
        case tag::size:
            record.size = in.number();
            break;
        case tag::judged:
            record.judged = in.text();
            break;
        case tag::ground:
            record.ground = in.text();
            break;
        case tag::passed_on_for:
            record.passed_on_for = in.text();
            break;
        case tag::placed_with:
            record.placed_with = static_cast<std::uint32_t>(in.number());
            break;
        default:
            take_attempt(record, in);
    }
}

void mention(engine::Transaction& transaction, std::string_view text, EntryId id) {
    if (!text.empty()) transaction.put(mention_key(text, id), {});
}

}  // namespace

std::string_view to_string(Happened what) { return names[static_cast<std::size_t>(what)]; }

std::string history_prefix(EntryId id) {
    std::string key(keys::history);
    bytes::put_big_endian(key, id.value());
    return key;
}

std::string history_key(const Record& record) {
    auto key = history_prefix(record.id);
    bytes::put_big_endian(key, record.index);
    bytes::put_big_endian(key, record.number);
    return key;
}

std::string encode(const Record& record) {
    const auto& attempt = record.attempt;
    return RecordWriter(record_version)
        .number_unless_zero(tag::what, static_cast<std::uint64_t>(record.what))
        .number(tag::time, to_number(attempt.time))
        .text_unless_empty(tag::sender, record.sender)
        .text_unless_empty(tag::recipient, record.recipient)
        .text_unless_empty(tag::account, record.account)
        .text_unless_empty(tag::message_id, record.message_id)
        .number_unless_zero(tag::size, record.size)
        .text_unless_empty(tag::host, attempt.host)
        .text_unless_empty(tag::address, attempt.address)
        .text_unless_empty(tag::tls, attempt.tls)
        .text_unless_empty(tag::policy, attempt.policy)
        .text_unless_empty(tag::status, attempt.status)
        .text_unless_empty(tag::reply, kept_of_reply(attempt.reply))
        .number_unless_zero(tag::duration, static_cast<std::uint64_t>(attempt.duration.count()))
        .text_unless_empty(tag::passed_on_for, record.passed_on_for)
        .number_unless_zero(tag::placed_with, record.placed_with)
        .text_unless_empty(tag::judged, record.judged)
        .text_unless_empty(tag::ground, record.ground)
        .fields(record.unknown)
        .take();
}

std::optional<EntryId> id_of_history(std::string_view key) {
    if (!key.starts_with(keys::history)) return std::nullopt;
    key.remove_prefix(keys::history.size());
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    return id ? std::optional(EntryId(*id)) : std::nullopt;
}

Result<Record> decode_history(std::string_view key, std::string_view value) {
    if (!key.starts_with(keys::history)) return corrupt("history");
    key.remove_prefix(keys::history.size());
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    const auto index = bytes::take_big_endian<std::uint32_t>(key);
    const auto number = bytes::take_big_endian<std::uint32_t>(key);
    if (!id || !index || !number || !key.empty()) return corrupt("history");
    TRY(auto record,
        decode_record<Record>(value, "history", [](Record& out, RecordReader& in, bool& damaged) {
            take_field(out, in, damaged);
        }));
    record.id = EntryId(*id);
    record.index = *index;
    record.number = *number;
    return record;
}

std::string mention_prefix(std::string_view text) {
    if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
    auto key = std::string(keys::mentions) + ascii::to_lower(text.substr(0, most_of_text));
    key += '\0';
    return key;
}

std::string mention_key(std::string_view text, EntryId id) {
    auto key = mention_prefix(text);
    bytes::put_big_endian(key, id.value());
    return key;
}

std::vector<std::string> mention_keys(const Record& record) {
    std::vector<std::string> keys;
    for (const auto* text : {&record.sender, &record.recipient, &record.message_id, &record.passed_on_for})
        if (!text->empty()) keys.push_back(mention_key(*text, record.id));
    // Nothing is known but that it had the null reverse-path: it is found by that, "<>".
    if (keys.empty() && record.what == Happened::refused) keys.push_back(mention_key("", record.id));
    return keys;
}

Result<EntryId> id_of_mention(std::string_view key) {
    if (key.size() < sizeof(EntryId::value_type)) return corrupt("history");
    key.remove_prefix(key.size() - sizeof(EntryId::value_type));
    return EntryId(bytes::take_big_endian<std::uint64_t>(key).value_or(0));
}

void tell(engine::Transaction& transaction, const Record& record) {
    transaction.put(history_key(record), encode(record));
}

void mention(engine::Transaction& transaction, const Entry& entry) {
    mention(transaction, entry.sender, entry.id);
    mention(transaction, entry.passed_on_for, entry.id);
    mention(transaction, entry.message_id, entry.id);
    for (const auto& recipient : entry.recipients) mention(transaction, recipient.address, entry.id);
}

}  // namespace hongyan::queue
