// What an SMTP session has to ask the world, and how it is answered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sasl/question.h"
#include "smtp/envelope.h"
#include "smtp/wire/reply.h"

namespace hongyan::smtp {

// May this sender begin a transaction? Answered with a Reply: 2xx accepts.
struct CheckSender {
    Client client;
    Path sender;
    MailParameters parameters;
};

// May the message go to this recipient too? Answered with a Reply: 2xx accepts.
struct CheckRecipient {
    Client client;
    Path sender;
    MailParameters parameters;
    Recipient recipient;
};

// All sessions together hold as much as they may: wait until there is room for so many bytes more. Answered
// with a Reply: 2xx when there may be.
struct AwaitRoom {
    std::uint64_t bytes = 0;
};

// The client has said what is no command. Asked only where the settings say that somebody wants to know.
// Answered with a Reply, which refuses.
struct UnknownCommand {
    Client client;
    std::string line;  // as it was said, without its end
};

// The transaction that MAIL has begun comes to nothing: RSET, another greeting, TLS, or a message that is not
// even delivered. Asked only where the settings say that somebody wants to know. Answered with a Reply, which
// the client does not hear.
struct Abandon {};

// Here is the message: keep it, durably, before you answer 2xx. Answered with Replies: one, or in LMTP one
// for each recipient in the order they came (RFC 2033 §4.2).
struct Deliver {
    Client client;
    Envelope envelope;
    SharedMessage message;
};

// A step of a log-in. Answered with a sasl::Answer.
struct Authenticate {
    sasl::Question question;
};

// VRFY and EXPN, where the settings allow them to tell. Answered with a Reply (RFC 5321 §3.5.3).
struct Verify {
    enum class What { mailbox, list };

    Client client;
    What what = What::mailbox;
    std::string name;  // as it was said
};

// ETRN: begin to send what waits for that domain. Answered with a Reply (RFC 1985 §5.3).
struct StartQueue {
    Client client;
    std::string node;
};

// BURL: what the URL names, if the client may have it sent. Answered with FetchedUrl, or with a Reply that
// refuses (RFC 4468 §6).
struct FetchUrl {
    Client client;
    std::string url;         // as it was said
    std::uint64_t most = 0;  // octets that the message may still have
};
struct FetchedUrl {
    std::string octets;
};

using Question = std::variant<CheckSender, CheckRecipient, AwaitRoom, Deliver, Authenticate, Verify,
                              StartQueue, FetchUrl, UnknownCommand, Abandon>;

using Replies = std::vector<Reply>;
using Answer = std::variant<Reply, Replies, sasl::Answer, FetchedUrl>;

// As transcripts and logs show it; passwords are in it, so never log an Authenticate.
std::string to_text(const Question& question);

// The answer that a transcript gives to `question`, as text: "250 2.1.0 Ok", several replies for Deliver with
// " / " between them; "octets TEXT" with | for CR LF for FetchUrl; "granted ann@here.test", "refused",
// "unavailable", "secret S", "scram PASSWORD" for Authenticate. Nothing if it is none.
std::optional<Answer> parse_answer(const Question& question, std::string_view text);

}  // namespace hongyan::smtp
