// What notifications say to people, in each language: one table for the reasons, one for the rest.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dsn/status.h"

namespace hongyan::dsn {

enum class Language : std::uint8_t { english, simplified_chinese };
inline constexpr std::size_t languages = 2;

// By its tag (RFC 5646): zh and whatever begins with "zh-" is Chinese, all others are English.
Language language_of(std::string_view tag);
std::string_view tag_of(Language language);  // "en", "zh-CN"

// Why, and what the reader can do about it; whole sentences in UTF-8.
struct Reason {
    std::string_view what;
    std::string_view advice;
};

// For the exact code, else for its subject, else for none; the class does not matter.
Reason reason_for(Status status, Language language);

// A row of the table; for its test.
struct ReasonRow {
    std::uint16_t subject, detail;
    Reason in[languages];
};
std::span<const ReasonRow> all_reasons();

// The other texts. Those with {} have a place for one value.
enum class Phrase : std::uint8_t {
    sender_name,     // of the mail system, beside its address
    subject_failed,  // {} the subject of the message
    subject_delayed,
    subject_delivered,
    made_by,  // {} our host
    failed,   // what an action means, above its recipients
    delayed,
    delivered,
    relayed,
    expanded,
    about_subject,     // {} the subject
    about_date,        // {} its Date field
    about_message_id,  // {}
    no_subject,
    written_as,      // {} the address the sender wrote to
    code,            // {} the status code
    server_said,     // {} the server
    advice,          // {} what to do
    retry_until,     // {} a date
    nothing_to_do,   // about delays
    attached_whole,  // what follows the text
    attached_header,
    attached_header_large,  // the header only, although the whole was wanted
    do_not_answer,
    count,
};
std::string_view text_of(Phrase phrase, Language language);

}  // namespace hongyan::dsn
