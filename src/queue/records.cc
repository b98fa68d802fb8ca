#include "queue/records.h"

#include "base/bytes.h"
#include "base/record.h"

namespace hongyan::queue {

namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t id_size = sizeof(EntryId::value_type);
constexpr std::size_t entry_key_size = key_prefix.size() + id_size;

namespace entry_tag {
enum : FieldTag {
    sender = 1,
    account = 2,
    body = 3,
    smtputf8 = 4,
    wanted_return = 5,
    envelope_id = 6,
    prefix = 7,
    blob = 8,
    blob_size = 9,
    arrival = 10,
};
}
namespace recipient_tag {
enum : FieldTag {
    address = 1,
    notify = 2,
    original = 3,
    state = 4,
    attempts = 5,
    next_attempt = 6,
    last_reply = 7
};
}

std::uint64_t to_number(Instant when) { return static_cast<std::uint64_t>(when.time_since_epoch().count()); }
Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Error::Kind::corrupt, "the queue's {} is damaged", what);
}

void take_blob(Entry& entry, RecordReader& in, bool& damaged) {
    const auto blob = engine::BlobId::from_bytes(in.text());
    damaged |= !blob.has_value();
    entry.blob = blob.value_or(engine::BlobId{});
}

void take_field(Entry& entry, RecordReader& in, bool& damaged) {
    switch (in.tag()) {
        case entry_tag::sender:
            entry.sender = in.text();
            break;
        case entry_tag::account:
            entry.account = in.text();
            break;
        case entry_tag::body:
            entry.body = in.text();
            break;
        case entry_tag::smtputf8:
            entry.smtputf8 = in.number() != 0;
            break;
        case entry_tag::wanted_return:
            entry.wanted_return = in.text();
            break;
        case entry_tag::envelope_id:
            entry.envelope_id = in.text();
            break;
        case entry_tag::prefix:
            entry.prefix = in.text();
            break;
        case entry_tag::blob:
            take_blob(entry, in, damaged);
            break;
        case entry_tag::blob_size:
            entry.blob_size = in.number();
            break;
        case entry_tag::arrival:
            entry.arrival = to_instant(in.number());
            break;
        default:
            entry.unknown += in.field();
    }
}

void take_field(Recipient& recipient, RecordReader& in, bool& damaged) {
    switch (in.tag()) {
        case recipient_tag::address:
            recipient.address = in.text();
            break;
        case recipient_tag::notify:
            recipient.notify = in.text();
            break;
        case recipient_tag::original:
            recipient.original = in.text();
            break;
        case recipient_tag::state: {
            const auto state = in.number();
            damaged |= state > static_cast<std::uint64_t>(RecipientState::failed);
            recipient.state = static_cast<RecipientState>(state);
            break;
        }
        case recipient_tag::attempts:
            recipient.attempts = static_cast<std::uint32_t>(in.number());
            break;
        case recipient_tag::next_attempt:
            recipient.next_attempt = to_instant(in.number());
            break;
        case recipient_tag::last_reply:
            recipient.last_reply = in.text();
            break;
        default:
            recipient.unknown += in.field();
    }
}

template <typename Value>
Result<Value> decode(std::string_view record, std::string_view what) {
    Value value;
    bool damaged = false;
    RecordReader in(record);
    while (in.next()) take_field(value, in, damaged);
    if (in.failed() || damaged) return corrupt(what);
    return value;
}

}  // namespace

std::string entry_key(EntryId id) {
    std::string key(key_prefix);
    bytes::put_big_endian(key, id.value());
    return key;
}

std::string recipient_key(EntryId id, std::uint32_t index) {
    auto key = entry_key(id);
    bytes::put_big_endian(key, index);
    return key;
}

Result<EntryId> id_of_key(std::string_view key) {
    if (!key.starts_with(key_prefix)) return corrupt("key");
    key.remove_prefix(key_prefix.size());
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    if (!id || (!key.empty() && key.size() != sizeof(std::uint32_t))) return corrupt("key");
    return EntryId(*id);
}

bool is_entry_key(std::string_view key) { return key.size() == entry_key_size; }

std::string encode(const Entry& entry) {
    return RecordWriter(version)
        .text_unless_empty(entry_tag::sender, entry.sender)
        .text_unless_empty(entry_tag::account, entry.account)
        .text_unless_empty(entry_tag::body, entry.body)
        .number_unless_zero(entry_tag::smtputf8, entry.smtputf8 ? 1 : 0)
        .text_unless_empty(entry_tag::wanted_return, entry.wanted_return)
        .text_unless_empty(entry_tag::envelope_id, entry.envelope_id)
        .text_unless_empty(entry_tag::prefix, entry.prefix)
        .text(entry_tag::blob, entry.blob.bytes())
        .number_unless_zero(entry_tag::blob_size, entry.blob_size)
        .number(entry_tag::arrival, to_number(entry.arrival))
        .fields(entry.unknown)
        .take();
}

Result<Entry> decode_entry(EntryId id, std::string_view record) {
    TRY(auto entry, decode<Entry>(record, "record of a message"));
    entry.id = id;
    return entry;
}

std::string encode(const Recipient& recipient) {
    return RecordWriter(version)
        .text(recipient_tag::address, recipient.address)
        .text_unless_empty(recipient_tag::notify, recipient.notify)
        .text_unless_empty(recipient_tag::original, recipient.original)
        .number_unless_zero(recipient_tag::state, static_cast<std::uint64_t>(recipient.state))
        .number_unless_zero(recipient_tag::attempts, recipient.attempts)
        .number(recipient_tag::next_attempt, to_number(recipient.next_attempt))
        .text_unless_empty(recipient_tag::last_reply, recipient.last_reply)
        .fields(recipient.unknown)
        .take();
}

Result<Recipient> decode_recipient(std::string_view record) {
    return decode<Recipient>(record, "record of a recipient");
}

}  // namespace hongyan::queue
