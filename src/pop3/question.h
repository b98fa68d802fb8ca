// What a session asks of the world.
#pragma once

#include <string>
#include <variant>

#include "pop3/maildrop.h"
#include "sasl/question.h"

namespace hongyan::pop3 {

// Answered with the maildrop of the account that bears this name, now locked for this session; conflict where
// another session has the lock.
struct OpenMaildrop {
    std::string account;
    Headers headers = Headers::as_they_stand;  // as its messages will be fetched
};
// Answered with the whole message, its last line ended: as many octets as were listed.
struct FetchMessage {
    Listed message;
    Headers headers = Headers::as_they_stand;
};
// The UPDATE state (RFC 1939 §6): remove these, then let the lock go, whatever came of it.
struct UpdateMaildrop {
    store::UidSet deleted;
};

using Question = std::variant<sasl::Question, OpenMaildrop, FetchMessage, UpdateMaildrop>;
using Answer = std::variant<sasl::Answer, Result<Maildrop>, Result<std::string>, Result<void>>;

// As transcripts write it.
std::string to_text(const Question& question);

}  // namespace hongyan::pop3
