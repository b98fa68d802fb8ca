#include "queue/records.h"

#include "base/bytes.h"
#include "queue/keys.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

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
    priority = 11,
    hold_until = 12,
    deliver_by_mode = 13,
    deliver_by = 14,
    deliver_by_trace = 15,
    requiretls = 16,
    message_id = 17,
    ordered = 18,
    tls_optional = 19,
    passed_on_for = 20,
    is_junk = 21,
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
    last_reply = 7,
    route = 8,
    expiry = 9,
    delay_told = 10,
    wish = 11,
    deadline_told = 12,
};
}
namespace lease_tag {
enum : FieldTag { node = 1, token = 2, until = 3, fresh = 4 };
}
namespace usage_tag {
enum : FieldTag { messages = 1, bytes = 2 };
}

void take_blob(Entry& entry, RecordReader& in, bool& damaged) {
    const auto blob = engine::BlobId::from_bytes(in.text());
    damaged |= !blob.has_value();
    entry.blob = blob.value_or(engine::BlobId{});
}

// What the sender asked for beyond the envelope of RFC 5321.
void take_wish(Entry& entry, RecordReader& in, bool& damaged) {
    switch (in.tag()) {
        case entry_tag::priority:
            damaged |= !take_priority(in, entry.priority);
            break;
        case entry_tag::hold_until:
            entry.hold_until = to_instant(in.number());
            break;
        case entry_tag::deliver_by_mode:
            damaged |= !take_choice(in, DeliverBy::Mode::notify, entry.deliver_by.mode);
            break;
        case entry_tag::deliver_by:
            entry.deliver_by.deadline = to_instant(in.number());
            break;
        case entry_tag::deliver_by_trace:
            entry.deliver_by.trace = in.number() != 0;
            break;
        case entry_tag::requiretls:
            entry.requiretls = in.number() != 0;
            break;
        case entry_tag::tls_optional:
            entry.tls_optional = in.number() != 0;
            break;
        case entry_tag::is_junk:
            entry.is_junk = in.number() != 0;
            break;
        case entry_tag::ordered:
            entry.ordered = in.number() != 0;
            break;
        case entry_tag::message_id:
            entry.message_id = in.text();
            break;
        case entry_tag::passed_on_for:
            entry.passed_on_for = in.text();
            break;
        default:
            entry.unknown += in.field();
    }
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
            take_wish(entry, in, damaged);
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
        case recipient_tag::state:
            damaged |= !take_choice(in, RecipientState::expired, recipient.state);
            break;
        case recipient_tag::attempts:
            recipient.attempts = static_cast<std::uint32_t>(in.number());
            break;
        case recipient_tag::next_attempt:
            recipient.next_attempt = to_instant(in.number());
            break;
        case recipient_tag::last_reply:
            recipient.last_reply = in.text();
            break;
        case recipient_tag::route:
            recipient.route = in.text();
            break;
        case recipient_tag::expiry:
            recipient.expiry = to_instant(in.number());
            break;
        case recipient_tag::delay_told:
            recipient.delay_told = in.number() != 0;
            break;
        case recipient_tag::deadline_told:
            recipient.deadline_told = in.number() != 0;
            break;
        case recipient_tag::wish:
            damaged |= !take_choice(in, Recipient::Wish::cancel, recipient.wish);
            break;
        default:
            recipient.unknown += in.field();
    }
}

void take_field(Lease& lease, RecordReader& in, bool& /*damaged*/) {
    switch (in.tag()) {
        case lease_tag::node:
            lease.node = in.text();
            break;
        case lease_tag::token:
            lease.token = in.number();
            break;
        case lease_tag::until:
            lease.until = to_instant(in.number());
            break;
        case lease_tag::fresh:
            lease.fresh = in.number() != 0;
            break;
        default:
            break;
    }
}

void take_field(Usage& usage, RecordReader& in, bool& /*damaged*/) {
    switch (in.tag()) {
        case usage_tag::messages:
            usage.messages = in.number();
            break;
        case usage_tag::bytes:
            usage.bytes = in.number();
            break;
        default:
            break;
    }
}

template <typename Value>
Result<Value> decode(std::string_view record, std::string_view what) {
    return decode_record<Value>(
        record, what, [](Value& value, RecordReader& in, bool& damaged) { take_field(value, in, damaged); });
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

Result<std::uint32_t> index_of_key(std::string_view key) {
    if (key.size() != entry_key_size + sizeof(std::uint32_t)) return corrupt("key");
    key.remove_prefix(entry_key_size);
    return bytes::take_big_endian<std::uint32_t>(key).value_or(0);
}

bool is_entry_key(std::string_view key) { return key.size() == entry_key_size; }

std::string encode(const Entry& entry) {
    return RecordWriter(record_version)
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
        .number_unless_zero(entry_tag::priority, bytes::zigzag(entry.priority))
        .number_unless_zero(entry_tag::hold_until, to_number(entry.hold_until))
        .number_unless_zero(entry_tag::deliver_by_mode, static_cast<std::uint64_t>(entry.deliver_by.mode))
        .number_unless_zero(entry_tag::deliver_by, to_number(entry.deliver_by.deadline))
        .number_unless_zero(entry_tag::deliver_by_trace, entry.deliver_by.trace ? 1 : 0)
        .number_unless_zero(entry_tag::requiretls, entry.requiretls ? 1 : 0)
        .number_unless_zero(entry_tag::ordered, entry.ordered ? 1 : 0)
        .text_unless_empty(entry_tag::passed_on_for, entry.passed_on_for)
        .text_unless_empty(entry_tag::message_id, entry.message_id)
        .number_unless_zero(entry_tag::tls_optional, entry.tls_optional ? 1 : 0)
        .number_unless_zero(entry_tag::is_junk, entry.is_junk ? 1 : 0)
        .fields(entry.unknown)
        .take();
}

Result<Entry> decode_entry(EntryId id, std::string_view record) {
    TRY(auto entry, decode<Entry>(record, "record of a message"));
    entry.id = id;
    return entry;
}

std::string encode(const Recipient& recipient) {
    return RecordWriter(record_version)
        .text(recipient_tag::address, recipient.address)
        .text_unless_empty(recipient_tag::notify, recipient.notify)
        .text_unless_empty(recipient_tag::original, recipient.original)
        .number_unless_zero(recipient_tag::state, static_cast<std::uint64_t>(recipient.state))
        .number_unless_zero(recipient_tag::attempts, recipient.attempts)
        .number(recipient_tag::next_attempt, to_number(recipient.next_attempt))
        .text_unless_empty(recipient_tag::last_reply, kept_of_reply(recipient.last_reply))
        .text_unless_empty(recipient_tag::route, recipient.route)
        .number_unless_zero(recipient_tag::expiry, to_number(recipient.expiry))
        .number_unless_zero(recipient_tag::delay_told, recipient.delay_told ? 1 : 0)
        .number_unless_zero(recipient_tag::deadline_told, recipient.deadline_told ? 1 : 0)
        .number_unless_zero(recipient_tag::wish, static_cast<std::uint64_t>(recipient.wish))
        .fields(recipient.unknown)
        .take();
}

Result<Recipient> decode_recipient(std::string_view record) {
    return decode<Recipient>(record, "record of a recipient");
}

std::string lease_key(EntryId id, std::uint32_t index) {
    std::string key(keys::leases);
    bytes::put_big_endian(key, id.value());
    bytes::put_big_endian(key, index);
    return key;
}

Result<Attemptable> who_of_lease_key(std::string_view key) {
    if (!key.starts_with(keys::leases)) return corrupt("key");
    key.remove_prefix(keys::leases.size());
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    const auto index = bytes::take_big_endian<std::uint32_t>(key);
    if (!id || !index || !key.empty()) return corrupt("key");
    return Attemptable{EntryId(*id), *index};
}

std::string encode(const Lease& lease) {
    return RecordWriter(record_version)
        .text(lease_tag::node, lease.node)
        .number(lease_tag::token, lease.token)
        .number(lease_tag::until, to_number(lease.until))
        .number_unless_zero(lease_tag::fresh, lease.fresh ? 1 : 0)
        .take();
}
Result<Lease> decode_lease(std::string_view record) { return decode<Lease>(record, "lease"); }

std::string remaining_key(EntryId id) {
    std::string key(keys::remaining);
    bytes::put_big_endian(key, id.value());
    return key;
}
std::string encode_count(std::uint64_t count) {
    std::string out;
    bytes::put_varint(out, count);
    return out;
}
Result<std::uint64_t> decode_count(std::string_view value) {
    const auto count = bytes::take_varint(value);
    if (!count || !value.empty()) return corrupt("count");
    return *count;
}

std::string usage_key(std::string_view account) { return std::string(keys::usage) + std::string(account); }
std::string encode(const Usage& usage) {
    return RecordWriter(record_version)
        .number_unless_zero(usage_tag::messages, usage.messages)
        .number_unless_zero(usage_tag::bytes, usage.bytes)
        .take();
}
Result<Usage> decode_usage(std::string_view record) { return decode<Usage>(record, "usage"); }

}  // namespace hongyan::queue
