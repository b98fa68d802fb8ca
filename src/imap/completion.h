// How a command ended (RFC 3501 §7.1).
#pragma once

#include <string>

#include "base/result.h"
#include "imap/wire/parser.h"
#include "imap/wire/response.h"

namespace hongyan::imap {

struct Completion {
    wire::Condition condition = wire::Condition::ok;
    wire::ResponseText said;
};

inline Completion ok(std::string text) {
    return {wire::Condition::ok, {wire::Code::none, {}, std::move(text)}};
}
inline Completion ok(wire::Code code, std::string arguments, std::string text) {
    return {wire::Condition::ok, {code, std::move(arguments), std::move(text)}};
}
inline Completion no(wire::Code code, std::string text) {
    return {wire::Condition::no, {code, {}, std::move(text)}};
}
inline Completion bad(std::string text) {
    return {wire::Condition::bad, {wire::Code::none, {}, std::move(text)}};
}

// Sequence numbers mean nothing to a client that has enabled UIDONLY (RFC 9586 §3).
inline Completion uid_required() {
    return {wire::Condition::bad,
            {wire::Code::uid_required, {}, "After ENABLE UIDONLY messages have UIDs only"}};
}

// The command does not follow its grammar; nothing has been done.
inline Completion syntax_error(const wire::Parser& in) {
    return bad("The command is not understood: " + in.complaint());
}

// What the store or another part of ours refused: the kind of the error becomes NO and its code (RFC 5530),
// or BAD where the client has broken a rule.
Completion refusal(const Error& error);

// The same where a mailbox is a target that the client may create (RFC 3501 §6.3.11, TRYCREATE).
Completion target_refusal(const Error& error);

}  // namespace hongyan::imap
