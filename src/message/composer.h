// Mail that the server itself writes: bounces, automatic replies, reports. Whatever is given, the result is a
// well-formed message with CRLF everywhere that reads back as what was meant; line breaks and other controls
// in a value become blanks, so no value can add a field or a part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "message/address.h"
#include "message/encoded_word.h"

namespace hongyan::message {

inline constexpr std::size_t folded_line = 76;    // characters; RFC 2047 §2, below the 78 of RFC 5322 §2.1.1
inline constexpr std::size_t longest_line = 998;  // octets without CRLF (RFC 5322 §2.1.1)
inline constexpr std::size_t longest_file_name = 1000;  // bytes; file systems allow 255

// A part of a message (RFC 2045): either content, or parts of its own. Made by the functions below.
struct Entity {
    std::string type = "text/plain";
    std::vector<std::pair<std::string, std::string>> parameters;  // of the type; values UTF-8
    std::string content;                                          // before any transfer encoding
    std::vector<Entity> parts;                                    // of a multipart
    std::string disposition;                                      // "attachment", "inline" or empty
    std::string file_name;                                        // UTF-8; of the disposition
    std::string content_id;                                       // without angle brackets
    std::string description;                                      // UTF-8
    // Of message/global and its kin, which unlike message/rfc822 may be encoded (RFC 6532 §3.5): is to be.
    bool seven_bit = false;
};

// With Flow::flowed, long lines are broken at blanks so that readers may join them again (RFC 3676); the text
// then loses blanks at the end of its lines.
enum class Flow { fixed, flowed };
Entity plain_text(std::string_view utf8, Flow flow = Flow::fixed);
Entity html_text(std::string_view utf8);

// A file. A type that is none, or that would not be kept byte for byte (message/*, multipart/*), becomes
// application/octet-stream.
Entity attachment(std::string_view file_name, std::string_view type, std::string_view bytes);

// Content of a type that our own code names: message/delivery-status, text/rfc822-headers. message/* is not
// encoded (RFC 2046 §5.2.1), but gets CRLF.
Entity content_of(std::string_view type, std::string_view content);

// The whole of another message, as message/rfc822 (RFC 2046 §5.2.1); message/global if its header holds UTF-8
// (RFC 6532 §3.7).
Entity embedded_message(std::string_view raw);

// "mixed", "alternative", "related". Without parts it gets an empty one, since RFC 2046 §5.1.1 wants one.
Entity multipart(std::string_view subtype, std::vector<Entity> parts);
// multipart/report (RFC 6522) of the type "delivery-status", "disposition-notification", "feedback-report".
Entity report(std::string_view report_type, std::vector<Entity> parts);

// Writes one message. Fields stand in the order in which they are given; Date, Message-ID and MIME-Version
// are added where they were not. Names of fields are ours, so a wrong one is a broken invariant; values are
// anybody's.
class Composer {
public:
    // `host` is the right side of Message-ID and names this server.
    Composer(const Clock& clock, Random& random, const Domain& host, Headers headers = Headers::ascii);

    // With its angle brackets.
    const std::string& message_id() const { return message_id_; }

    // Unstructured text: Subject, Comments.
    Composer& text(std::string_view name, std::string_view utf8);
    // No field without mailboxes. An address that ASCII headers cannot hold becomes an empty group that names
    // it in encoded words, as RFC 6857 §3.1.8 does.
    Composer& mailboxes(std::string_view name, std::span<const Mailbox> mailboxes);
    Composer& mailbox(std::string_view name, const Mailbox& mailbox) {
        return mailboxes(name, {&mailbox, 1});
    }
    // In-Reply-To, References: message identifiers with their brackets, as other messages held them. Those
    // that are none are left out.
    Composer& message_ids(std::string_view name, std::span<const std::string> ids);
    Composer& date(Instant instant, std::int32_t zone = 0);
    // A value whose grammar the caller keeps: Auto-Submitted, Precedence. In ASCII headers other letters
    // become "?".
    Composer& structured(std::string_view name, std::string_view value);

    std::string compose(const Entity& body) const;

private:
    bool has(std::string_view name) const;

    const Clock& clock_;
    Random& random_;
    Headers headers_;
    std::string message_id_;
    std::string fields_;
};

}  // namespace hongyan::message
