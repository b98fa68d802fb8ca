// Text in header fields: encoded words (RFC 2047, with the language of RFC 2231 §5), and what stands in real
// mail in their place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

inline constexpr std::size_t max_encoded_word = 75;  // characters (RFC 2047 §2)

// The text of an unfolded header value as UTF-8 on one line. Adjacent words of one charset are joined before
// they are converted, so a character may be split between them; the blanks between them vanish. Tolerated:
// words inside other text, blanks inside words, missing padding, words of any length, raw UTF-8 or 8-bit
// bytes. Control characters that an encoded word smuggles in become blanks, as one_line() has it. Never
// fails, in linear time.
std::string decode_header_text(std::string_view unfolded);

// How long the encoded word is that the text begins with; 0 if it begins with none.
std::size_t encoded_word_size(std::string_view text);

enum class Context {
    unstructured,  // Subject, Content-Description
    phrase,        // display names, keywords; safe in comments too (RFC 2047 §5 (2) and (3))
};

// May header fields hold UTF-8 as it is (SMTPUTF8, RFC 6532)?
enum class Headers { ascii, utf8 };

// The text as it can stand in a header field and reads back as the same text: words as they are where they
// may be, encoded words of UTF-8 elsewhere, joined by single blanks at which the line may be folded. In a
// phrase, what is no sequence of atoms becomes a quoted-string if it can. The first encoded word takes at
// most `room` characters (at least 30 are used), the others 75. Each holds whole characters, in Q or B,
// whichever is shorter. No word is longer than 200 bytes. What is no UTF-8 becomes U+FFFD; control characters
// become blanks.
std::string encode_header_text(std::string_view utf8, Context context = Context::unstructured,
                               std::size_t room = max_encoded_word, Headers headers = Headers::ascii);

// What may stand in a header field: valid UTF-8 with blanks for controls, and without U+FEFF, which says
// nothing inside a text and is taken for a byte order mark at its start.
std::string one_line(std::string_view text);

// Would a reader, ours included, take the text for more than it is: an encoded word, or HZ?
bool looks_encoded(std::string_view text);

// The text as a quoted-string (RFC 5322 §3.2.4): in quotes, with quotes and backslashes escaped.
std::string quote(std::string_view text);

}  // namespace hongyan::message
