// Messages as the store takes them and gives them back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/flags.h"
#include "store/types.h"

namespace hongyan::store {

// A message made ready to be kept: hashed, compressed and summarised once, in the caller's thread, whoever
// gets it then.
struct Content {
    SharedBlob blob;
    std::string summary;   // as message/summary.h encodes it; its offsets count from the blob's first byte
    bool unended = false;  // the last line has no CRLF
    std::uint64_t told_size = 0;  // bytes of it without_nul(); 0 where it has none
};
using SharedContent = std::shared_ptr<const Content>;
SharedContent prepare(std::string_view message);
// The same of a blob that has been made ready already.
SharedContent prepare(std::string_view message, SharedBlob blob);

// A message that comes in.
struct NewMessage {
    SharedContent content;
    // Header fields of this recipient alone, with their CRLF: Return-Path, Delivered-To, Received. They stand
    // before the content in the message as it is read.
    std::string prefix;
    Flags flags;
    Instant received;  // INTERNALDATE, receivedAt
    // Names the attempt, up to max_key_size bytes: the same key again gives the first outcome and keeps
    // nothing twice; conflict for another content. Empty: no such memory.
    std::string key;
};
inline constexpr std::size_t max_delivery_key_size = 500;  // bytes
inline constexpr std::size_t max_prefix_size = 32'768;     // bytes

// Where a message went.
struct Placed {
    MailboxId mailbox;
    UidValidity uid_validity;
    Uid uid;
    MessageId message;
    ModSeq modseq;
    bool seen_before = false;  // the key was known, nothing was added

    friend bool operator==(const Placed&, const Placed&) = default;
};

// What a mailbox knows of a message: little, since SELECT and FETCH FLAGS read it for every message.
struct Entry {
    Uid uid;
    MessageId message;
    Flags flags;
    ModSeq modseq;           // of its last change here
    std::uint64_t size = 0;  // bytes of the whole message as IMAP tells it, prefix included: RFC822.SIZE
    Instant received;        // INTERNALDATE
    Instant saved;           // when it came into this mailbox (RFC 8514 §3)
    bool unended = false;    // the message's last line has no CRLF: protocols of lines must add one
    bool foreign = false;    // copied from another message: View::origin() says which
    bool has_nul = false;    // told without_nul(), so the message has another size than `size`
    std::string unknown;     // fields of a newer version

    friend bool operator==(const Entry&, const Entry&) = default;
};

// Which message a content first was: of that account, with that id. What is copied and becomes a message of
// its own keeps it, so that EMAILID stays the same (RFC 8474 §5.1).
struct Origin {
    AccountId account;
    MessageId message;

    friend bool operator==(const Origin&, const Origin&) = default;
};

// What is kept of a message as such; nothing of it ever changes. Looks at bytes that somebody else keeps.
struct MessageView {
    MessageId id;
    BlobId blob;
    std::uint64_t blob_size = 0;  // bytes
    Instant received;
    std::string_view prefix;
    std::string_view summary;
    bool unended = false;
    std::optional<Origin> origin{};  // of what was copied from another message
    std::uint64_t told_size = 0;     // as in Content

    std::uint64_t size() const { return prefix.size() + blob_size; }
};

// One place of a message.
struct Home {
    MailboxId mailbox;
    Uid uid;

    friend auto operator<=>(const Home&, const Home&) = default;
};

// A message by itself, and all mailboxes that it is in.
struct Message {
    MessageId id;
    BlobId blob;
    std::uint64_t blob_size = 0;  // bytes
    Instant received;
    std::string prefix;
    std::string summary;
    std::vector<Home> homes;
    std::optional<Origin> origin;

    std::uint64_t size() const { return prefix.size() + blob_size; }
};

}  // namespace hongyan::store
