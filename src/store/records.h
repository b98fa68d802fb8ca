// The values of the store as bytes and back: docs/formats/store.md. A reader says what was damaged; the
// fields it does not know stay with the value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/changes.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/rights.h"
#include "store/types.h"

namespace hongyan::store {

std::string encode(const AccountState& account);
Result<AccountState> decode_account(std::string_view bytes);

std::string encode(const MailboxState& mailbox);
Result<MailboxState> decode_mailbox(std::string_view bytes);

// The UID is in the key.
std::string encode(const Entry& entry);
Result<Entry> decode_entry(Uid uid, std::string_view bytes);
// The same into an entry that is used again and again.
Result<void> decode_entry(Uid uid, std::string_view bytes, Entry& entry);

// The id is in the key. The view looks at `bytes`.
std::string encode(const MessageView& message);
Result<MessageView> decode_message(MessageId id, std::string_view bytes);

// All places of a message.
struct HomesRecord {
    std::vector<Home> homes;
    std::string unknown;

    friend bool operator==(const HomesRecord&, const HomesRecord&) = default;
};
std::string encode(const HomesRecord& homes);
Result<HomesRecord> decode_homes(std::string_view bytes);

std::string encode(const ChangeRecord& changes);
Result<ChangeRecord> decode_changes(std::string_view bytes);

// What a delivery key once led to.
struct RememberedDelivery {
    Placed placed;
    Instant at;
    BlobId blob{};  // what was delivered; {}: an older program has not said

    friend bool operator==(const RememberedDelivery&, const RememberedDelivery&) = default;
};
std::string encode(const RememberedDelivery& delivery);
Result<RememberedDelivery> decode_delivery(std::string_view bytes);

struct AnnotationRecord {
    std::string value;
    ModSeq modseq;
    bool removed = false;
};
std::string encode(const AnnotationRecord& annotation);
Result<AnnotationRecord> decode_annotation(std::string_view bytes);

std::string encode(Rights rights);
Result<Rights> decode_rights(std::string_view bytes);

std::string encode_id(MailboxId id);
Result<MailboxId> decode_mailbox_id(std::string_view bytes);

// What is larger than one value may be lies in pieces under the message's key: each but the last of this
// size.
inline constexpr std::size_t message_piece_size = 60'000;
inline constexpr std::size_t max_message_record_size = 100'000;  // the largest summary and prefix fit
std::string piece_key(MessageId id, std::uint16_t piece);
void put_message(engine::Transaction& transaction, MessageId id, std::string_view record);
void erase_message(engine::Transaction& transaction, MessageId id, std::size_t record_size);
// not_found if there is none.
Result<std::string> get_message(const engine::Reader& reader, MessageId id);

}  // namespace hongyan::store
