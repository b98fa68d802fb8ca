// Content transfer encodings (RFC 2045 §6): decoders that make the best of what arrives, encoders that keep
// to the letter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

enum class TransferEncoding { identity, base64, quoted_printable, other };

// By its name in any case; an empty name, 7bit, 8bit and binary are the identity.
TransferEncoding transfer_encoding(std::string_view name);

// Skips what is not of the alphabet, does without padding, reads on behind padding (joined chunks). Never
// fails.
std::string decode_base64(std::string_view text);

// Undoes =XX and soft line breaks, takes blanks off line ends, keeps a broken =XX as it stands
// (RFC 2045 §6.7). Line ends stay as they are. Never fails.
std::string decode_quoted_printable(std::string_view text);

// Undoes the encoding; the text itself for identity and for one we do not know.
std::string decode(TransferEncoding encoding, std::string_view text);

// How many bytes decode() would give, without making them.
std::size_t decoded_size(TransferEncoding encoding, std::string_view text);

// Lines of 76 characters, each ended by CRLF; nothing for no bytes.
std::string encode_base64(std::string_view bytes);

// Lines of at most 76 characters. With Lines::text, line ends (LF or CRLF) become CRLF and stay line ends;
// with Lines::binary they are encoded like any other byte.
enum class Lines { text, binary };
std::string encode_quoted_printable(std::string_view bytes, Lines lines = Lines::text);

}  // namespace hongyan::message
