// The identifiers by which messages name each other (RFC 5322 §3.6.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// Of References there are some dozens; a list of thousands is somebody's joke, and its end counts most.
inline constexpr std::size_t max_message_ids = 1'000;

// All that stand in the value of Message-ID, In-Reply-To or References, in their order: without brackets,
// blanks, comments and needless quotes, so that equal ones are equal texts (RFC 5256 §3, REFERENCES). What is
// no msg-id is passed over. Of more than max_message_ids the last ones. Linear in the text.
std::vector<std::string> message_ids(std::string_view value);

// The first one; nothing if there is none.
std::optional<std::string> first_message_id(std::string_view value);

// What a message is called by the value of its Message-ID: the first one with its brackets; all of the value
// where there is none.
std::string message_id_in(std::string_view value);
// By the first Message-ID of its header; empty: it has none. `message` may end anywhere.
std::string message_id_of(std::string_view message);

}  // namespace hongyan::message
