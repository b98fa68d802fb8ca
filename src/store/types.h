// The numbers of a mail store, each with a type of its own. None of them is ever given out twice.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/named.h"
#include "engine/engine.h"

namespace hongyan::store {

using engine::AccountId;
using engine::BlobId;
using engine::SharedBlob;

// One message of an account, in however many mailboxes it is: EMAILID of RFC 8474, Email/id of RFC 8621.
using MessageId = Named<std::uint64_t, struct MessageIdTag>;

// A mailbox whatever it is called: MAILBOXID of RFC 8474, Mailbox/id of RFC 8621.
using MailboxId = Named<std::uint32_t, struct MailboxIdTag>;
inline constexpr MailboxId no_mailbox{0};  // above the top-level mailboxes
inline constexpr MailboxId inbox{1};       // every account has it from its beginning

// A part of the account's full-text index.
using SegmentId = Named<std::uint32_t, struct SegmentIdTag>;

// A message in one mailbox (RFC 9051 §2.3.1.1).
using Uid = Named<std::uint32_t, struct UidTag>;
inline constexpr Uid last_uid{UINT32_MAX};
using UidValidity = Named<std::uint32_t, struct UidValidityTag>;

// One sequence per account: every transaction that changes something takes the next number. It is MODSEQ of
// RFC 7162, the state of RFC 8620, and what a push says.
using ModSeq = Named<std::uint64_t, struct ModSeqTag>;

}  // namespace hongyan::store
