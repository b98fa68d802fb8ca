// The messages of a mailbox as they were at one modseq, in memory: what SELECT, FETCH of flags and much of
// searching read. Sessions share it, and a newer one shares with the older what has not changed. For this
// folder.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/changes.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/types.h"
#include "store/uid_set.h"
#include "store/view.h"

namespace hongyan::store {

// Never changes. Takes some 50 bytes a message.
class Roll {
public:
    // Reads every message of the mailbox, whose state the same reader has given. Void where the messages
    // have flags of so many kinds that telling each kind once saves nothing.
    static Result<std::shared_ptr<const Roll>> read(const engine::Reader& reader, MailboxId mailbox,
                                                    const MailboxState& state);
    // What `state` says now, which is not older than this: reads only what has changed. Nothing where so
    // much has that reading all is no dearer. Not of a void one.
    Result<std::shared_ptr<const Roll>> brought_to(const engine::Reader& reader, MailboxId mailbox,
                                                   const MailboxState& state) const;

    // The same after changes of flags that were all there was between this and `now`: reads nothing. The
    // entries are in the order of their UIDs, and all in this roll. Nothing where there are too many kinds of
    // flags then.
    std::shared_ptr<const Roll> with(std::span<const Entry> changed, ModSeq now) const;

    // Then there is nothing to be asked of it, and messages are to be read one by one.
    bool is_void() const { return marks_ == nullptr; }
    ModSeq modseq() const { return modseq_; }
    std::size_t size() const { return size_; }
    std::size_t memory() const;  // bytes, more or less
    static std::size_t memory_of(std::uint64_t messages);

    Outline outline() const;
    // In the order of UIDs. The entry is valid during the call; fields of a newer version are not in it.
    Result<void> each(const UidSet& uids, const std::function<Result<void>(const Entry&)>& call) const;

private:
    // Flags as they occur together, told once for all messages that have them.
    struct Marks {
        Flags flags;
        bool unended = false;
        bool foreign = false;
        bool has_nul = false;
        friend bool operator==(const Marks&, const Marks&) = default;
    };
    struct Slot {
        Uid uid;
        std::uint32_t marks = 0;  // of marks_
        MessageId message;
        ModSeq modseq;
        std::uint64_t size = 0;
        Instant received;
        Instant saved;
    };
    struct Chunk {
        std::vector<Slot> slots;
        std::vector<UidRange> uids;
        std::optional<std::uint32_t> first_unseen;
        std::vector<std::uint32_t> marks;  // that occur, each once
    };
    using SharedChunk = std::shared_ptr<const Chunk>;
    class Builder;
    class ChangedEntries;

    class GivenEntries;

    // Takes what has changed from `changed`, which adds all up to a UID to a builder.
    template <typename Entries>
    Result<void> bring(Builder& builder, const UidSet& touched, Entries& changed) const;

    ModSeq modseq_;
    std::size_t size_ = 0;
    std::vector<SharedChunk> chunks_;
    std::shared_ptr<const std::vector<Marks>> marks_;
};

// The rolls in use, as many as fit. For any thread.
class Rolls {
public:
    explicit Rolls(std::size_t most_memory) : most_memory_(most_memory) {}

    // Nothing if it is not here. Perhaps older or newer than what the caller sees.
    std::shared_ptr<const Roll> find(AccountId account, MailboxId mailbox);
    // The one that views of this version of the account are known to see.
    std::shared_ptr<const Roll> find(AccountId account, MailboxId mailbox, std::uint64_t version);
    // A view of that version has found this modseq: then the roll that is here and has it too is what all of
    // them see.
    void confirm(AccountId account, MailboxId mailbox, ModSeq modseq, std::uint64_t version);
    // What `run` has made of the flags, if the roll is here as it was before.
    void take_over(AccountId account, MailboxId mailbox, const Run& run, std::span<const Entry> changed);
    // Unless there is a newer one, or it alone is too large.
    void keep(AccountId account, MailboxId mailbox, std::shared_ptr<const Roll> roll);
    bool has_room_for(std::uint64_t messages) const { return Roll::memory_of(messages) <= most_memory_; }

    // From which message on none has been shown to any session (RFC 3501 §2.3.2, \Recent): what is written,
    // or what somebody has claimed since, which is written a little later.
    Uid first_recent(AccountId account, MailboxId mailbox, Uid written);
    // The same, and all below `until` are claimed now.
    Uid claim_recent(AccountId account, MailboxId mailbox, Uid written, Uid until);

private:
    struct Place {
        AccountId account;
        MailboxId mailbox;
        friend bool operator==(const Place&, const Place&) = default;
    };
    struct Hash {
        std::size_t operator()(const Place& place) const {
            return std::hash<std::uint64_t>{}(place.account.value() * 0x9E3779B97F4A7C15U +
                                              place.mailbox.value());
        }
    };
    struct Kept {
        Place place;
        std::shared_ptr<const Roll> roll;
        std::size_t memory = 0;
        std::optional<std::uint64_t> version{};  // confirmed last
    };
    void drop_oldest();

    std::size_t most_memory_;  // bytes
    std::mutex mutex_;
    std::list<Kept> kept_;  // the one used last is the first
    std::unordered_map<Place, std::list<Kept>::iterator, Hash> places_;
    std::size_t memory_ = 0;
    std::unordered_map<Place, Uid, Hash> first_recent_;
};

}  // namespace hongyan::store
