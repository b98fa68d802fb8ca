// What messages are sorted, threaded (RFC 5256, RFC 5957) and searched by, ready to be compared: taken from
// the summaries once, kept in memory, and shared by the sessions of a process.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "imap/mailbox_view.h"
#include "message/summary.h"
#include "store/view.h"

namespace hongyan::imap {

// A message's keys come from what never changes of it, so they are only ever added to.
enum class KeyKind : std::uint8_t {
    sent,          // RFC 5256 §2.2, in seconds
    subject,       // the base subject, and whether it says reply or forward
    cc,            // addr-mailbox of the first address
    from,          //
    to,            //
    display_from,  // RFC 5957 §3
    display_to,    //
    references,    // its own identifier, and those of the messages before it
    sent_day,      // what SENTSINCE and its like compare (RFC 3501 §6.4.4)
};
inline constexpr std::size_t key_kinds = 9;

// The day of the Date field in its own zone; nothing where there is none that can be read.
std::optional<std::chrono::sys_days> sent_day(const message::SummaryView& summary);

class KeyKinds {
public:
    constexpr void add(KeyKind kind) { bits_ |= 1U << static_cast<unsigned>(kind); }
    constexpr bool contains(KeyKind kind) const { return (bits_ >> static_cast<unsigned>(kind) & 1U) != 0; }

private:
    unsigned bits_ = 0;
};

// Texts one behind the other, folded for comparison (RFC 5051).
class TextColumn {
public:
    void add(std::string_view folded);
    std::size_t size() const { return ends_.size(); }
    std::string_view at(std::size_t i) const {
        const auto begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    // The first eight bytes as a number: who is smaller by it is smaller.
    std::uint64_t head(std::size_t i) const { return heads_[i]; }
    std::size_t memory() const { return bytes_.capacity() + ends_.capacity() * 16; }

private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
    std::vector<std::uint64_t> heads_;
};

// Message identifiers as small numbers, from 1 on; 0 is none.
class ReferenceColumn {
public:
    void add(const std::optional<std::string>& own, const std::vector<std::string>& references);
    std::size_t size() const { return own_.size(); }
    std::uint32_t own(std::size_t i) const { return own_[i]; }
    // The oldest first.
    std::span<const std::uint32_t> references(std::size_t i) const {
        const auto begin = i == 0 ? 0 : ends_[i - 1];
        return std::span(references_).subspan(begin, ends_[i] - begin);
    }
    // Larger than every number given out.
    std::uint32_t bound() const { return static_cast<std::uint32_t>(numbers_.size()) + 1; }
    std::size_t memory() const;

private:
    std::uint32_t number_of(const std::string& id);

    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<std::uint32_t> own_;
    std::vector<std::uint32_t> references_;
    std::vector<std::size_t> ends_;
    std::size_t bytes_ = 0;
};

// Of the messages of one mailbox, those that have gone among them. Has a lock of its own: who reads or brings
// forward holds it.
class MessageKeys {
public:
    [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    // Reads the keys of these kinds of at most `most` messages that it does not know yet. True: there are no
    // others. Blocks for the disk.
    Result<bool> bring_forward(const store::View& mail, store::MailboxId mailbox, KeyKinds wanted,
                               std::size_t most);
    // Messages whose keys of these kinds are there, and all there are.
    std::size_t known(KeyKinds wanted) const;
    std::size_t size() const { return uids_.size(); }

    // Where the message stands in the columns, at or behind `from`; nothing if it is not known.
    std::optional<std::size_t> find(Uid uid, std::size_t from = 0) const;

    Instant received(std::size_t i) const { return received_[i]; }
    std::uint64_t octets(std::size_t i) const { return octets_[i]; }
    std::int64_t sent(std::size_t i) const { return sent_[i]; }
    bool knows_sent_day(std::size_t i) const { return i < sent_days_.size(); }
    std::optional<std::chrono::sys_days> sent_day(std::size_t i) const {
        if (sent_days_[i] == no_day) return std::nullopt;
        return std::chrono::sys_days(std::chrono::days(sent_days_[i]));
    }
    const TextColumn& text(KeyKind kind) const { return texts_[static_cast<std::size_t>(kind)]; }
    bool is_reply(std::size_t i) const { return is_reply_[i]; }
    const ReferenceColumn& references() const { return references_; }

    std::size_t memory() const;  // bytes, more or less

private:
    static constexpr std::int32_t no_day = INT32_MIN;

    std::size_t size_of(KeyKind kind) const;
    Result<void> read_entries(const store::View& mail, store::MailboxId mailbox);
    Result<void> add(KeyKind kind, const store::View& mail, const store::MessageView* message,
                     const message::SummaryView& summary);
    Result<void> add_references(const store::View& mail, const store::MessageView* message,
                                const message::SummaryView& summary);
    void add_sent_day(const message::SummaryView& summary);
    void add_subject(const message::SummaryView& summary);

    std::mutex mutex_;
    std::vector<Uid> uids_;  // ascending
    std::vector<Instant> received_;
    std::vector<std::uint64_t> octets_;
    std::vector<std::int64_t> sent_;
    std::vector<std::int32_t> sent_days_;  // since 1970
    std::array<TextColumn, key_kinds> texts_;
    std::vector<bool> is_reply_;
    ReferenceColumn references_;
};

// The keys of the mailboxes that were sorted last. For any thread.
class KeyCache {
public:
    // Bytes; a mailbox of 50,000 messages takes some 10 MB with all kinds.
    explicit KeyCache(std::size_t most_memory = std::size_t{128} * 1024 * 1024) : most_memory_(most_memory) {}

    std::shared_ptr<MessageKeys> keys_of(store::AccountId account, store::MailboxId mailbox);
    // To be said after bring_forward(), with its lock no longer held: what is used least goes where the
    // memory of all has grown too large.
    void has_grown(const MessageKeys& keys, std::size_t memory);

private:
    struct Kept {
        store::AccountId account;
        store::MailboxId mailbox;
        std::shared_ptr<MessageKeys> keys;
        std::size_t memory = 0;
    };

    std::size_t most_memory_;
    std::mutex mutex_;
    std::list<Kept> kept_;  // the one used last is the first; few, so they are searched one by one
};

}  // namespace hongyan::imap
