// What an SMTP server says (RFC 5321 §4.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

// A reply that is always the same; the rows of replies.h.
struct StandardReply {
    int code;
    std::string_view status;
    std::string_view text;
    std::string_view ground = {};  // Reply::ground
};

struct Reply {
    int code = 250;  // RFC 5321 §4.2.3
    std::string status =
        {};  // RFC 3463: "5.5.1"; empty where none belongs (RFC 2034 §4: greetings, EHLO, 3xx)
    std::vector<std::string> lines = {};  // at least one; no line end is in them
    // The code of a row of smtp/grounds.h, where mail is refused: for the trace and the log, not for the
    // client.
    std::string_view ground = {};

    Reply() = default;
    Reply(int number, std::string_view enhanced, std::string text)
        : code(number), status(enhanced), lines{std::move(text)} {}
    Reply(int number, std::string_view enhanced, std::vector<std::string> texts)
        : code(number), status(enhanced), lines(std::move(texts)) {}
    Reply(const StandardReply& standard) : Reply(standard.code, standard.status, std::string(standard.text)) {
        ground = standard.ground;
    }

    // 2xx: what was asked for has happened.
    bool is_success() const { return code / 100 == 2; }
    // 5xx: it is not to be asked for again.
    bool is_refusal() const { return code / 100 == 5; }
    // What the client hears is the same.
    friend bool operator==(const Reply& left, const Reply& right) {
        return left.code == right.code && left.status == right.status && left.lines == right.lines;
    }
};

// Every line with its code; "250-" while more follow. The enhanced code stands in each (RFC 2034 §4).
std::string to_wire(const Reply& reply);

// "550 5.1.1 There is nobody", lines divided by LF: as people read it.
std::string to_text(const Reply& reply);

// One line as the world's answer stands in a transcript: "250 2.1.0 Ok". Nothing if it is no reply.
std::optional<Reply> parse_reply(std::string_view line);

}  // namespace hongyan::smtp
