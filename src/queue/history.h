// What became of messages, kept for a time after they have gone: every attempt, and every end.
#pragma once

#include "queue/entry.h"

namespace hongyan::queue {

enum class Happened : std::uint8_t {
    deferred,  // an attempt that leaves the recipient waiting
    delivered,
    relayed,
    expanded,
    failed,
    expired,
    cancelled,
    placed,     // into a mailbox here, without the queue
    refused,    // when it was offered to us, so that it never was ours
    accepted,   // into the queue; told where judges have something to say of it
    discarded,  // because a judge wished so; its sender heard that it was taken
};
std::string_view to_string(Happened what);

// How an attempt went.
struct Attempt {
    Instant time = {};         // its end
    std::string host = {};     // the name of the server
    std::string address = {};  // where it was reached
    std::string tls = {};      // "TLSv1.3"; empty: none
    std::string policy = {};   // by which TLS was required or checked: "dane", "mta-sts", "opportunistic"
    std::string status = {};   // RFC 3463
    std::string reply = {};    // what the server said, or what kept us from asking it
    std::chrono::milliseconds duration = {};

    friend bool operator==(const Attempt&, const Attempt&) = default;
};

// Numbers of records that tell of something else than an attempt: apart from those of attempts, which count
// from 1.
inline constexpr std::uint32_t without_attempt = 0x8000'0000;

// One thing that happened to one recipient of one message, told without the message, which may be gone.
struct Record {
    EntryId id;
    std::uint32_t index = 0;
    std::uint32_t number = 0;  // counts the things that happened to the recipient; for refusals the message
    Happened what = Happened::deferred;
    std::string sender, recipient, account, message_id;
    std::string passed_on_for;      // Entry::passed_on_for
    std::uint32_t placed_with = 0;  // the account in whose mailbox it was placed
    std::uint64_t size = 0;         // bytes
    Attempt attempt;
    std::string judged;  // what those who judge mail found, a line for each thing
    std::string ground;  // of a refusal: the code of a row of smtp/grounds.h; empty: it is of none
    std::string unknown;

    friend bool operator==(const Record&, const Record&) = default;
};

inline const std::string& origin_of(const Record& record) {
    return record.passed_on_for.empty() ? record.sender : record.passed_on_for;
}

std::string history_key(const Record& record);
std::string history_prefix(EntryId id);
std::string encode(const Record& record);
// Of the message that the key of a record names.
std::optional<EntryId> id_of_history(std::string_view key);
Result<Record> decode_history(std::string_view key, std::string_view value);

// The keys by which a message is found: it is told of under a text, in lower case and cut where it is long.
std::string mention_key(std::string_view text, EntryId id);
// All by which the message of a record is found.
std::vector<std::string> mention_keys(const Record& record);
std::string mention_prefix(std::string_view text);
Result<EntryId> id_of_mention(std::string_view key);

// Puts the record and what it is found by.
void tell(engine::Transaction& transaction, const Record& record);
void mention(engine::Transaction& transaction, const Entry& entry);

}  // namespace hongyan::queue
