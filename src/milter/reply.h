// What a filter says, as values.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "milter/macros.h"

namespace hongyan::milter {

// The reply that a filter wants the client to hear: 4xx or 5xx, printable ASCII.
struct SmtpReply {
    int code = 0;
    std::string status = {};  // "5.7.1"; empty: the filter named none
    std::vector<std::string> lines = {};

    friend bool operator==(const SmtpReply&, const SmtpReply&) = default;
};

// What is to become of the session, the recipient or the message that the filter was asked about.
struct Verdict {
    enum class Kind {
        proceed,           // go on
        accept,            // nothing more of this needs to be asked
        reject,            // 5xx in the server's words
        temporary,         // 4xx in the server's words
        discard,           // accepted for the client, and thrown away
        reply,             // what `reply` says
        connection_fails,  // 4xx, and the connection is to be closed
    };
    Kind kind = Kind::proceed;
    SmtpReply reply = {};

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

// What a filter wants to be changed. Names and values are as it said them: lines of a folded value are
// divided by LF.
struct AddHeader {
    std::string name, value;
};
struct InsertHeader {
    std::uint32_t index = 0;  // before the field of that number, counted from 0
    std::string name, value;
};
// The `index`-th field of that name, counted from 1; an empty value removes it.
struct ChangeHeader {
    std::uint32_t index = 0;
    std::string name, value;
};
struct AddRecipient {
    std::string address;  // with or without brackets
    std::string parameters = {};
};
struct RemoveRecipient {
    std::string address;
};
struct ChangeSender {
    std::string address;
    std::string parameters = {};
};
struct Quarantine {
    std::string reason;
};
using Change = std::variant<AddHeader, InsertHeader, ChangeHeader, AddRecipient, RemoveRecipient,
                            ChangeSender, Quarantine>;

// A piece of the body that takes the place of the whole one.
struct BodyPiece {
    std::string_view bytes;  // in the packet
};
struct Progress {};  // it takes longer
struct Skip {};      // no more of the body
struct Negotiated {
    std::uint32_t version = 0, actions = 0, steps = 0;
    Symbols symbols = {};
};

using Reply = std::variant<Verdict, Progress, Skip, Negotiated, BodyPiece, Change>;

// A packet without its length: the letter and the data. The reason, for people, if it means nothing.
std::expected<Reply, std::string> parse_reply(std::string_view packet);

// "accept", "reply 550 5.7.1 no", "insert header 0 A: b": for people and transcripts.
std::string to_text(const Verdict& verdict);
std::string to_text(const Change& change);
// Which bit of `action` allows it.
std::uint32_t permission_for(const Change& change);

}  // namespace hongyan::milter
