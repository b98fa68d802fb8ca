#include "store/records.h"

#include <concepts>

#include "base/check.h"
#include "store/fields.h"
#include "store/keys.h"

namespace hongyan::store {
namespace {

template <typename Value, typename Record>
concept Of = std::same_as<std::remove_const_t<Value>, Record>;

// The fields of each record, for its writer and its reader alike. A tag is never used for another meaning,
// even when its field is gone.
void fields(auto& field, Of<AccountState> auto& account) {
    field(1, account.modseq);
    field(2, account.next_mailbox);
    field(3, account.next_message);
    field(4, account.last_uid_validity);
    field(5, account.usage.bytes);
    field(6, account.usage.messages);
    field(7, account.quota.bytes);
    field(8, account.quota.messages);
    field(9, account.history_floor);
    field(10, account.leaving);
}

void fields(auto& field, Of<MailboxState> auto& mailbox) {
    field(1, mailbox.parent);
    field(2, mailbox.level);
    field(3, mailbox.kind);
    field(4, mailbox.use);
    field(5, mailbox.subscribed);
    field(6, mailbox.uid_validity);
    field(7, mailbox.uid_next);
    field(8, mailbox.first_recent);
    field(9, mailbox.created);
    field(10, mailbox.highest_modseq);
    field(11, mailbox.counts.messages);
    field(12, mailbox.counts.unseen);
    field(13, mailbox.counts.deleted);
    field(14, mailbox.counts.bytes);
}

void fields(auto& field, Of<Entry> auto& entry) {
    field(1, entry.message);
    field(2, entry.flags);  // and 3
    field(4, entry.modseq);
    field(5, entry.size);
    field(6, entry.received);
    field(7, entry.saved);
    field(8, entry.unended);
    field(9, entry.foreign);
    field(10, entry.has_nul);
}

void fields(auto& field, Of<MessageView> auto& message) {
    field(1, message.blob);
    field(2, message.blob_size);
    field(3, message.received);
    field(4, message.prefix);
    field(5, message.summary);
    field(6, message.unended);
    field(7, message.origin);
    field(8, message.told_size);
}

void fields(auto& field, Of<HomesRecord> auto& homes) { field(1, homes.homes); }

void fields(auto& field, Of<ChangeRecord> auto& changes) { field(1, changes.runs); }

void fields(auto& field, Of<RememberedDelivery> auto& delivery) {
    field(1, delivery.placed.mailbox);
    field(2, delivery.placed.uid_validity);
    field(3, delivery.placed.uid);
    field(4, delivery.placed.message);
    field(5, delivery.placed.modseq);
    field(6, delivery.at);
    field(7, delivery.blob);
}

struct RightsRecord {
    std::uint64_t bits = 0;
};
void fields(auto& field, Of<RightsRecord> auto& rights) { field(1, rights.bits); }

void fields(auto& field, Of<AnnotationRecord> auto& annotation) {
    field(1, annotation.value);
    field(2, annotation.modseq);
    field(3, annotation.removed);
}

// What a record may leave out, but may not say.
bool is_possible(const auto&) { return true; }
bool is_possible(const AccountState& account) {
    return account.next_mailbox != no_mailbox && account.next_message != MessageId();
}
bool is_possible(const MailboxState& mailbox) {
    return mailbox.uid_next != Uid() && mailbox.first_recent != Uid();
}

template <typename Record>
constexpr bool keeps_unknown = requires(Record record) { record.unknown; };

template <typename Record>
std::string write(const Record& record) {
    FieldWriter writer;
    fields(writer, record);
    if constexpr (keeps_unknown<Record>) return writer.with(record.unknown);
    return writer.with({});
}

// Into a record that is as if newly made.
template <typename Record>
Result<void> read(std::string_view bytes, Record& record, std::string_view what) {
    FieldReader reader(bytes);
    while (!reader.at_end()) {
        const auto before = reader.fields_taken();
        fields(reader, record);
        if (reader.fields_taken() != before) continue;
        const auto unknown = reader.pass_over();
        if constexpr (keeps_unknown<Record>) record.unknown += unknown;
    }
    reader.expect(is_possible(record));
    if (reader.damaged()) return fail(Error::Kind::corrupt, "the record of {} is damaged", what);
    return {};
}

template <typename Record>
Result<Record> read(std::string_view bytes, std::string_view what) {
    Record record;
    TRY(read(bytes, record, what));
    return record;
}

}  // namespace

std::string encode(const AccountState& account) { return write(account); }
Result<AccountState> decode_account(std::string_view bytes) {
    return read<AccountState>(bytes, "the account");
}

std::string encode(const MailboxState& mailbox) { return write(mailbox); }
Result<MailboxState> decode_mailbox(std::string_view bytes) { return read<MailboxState>(bytes, "a mailbox"); }

std::string encode(const Entry& entry) { return write(entry); }
Result<void> decode_entry(Uid uid, std::string_view bytes, Entry& entry) {
    entry = {};
    entry.uid = uid;
    return read(bytes, entry, "a message in a mailbox");
}
Result<Entry> decode_entry(Uid uid, std::string_view bytes) {
    Entry entry;
    TRY(decode_entry(uid, bytes, entry));
    return entry;
}

std::string encode(const MessageView& message) { return write(message); }
Result<MessageView> decode_message(MessageId id, std::string_view bytes) {
    MessageView message;
    message.id = id;
    TRY(read(bytes, message, "a message"));
    return message;
}

std::string encode(const HomesRecord& homes) { return write(homes); }
Result<HomesRecord> decode_homes(std::string_view bytes) {
    return read<HomesRecord>(bytes, "a message's mailboxes");
}

std::string encode(const ChangeRecord& changes) { return write(changes); }
Result<ChangeRecord> decode_changes(std::string_view bytes) { return read<ChangeRecord>(bytes, "changes"); }

std::string encode(const RememberedDelivery& delivery) { return write(delivery); }
Result<RememberedDelivery> decode_delivery(std::string_view bytes) {
    return read<RememberedDelivery>(bytes, "a delivery");
}

std::string encode(Rights rights) { return write(RightsRecord{rights.bits()}); }
Result<Rights> decode_rights(std::string_view bytes) {
    TRY(const auto record, read<RightsRecord>(bytes, "somebody's rights"));
    return Rights::of_bits(record.bits);
}

std::string encode(const AnnotationRecord& annotation) { return write(annotation); }
Result<AnnotationRecord> decode_annotation(std::string_view bytes) {
    return read<AnnotationRecord>(bytes, "an annotation");
}

std::string encode_id(MailboxId id) {
    std::string out;
    bytes::put_varint(out, id.value());
    return out;
}

Result<MailboxId> decode_mailbox_id(std::string_view bytes) {
    const auto id = bytes::take_varint(bytes);
    if (!id || *id > UINT32_MAX || !bytes.empty())
        return fail(Error::Kind::corrupt, "the name of a mailbox leads nowhere");
    return MailboxId(static_cast<std::uint32_t>(*id));
}

std::string piece_key(MessageId id, std::uint16_t piece) {
    auto key = keys::message(id);
    if (piece > 0) bytes::put_big_endian(key, piece);
    return key;
}

namespace {

// A piece that is full is followed by another, if only by an empty one.
std::uint16_t pieces_of(std::size_t record_size) {
    return static_cast<std::uint16_t>(record_size / message_piece_size + 1);
}

}  // namespace

void put_message(engine::Transaction& transaction, MessageId id, std::string_view record) {
    check(record.size() <= max_message_record_size, "the size of a message's record was looked at before");
    for (std::uint16_t piece = 0; piece < pieces_of(record.size()); ++piece)
        transaction.put(piece_key(id, piece), record.substr(piece * message_piece_size, message_piece_size));
}

void erase_message(engine::Transaction& transaction, MessageId id, std::size_t record_size) {
    for (std::uint16_t piece = 0; piece < pieces_of(record_size); ++piece)
        transaction.erase(piece_key(id, piece));
}

Result<std::string> get_message(const engine::Reader& reader, MessageId id) {
    std::string record;
    for (std::uint16_t piece = 0;; ++piece) {
        TRY(const auto bytes, reader.get(piece_key(id, piece)));
        if (!bytes && piece == 0) return fail(Error::Kind::not_found, "there is no message {}", id);
        if (!bytes) return fail(Error::Kind::corrupt, "message {} is not kept whole", id);
        record += *bytes;
        if (bytes->size() < message_piece_size) return record;
    }
}

}  // namespace hongyan::store
