// One FETCH response: what a client asked for of one message (RFC 3501 §7.4.2).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "imap/selected.h"
#include "imap/standing.h"
#include "imap/wire/envelope.h"
#include "imap/wire/section.h"
#include "imap/wire/values.h"
#include "message/listed_fields.h"
#include "message/summary.h"
#include "store/view.h"

namespace hongyan::imap {

// What of a message has to be read to answer.
enum class Depth { entry, summary, text };
Depth depth_of(const wire::FetchItem& item);
Depth depth_of(std::span<const wire::FetchItem> items);

// Does the answer show the text to a person, so that the message becomes \Seen (RFC 3501 §6.4.5)?
bool marks_seen(std::span<const wire::FetchItem> items);

// Octets of sections, and of headers searched for them, in one response about a message of this size. A
// response is put together as a whole, and nobody has use for the same octets many times over: a part lies in
// the parts around it, and in BODY[].
constexpr std::size_t max_sections(std::size_t message_size) { return 1'000'000 + 4 * message_size; }

// Header fields beyond ASCII as they stand, or a surrogate of the message for who has enabled neither
// UTF8=ACCEPT nor IMAP4rev2 (RFC 6855 §8, RFC 6858). RFC822.SIZE is that of the message in both cases (RFC
// 6858 §3).
enum class Headers { as_they_stand, ascii };
inline Headers headers_for(const Standing& standing) {
    return standing.takes_utf8_headers() ? Headers::as_they_stand : Headers::ascii;
}

// Something that is asked of each of many messages, with what is the same in all answers.
struct WantedItem {
    wire::FetchItem item;
    std::string said;                            // before the value: "BODY[HEADER.FIELDS (SUBJECT)] "
    std::optional<message::ListedNames> listed;  // fields that the summary may know all
};
std::vector<WantedItem> wanted(std::span<const wire::FetchItem> items);

// Octets of messages that a client hears of unasked at once, because it wants to see what is new.
inline constexpr std::size_t enough_told = std::size_t{1} << 20U;

// Looks at the message while it is written; reads its summary and its bytes at most once.
class MessageData {
public:
    // `message` is null where depth_of() is `entry`.
    MessageData(const store::View& mail, const store::Entry& entry, const store::MessageView* message,
                bool recent, SetOf named_by = SetOf::numbers, Headers headers = Headers::as_they_stand)
        : mail_(mail),
          entry_(entry),
          message_(message),
          recent_(recent),
          named_by_(named_by),
          headers_(headers) {}

    // Appends "* n FETCH (…)" and its line end; nothing at all where it fails, since half a response would
    // take what is said next for its other half. Errors: too_large, see max_sections(); unsupported, a
    // transfer encoding that we do not know (RFC 3516 §4.3).
    Result<void> put(std::string& out, SequenceNumber number, std::span<const WantedItem> items);

    // The same for news: where something about the message cannot be told, or read, nothing is. Who asks for
    // it hears why.
    void put_unasked(std::string& out, SequenceNumber number, std::span<const WantedItem> items);

    // Something that was put is of a surrogate (RFC 6858 §3).
    bool is_surrogate() const { return is_surrogate_; }
    // Of the message itself, where what is kept of it apart did not tell all.
    std::uint64_t octets_read() const { return text_ ? text_->size() : 0; }

private:
    Result<void> put_items(std::string& out, std::span<const WantedItem> items);
    Result<void> put_item(std::string& out, const WantedItem& wanted);
    Result<void> put_value(std::string& out, wire::MessageItem item);
    Result<void> put_value(std::string& out, const wire::BodyItem& item);
    Result<void> put_value(std::string& out, const wire::BinaryItem& item);
    Result<void> put_value(std::string& out, const wire::BinarySizeItem& item);
    Result<std::optional<std::string>> decoded(const std::vector<std::uint32_t>& part);
    Result<std::optional<std::string>> decoded(const std::vector<std::uint32_t>& part, std::string_view text,
                                               const message::Structure& structure);
    Result<void> put_envelope(std::string& out);
    Result<bool> put_kept_fields(std::string& out, const WantedItem& wanted);
    Result<void> put_structure(std::string& out, wire::Extensions extensions);
    Result<bool> put_kept_structure(std::string& out, wire::Extensions extensions);
    Result<void> put_section(std::string& out, const wire::Section& section,
                             const std::optional<wire::Partial>& partial);
    Result<const message::SummaryView*> summary();
    Result<void> load_text();
    Result<void> load_structure();
    void hide_nul();
    bool is_fit(std::string_view said) const;
    void become_surrogate();
    void parse_text();
    wire::MessageBytes bytes() const { return {*text_, prefix_size_}; }

    const store::View& mail_;
    const store::Entry& entry_;
    const store::MessageView* message_;
    bool recent_;
    SetOf named_by_;
    Headers headers_;
    bool is_surrogate_ = false;
    std::size_t prefix_size_ = 0;  // octets of text_
    std::optional<message::SummaryView> summary_;
    std::optional<message::Structure> structure_;
    std::vector<message::EmbeddedEnvelope> embedded_;  // of the structure
    std::optional<std::string> text_;
    struct Came {
        std::string text;
        message::Structure structure;
    };
    std::optional<Came> came_;  // where text_ hides its NUL
    std::size_t sections_ = 0;  // octets put and searched so far
};

}  // namespace hongyan::imap
