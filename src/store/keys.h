// Where things lie in the scope of an account. Numbers are big-endian, so that the engine keeps UIDs,
// messages and changes in their order. docs/formats/store.md has all keys in one table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "store/types.h"

namespace hongyan::store::keys {

inline constexpr char account_letter = 'a';
inline constexpr char mailbox_letter = 'm';
inline constexpr char name_letter = 'n';
inline constexpr char entry_letter = 'e';
inline constexpr char message_letter = 's';
inline constexpr char homes_letter = 'h';
inline constexpr char change_letter = 'x';
inline constexpr char delivery_letter = 'd';
inline constexpr char subscription_letter = 'b';
inline constexpr char index_letter = 'i';
inline constexpr char grant_letter = 'c';
inline constexpr char annotation_letter = 'k';
inline constexpr char subscription_elsewhere_letter = 'o';

template <typename... Numbers>
std::string of(char letter, const Numbers&... numbers) {
    std::string key(1, letter);
    (bytes::put_big_endian(key, numbers.value()), ...);
    return key;
}

inline std::string account() { return of(account_letter); }
inline std::string mailbox(MailboxId id) { return of(mailbox_letter, id); }
inline std::string children(MailboxId parent) { return of(name_letter, parent); }
inline std::string name(MailboxId parent, std::string_view level) { return children(parent).append(level); }
inline std::string entries(MailboxId mailbox) { return of(entry_letter, mailbox); }
inline std::string entry(MailboxId mailbox, Uid uid) { return of(entry_letter, mailbox, uid); }
inline std::string message(MessageId id) { return of(message_letter, id); }
inline std::string homes(MessageId id) { return of(homes_letter, id); }
inline std::string changes(MailboxId mailbox) { return of(change_letter, mailbox); }
inline std::string change(MailboxId mailbox, ModSeq modseq) { return of(change_letter, mailbox, modseq); }
inline std::string index() { return of(index_letter); }
inline std::string segment(SegmentId id) { return of(index_letter, id); }
inline std::string delivery(std::string_view key) { return of(delivery_letter).append(key); }
inline std::string subscription(MailboxId removed) { return of(subscription_letter, removed); }
inline std::string annotations(MailboxId mailbox) { return of(annotation_letter, mailbox); }
inline std::string annotation(MailboxId mailbox, AccountId user, std::string_view entry) {
    return of(annotation_letter, mailbox, user).append(entry);
}
// Keys of URLs lie beside the annotations of their mailbox, and are shorter than any of these.
inline std::string url_keys() { return of(annotation_letter); }
inline std::string url_key(MailboxId mailbox) { return of(annotation_letter, mailbox); }
inline bool is_url_key(std::string_view key) { return key.size() == 1 + sizeof(std::uint32_t); }
inline std::string grants(MailboxId mailbox) { return of(grant_letter, mailbox); }
inline std::string grant(MailboxId mailbox, AccountId grantee) { return of(grant_letter, mailbox, grantee); }
inline std::string subscription_elsewhere(std::string_view name) {
    return of(subscription_elsewhere_letter).append(name);
}
inline constexpr std::size_t max_name_key = 900;  // bytes; the engine's limit counts a prefix

// In the global scope: which accounts have mail.
inline constexpr std::string_view holders = "mail/";
inline std::string holder(AccountId id) {
    std::string key(holders);
    bytes::put_big_endian(key, id.value());
    return key;
}

// In the global scope: which accounts share something with a grantee.
inline constexpr std::string_view all_sharers = "share/";
inline std::string sharers(AccountId grantee) {
    std::string key(all_sharers);
    bytes::put_big_endian(key, grantee.value());
    return key;
}
inline std::string sharer(AccountId grantee, AccountId owner) {
    auto key = sharers(grantee);
    bytes::put_big_endian(key, owner.value());
    return key;
}

// The number at `offset` of a key; nothing if the key ends before.
template <typename Number>
std::optional<Number> number_at(std::string_view key, std::size_t offset) {
    if (key.size() < offset) return std::nullopt;
    key.remove_prefix(offset);
    const auto value = bytes::take_big_endian<typename Number::value_type>(key);
    if (!value) return std::nullopt;
    return Number(*value);
}

inline constexpr std::size_t after_letter = 1;
inline constexpr std::size_t after_mailbox = 1 + sizeof(std::uint32_t);
inline constexpr std::size_t message_key_size = 1 + sizeof(std::uint64_t);

}  // namespace hongyan::store::keys
