// What is kept of a message beside its bytes, so that listing, sorting and most of searching never touch
// them. Made once when the message arrives and never changed. Grammar: docs/formats/summary.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "message/structure.h"

namespace hongyan::message {

// A summary must fit into one value of the engine (64 KiB), together with what the store puts beside it.
inline constexpr std::size_t max_summary_size = 60'000;  // bytes encoded
inline constexpr std::size_t max_summary_field_size =
    4'000;  // of one header value; 40 addresses of mail to many
inline constexpr std::size_t max_summary_structure_size = 12'000;  // some 100 parts

// The header values of IMAP's ENVELOPE (RFC 9051 §7.5.2), unfolded, otherwise the bytes of the message:
// encoded words are not decoded. Empty if absent. Several fields of one address list are joined by ", ".
struct Envelope {
    std::string date;
    std::string subject;
    std::string from;
    std::string sender;
    std::string reply_to;
    std::string to;
    std::string cc;
    std::string bcc;
    std::string in_reply_to;
    std::string message_id;

    // Those of these that are there and empty, which ENVELOPE tells from those that are not there.
    struct Blank {
        bool date = false;
        bool subject = false;
        bool in_reply_to = false;
        bool message_id = false;

        friend bool operator==(const Blank&, const Blank&) = default;
    };
    Blank blank{};

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

Envelope envelope_of(std::string_view header);

// The envelope of a message inside this one: BODYSTRUCTURE shows it.
struct EmbeddedEnvelope {
    Part::Index part = 0;  // the message/rfc822 part
    Envelope envelope;

    friend bool operator==(const EmbeddedEnvelope&, const EmbeddedEnvelope&) = default;
};

struct Summary {
    std::uint64_t size = 0;         // octets of the message
    std::uint64_t header_size = 0;  // octets, the empty line included
    std::uint64_t lines = 0;        // line ends of the body

    std::optional<Instant> date;  // the Date field, if it can be read; whole seconds
    std::int32_t zone = 0;        // its offset, in minutes east of UTC
    Envelope envelope;
    std::string references;  // unfolded

    // Nothing if it would be too large to keep: parse the message again. Goes together with `embedded`.
    std::optional<Structure> structure;
    std::vector<EmbeddedEnvelope> embedded;

    bool has_attachment = false;
    bool is_truncated =
        false;            // a header value was cut to max_summary_field_size: read the message for the rest
    std::string preview;  // the first words of the text, UTF-8, on one line, without markup
    std::uint64_t thread_key = 0;  // equal for equal base subjects (RFC 5256 §2.1); 0 if that is empty
    std::string listed_fields;     // message/listed_fields.h; empty if not kept

    std::string unknown;  // fields that a newer program wrote, kept as they are

    friend bool operator==(const Summary&, const Summary&) = default;
};

// Any bytes have a summary.
Summary summarize(std::string_view raw);

std::string encode(const Summary& summary);
Result<Summary> decode(std::string_view record);

// Reads single values of an encoded summary without making the whole. Looks at bytes that the caller keeps.
class SummaryView {
public:
    // Fails (corrupt) if the record is damaged or of a version we do not know.
    static Result<SummaryView> of(std::string_view record);

    std::uint64_t size() const { return number(Tag::size); }
    std::uint64_t header_size() const { return number(Tag::header_size); }
    std::uint64_t lines() const { return number(Tag::lines); }
    std::optional<Instant> date() const;
    std::int32_t zone() const;

    // Header values as in Envelope; without data() where the field is not there.
    std::string_view date_text() const { return text(Tag::date_text); }
    std::string_view subject() const { return text(Tag::subject); }
    std::string_view from() const { return text(Tag::from); }
    std::string_view sender() const { return text(Tag::sender); }
    std::string_view reply_to() const { return text(Tag::reply_to); }
    std::string_view to() const { return text(Tag::to); }
    std::string_view cc() const { return text(Tag::cc); }
    std::string_view bcc() const { return text(Tag::bcc); }
    std::string_view in_reply_to() const { return text(Tag::in_reply_to); }
    std::string_view message_id() const { return text(Tag::message_id); }
    std::string_view references() const { return text(Tag::references); }
    std::string_view preview() const { return text(Tag::preview); }
    std::string_view listed_fields() const { return text(Tag::listed_fields); }

    std::uint64_t thread_key() const { return number(Tag::thread_key); }
    bool has_attachment() const;
    bool is_truncated() const;
    // Decodes the parts; nothing if they are not kept.
    Result<std::optional<Structure>> structure() const;
    // Does the structure hold messages, whose envelopes only decode() gives?
    bool has_embedded() const { return !text(Tag::embedded).empty(); }

    // Numbers on disk: never given to another field.
    enum class Tag : std::uint32_t {
        size = 1,
        header_size = 2,
        lines = 3,
        date = 4,
        zone = 5,
        date_text = 6,
        subject = 7,
        from = 8,
        sender = 9,
        reply_to = 10,
        to = 11,
        cc = 12,
        bcc = 13,
        in_reply_to = 14,
        message_id = 15,
        references = 16,
        preview = 17,
        thread_key = 18,
        marks = 19,
        structure = 20,
        embedded = 21,
        listed_fields = 22,
        last = listed_fields,
    };

private:
    std::string_view text(Tag tag) const { return values_[static_cast<std::size_t>(tag)]; }
    std::uint64_t number(Tag tag) const;
    std::array<std::string_view, static_cast<std::size_t>(Tag::last) + 1> values_;
};

}  // namespace hongyan::message
