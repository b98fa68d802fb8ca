// The MIME structure of a message (RFC 5322, RFC 2045, RFC 2046): which parts there are, and where in the
// bytes each of them lies. Found in one pass, in time linear in the message, whatever its bytes are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message/parameters.h"

namespace hongyan::message {

// What is beyond a limit is not lost: it stays an opaque part without parts of its own, and
// Structure::limit_reached says so.
struct Limits {
    std::size_t depth = 100;     // real mail nests below 20; every level costs whoever walks the tree
    std::size_t parts = 10'000;  // a digest of a year has 1,000; each part costs us some 500 bytes
    std::size_t header_size =
        1'000'000;  // bytes of one header whose fields are read; real ones stay below 100 KB
    std::size_t boundary_size = 1'000;  // bytes; RFC 2046 §5.1.1 allows 70, a line may have 998
};

// One entity: the message itself, a part of a multipart, or a message inside a message/rfc822 part.
// All offsets count from the first byte of the message.
struct Part {
    using Index = std::uint32_t;
    static constexpr Index none = UINT32_MAX;

    Index parent = none;  // the multipart or message part this one lies in; none for the message itself
    Index first_child = none;
    Index next_sibling = none;

    std::size_t begin = 0;    // of its header
    std::size_t body = 0;     // of its body: behind the empty line that ends the header
    std::size_t end = 0;      // of its body: before the line break that belongs to the next boundary
    std::uint64_t lines = 0;  // line ends (LF) in the body, as BODYSTRUCTURE counts (RFC 9051 §7.5.2)

    MediaType type;                 // Content-Type, or its default: text/plain, in a digest message/rfc822
    std::string transfer_encoding;  // Content-Transfer-Encoding in lower case, empty if absent
    std::string id;                 // Content-ID with its angle brackets
    std::string description;        // Content-Description as bytes, unfolded; may hold encoded words
    std::string location;           // Content-Location (RFC 2557)
    std::string md5;                // Content-MD5 (RFC 1864)
    std::optional<Disposition> disposition;
    std::vector<std::string> languages;  // Content-Language (RFC 3282)

    std::size_t header_size() const { return body - begin; }  // the empty line included
    std::size_t body_size() const { return end - body; }      // encoded, as IMAP counts octets
    std::size_t size() const { return end - begin; }

    bool is_text() const { return type.type == "text"; }
    bool is_multipart() const {
        return type.type == "multipart";
    }  // may be without parts, if it names no boundary
    // Holds a message, which is its only child: message/rfc822, message/global (RFC 6532) read as such.
    bool is_message() const { return first_child != none && !is_multipart(); }

    friend bool operator==(const Part&, const Part&) = default;
};

// A value of its own: it keeps no view of the message. The parts stand in the order of their headers, parents
// before their children; there is always a first, the message itself.
struct Structure {
    std::vector<Part> parts;
    bool limit_reached = false;

    const Part& root() const { return parts.front(); }
    // The children of a part in order.
    std::vector<Part::Index> children(Part::Index part) const;
    // The part that IMAP calls 1, 1.2, … (RFC 9051 §6.4.5.1); an empty path is the message. Nothing if there
    // is no such part. A part that holds a message is the part, not that message.
    std::optional<Part::Index> at(std::span<const std::uint32_t> path) const;
    // The message that HEADER and TEXT behind this path mean: the message itself for an empty path, else the
    // one a message/rfc822 part holds; nothing if the part holds none.
    std::optional<Part::Index> message_at(std::span<const std::uint32_t> path) const;

    friend bool operator==(const Structure&, const Structure&) = default;
};

// Any bytes have a structure; at the least it is one part of plain text.
Structure parse(std::string_view raw, const Limits& limits = {});

// Does it describe a message of that many bytes: is every part inside its parent and behind the part before
// it, and do the links of the tree agree? Holds for all that parse() gives; what comes from disk is asked.
bool is_consistent(const Structure& structure, std::size_t size);

// The bytes of a part in its message: BODY[n.MIME] or BODY[HEADER], BODY[n] or BODY[TEXT], and both together.
std::string_view header_of(const Part& part, std::string_view raw);
std::string_view body_of(const Part& part, std::string_view raw);
std::string_view whole_of(const Part& part, std::string_view raw);

// Content of the body with its transfer encoding undone. What is not 7bit, 8bit, binary, base64 or
// quoted-printable is given as it stands.
std::string decoded_body(const Part& part, std::string_view raw);

// The file name a sender gave the part, as UTF-8: `filename` of its disposition, else `name` of its type;
// empty if neither. It is what the sender wrote: path separators and the like are still in it.
std::string attachment_name(const Part& part);

// Would a person call the part an attachment? If it is said to be one; or if it is not text, or text with a
// file name, and does not merely accompany another part, as a picture in multipart/related or a signature
// does.
bool is_attachment(const Structure& structure, Part::Index part);

}  // namespace hongyan::message
