#include "store/records.h"

#include <concepts>

#include "base/check.h"
#include "base/record.h"
#include "store/keys.h"

namespace hongyan::store {
namespace {

constexpr auto last_value(MailboxState::Kind) { return MailboxState::Kind::leaving; }
constexpr auto last_value(SpecialUse) { return SpecialUse::important; }

std::uint64_t to_number(Instant instant) { return bytes::zigzag(instant.time_since_epoch().count()); }
Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(bytes::unzigzag(number)));
}

// Writes the fields that it is shown. What is zero, empty or false is left out: a reader starts from these.
class FieldWriter {
public:
    template <typename Value, typename Tag>
    void operator()(FieldTag tag, const Named<Value, Tag>& value) {
        out_.number_unless_zero(tag, value.value());
    }
    void operator()(FieldTag tag, std::uint64_t value) { out_.number_unless_zero(tag, value); }
    void operator()(FieldTag tag, bool value) { out_.number_unless_zero(tag, value ? 1 : 0); }
    void operator()(FieldTag tag, Instant value) { out_.number_unless_zero(tag, to_number(value)); }
    void operator()(FieldTag tag, std::string_view value) { out_.text_unless_empty(tag, value); }
    void operator()(FieldTag tag, const BlobId& value) { out_.text(tag, value.bytes()); }
    template <typename Value>
        requires std::is_enum_v<Value>
    void operator()(FieldTag tag, Value value) {
        out_.number_unless_zero(tag, static_cast<std::uint64_t>(value));
    }

    std::string with(std::string_view unknown) { return out_.fields(unknown).take(); }
    RecordWriter& record() { return out_; }

private:
    RecordWriter out_{record_version};
};

// Takes the present field of a record into the member whose tag it has. What does not fit is damage.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : in_(bytes) {}

    bool next() {
        known_ = false;
        return in_.next();
    }
    template <typename Value, typename Tag>
    void operator()(FieldTag tag, Named<Value, Tag>& value) {
        if (!is(tag)) return;
        const auto number = in_.number();
        value = Named<Value, Tag>(static_cast<Value>(number));
        damaged_ |= value.value() != number;
    }
    void operator()(FieldTag tag, std::uint64_t& value) {
        if (is(tag)) value = in_.number();
    }
    void operator()(FieldTag tag, bool& value) {
        if (is(tag)) value = in_.number() != 0;
    }
    void operator()(FieldTag tag, Instant& value) {
        if (is(tag)) value = to_instant(in_.number());
    }
    void operator()(FieldTag tag, std::string& value) {
        if (is(tag)) value = in_.text();
    }
    void operator()(FieldTag tag, std::string_view& value) {
        if (is(tag)) value = in_.text();
    }
    void operator()(FieldTag tag, BlobId& value) {
        if (!is(tag)) return;
        const auto id = BlobId::from_bytes(in_.text());
        value = id.value_or(BlobId{});
        damaged_ |= !id;
    }
    template <typename Value>
        requires std::is_enum_v<Value>
    void operator()(FieldTag tag, Value& value) {
        if (!is(tag)) return;
        const auto number = in_.number();
        damaged_ |= number > static_cast<std::uint64_t>(last_value(Value{}));
        if (!damaged_) value = static_cast<Value>(number);
    }

    // Whether the present field is this one; for what is not a plain member.
    bool is(FieldTag tag) {
        const bool found = in_.tag() == tag;
        known_ |= found;
        return found;
    }
    // After all members were shown: the field, if none of them took it.
    std::string_view unknown() const { return known_ ? std::string_view() : in_.field(); }
    RecordReader& record() { return in_; }
    void damage() { damaged_ = true; }

    Result<void> verdict(std::string_view what) const {
        if (damaged_ || in_.failed()) return fail(Error::Kind::corrupt, "the record of {} is damaged", what);
        return {};
    }

private:
    RecordReader in_;
    bool known_ = false;
    bool damaged_ = false;
};

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

namespace entry_tag {
constexpr FieldTag flags = 2;
constexpr FieldTag keyword = 3;  // once for each
}  // namespace entry_tag
void fields(auto& field, Of<Entry> auto& entry) {
    field(1, entry.message);
    field(4, entry.modseq);
    field(5, entry.size);
    field(6, entry.received);
    field(7, entry.saved);
}

void fields(auto& field, Of<MessageView> auto& message) {
    field(1, message.blob);
    field(2, message.blob_size);
    field(3, message.received);
    field(4, message.prefix);
    field(5, message.summary);
}

void fields(auto& field, Of<RememberedDelivery> auto& delivery) {
    field(1, delivery.placed.mailbox);
    field(2, delivery.placed.uid_validity);
    field(3, delivery.placed.uid);
    field(4, delivery.placed.message);
    field(5, delivery.placed.modseq);
    field(6, delivery.at);
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
std::string write(const Record& record, std::string_view unknown) {
    FieldWriter writer;
    fields(writer, record);
    return writer.with(unknown);
}

template <typename Record>
Result<Record> read(std::string_view bytes, std::string_view what) {
    Record record;
    FieldReader reader(bytes);
    while (reader.next()) {
        fields(reader, record);
        if constexpr (requires { record.unknown; }) record.unknown += reader.unknown();
    }
    if (!is_possible(record)) reader.damage();
    TRY(reader.verdict(what));
    return record;
}

void read_keyword(FieldReader& reader, Flags& flags) {
    const auto keyword = reader.record().text();
    if (!is_keyword(keyword)) return reader.damage();
    flags.add(keyword);
}

constexpr FieldTag home_tag = 1;
constexpr FieldTag runs_tag = 1;

// run = change first-uid count message, each but the change as the difference to where the run before ended.
void put_run(std::string& out, const ChangeRun& run, const ChangeRun& before) {
    const auto distance = [](std::uint64_t to, std::uint64_t from) {
        return bytes::zigzag(static_cast<std::int64_t>(to - from));
    };
    bytes::put_varint(out, static_cast<std::uint8_t>(run.change));
    bytes::put_varint(out, distance(run.first.value(), before.first.value() + before.count));
    bytes::put_varint(out, run.count);
    bytes::put_varint(out, distance(run.message.value(), before.message.value() + before.count));
}

std::optional<ChangeRun> take_run(std::string_view& in, const ChangeRun& before) {
    const auto change = bytes::take_varint(in);
    const auto uid_distance = bytes::take_varint(in);
    const auto count = bytes::take_varint(in);
    const auto message_distance = bytes::take_varint(in);
    if (!change || !uid_distance || !count || !message_distance) return std::nullopt;
    const auto uid = std::uint64_t{before.first.value()} + before.count +
                     static_cast<std::uint64_t>(bytes::unzigzag(*uid_distance));
    const auto message = before.message.value() + before.count +
                         static_cast<std::uint64_t>(bytes::unzigzag(*message_distance));
    const bool possible = *change >= 1 && *change <= static_cast<std::uint8_t>(Change::destroyed) &&
                          uid >= 1 && *count >= 1 && *count <= UINT32_MAX && uid <= UINT32_MAX &&
                          uid + *count - 1 <= UINT32_MAX;
    if (!possible) return std::nullopt;
    return ChangeRun{static_cast<Change>(*change), Uid(static_cast<std::uint32_t>(uid)),
                     static_cast<std::uint32_t>(*count), MessageId(message)};
}

constexpr ChangeRun before_the_first{Change::changed, Uid(0), 0, MessageId(0)};

// No transaction has room for more.
constexpr std::uint64_t max_changes = 100'000;

bool take_runs(std::string_view in, std::vector<ChangeRun>& runs) {
    for (std::uint64_t changes = 0; !in.empty();) {
        const auto run = take_run(in, runs.empty() ? before_the_first : runs.back());
        if (!run) return false;
        changes += run->count;
        if (changes > max_changes) return false;
        runs.push_back(*run);
    }
    return true;
}

bool take_home(std::string_view in, std::vector<Home>& homes) {
    const auto mailbox = bytes::take_varint(in);
    const auto uid = bytes::take_varint(in);
    const bool whole = mailbox && uid && in.empty() && *mailbox <= UINT32_MAX && *uid <= UINT32_MAX;
    if (whole)
        homes.push_back(
            {MailboxId(static_cast<std::uint32_t>(*mailbox)), Uid(static_cast<std::uint32_t>(*uid))});
    return whole;
}

}  // namespace

std::string encode(const AccountState& account) { return write(account, account.unknown); }
Result<AccountState> decode_account(std::string_view bytes) {
    return read<AccountState>(bytes, "the account");
}

std::string encode(const MailboxState& mailbox) { return write(mailbox, mailbox.unknown); }
Result<MailboxState> decode_mailbox(std::string_view bytes) { return read<MailboxState>(bytes, "a mailbox"); }

std::string encode(const RememberedDelivery& delivery) { return write(delivery, {}); }
Result<RememberedDelivery> decode_delivery(std::string_view bytes) {
    return read<RememberedDelivery>(bytes, "a delivery");
}

std::string encode(const MessageView& message) { return write(message, {}); }
Result<MessageView> decode_message(MessageId id, std::string_view bytes) {
    TRY(auto message, read<MessageView>(bytes, "a message"));
    message.id = id;
    return message;
}

std::string encode(const Entry& entry) {
    FieldWriter writer;
    fields(writer, entry);
    writer(entry_tag::flags, std::uint64_t{entry.flags.bits()});
    for (const auto& keyword : entry.flags.keywords()) writer(entry_tag::keyword, std::string_view(keyword));
    return writer.with(entry.unknown);
}

Result<void> decode_entry(Uid uid, std::string_view bytes, Entry& entry) {
    entry = {};
    entry.uid = uid;
    FieldReader reader(bytes);
    while (reader.next()) {
        fields(reader, entry);
        if (reader.is(entry_tag::flags))
            entry.flags.add(Flags::of_bits(static_cast<std::uint8_t>(reader.record().number())));
        if (reader.is(entry_tag::keyword)) read_keyword(reader, entry.flags);
        entry.unknown += reader.unknown();
    }
    return reader.verdict("a message in a mailbox");
}

Result<Entry> decode_entry(Uid uid, std::string_view bytes) {
    Entry entry;
    TRY(decode_entry(uid, bytes, entry));
    return entry;
}

std::string encode(const HomesRecord& homes) {
    FieldWriter writer;
    for (const auto& home : homes.homes) {
        std::string place;
        bytes::put_varint(place, home.mailbox.value());
        bytes::put_varint(place, home.uid.value());
        writer(home_tag, std::string_view(place));
    }
    return writer.with(homes.unknown);
}

Result<HomesRecord> decode_homes(std::string_view bytes) {
    HomesRecord homes;
    FieldReader reader(bytes);
    while (reader.next()) {
        if (reader.is(home_tag) && !take_home(reader.record().text(), homes.homes)) reader.damage();
        homes.unknown += reader.unknown();
    }
    TRY(reader.verdict("a message's mailboxes"));
    return homes;
}

std::string encode(const ChangeRecord& changes) {
    std::string runs;
    const auto* before = &before_the_first;
    for (const auto& run : changes.runs) {
        put_run(runs, run, *before);
        before = &run;
    }
    FieldWriter writer;
    writer(runs_tag, std::string_view(runs));
    return writer.with(changes.unknown);
}

Result<ChangeRecord> decode_changes(std::string_view bytes) {
    ChangeRecord changes;
    FieldReader reader(bytes);
    while (reader.next()) {
        if (reader.is(runs_tag) && !take_runs(reader.record().text(), changes.runs)) reader.damage();
        changes.unknown += reader.unknown();
    }
    TRY(reader.verdict("changes"));
    return changes;
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
