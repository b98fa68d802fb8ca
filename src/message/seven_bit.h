// Messages for transports that carry less than they hold (RFC 6152 §3, RFC 3030 §3): what does not fit is put
// into a transfer encoding, and nothing else is touched.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::message {

enum class Transport {
    seven_bit,  // ASCII without NUL, in lines of at most 998 octets
    eight_bit,  // any octets but NUL, in such lines
};

// What stands in a message: lines, whose ends may be CRLF, CR or LF alone and mean the same; or any octets
// (BODY=BINARYMIME), where a CR or LF that stands alone means itself.
enum class Content { lines, binary };

// Would it be sent as it is?
bool fits(Transport transport, Content content, std::string_view raw);

// The message with every part that does not fit as quoted-printable or base64, whichever is shorter, and its
// Content-Transfer-Encoding rewritten; the decoded content of every part is what it was (of text, with CRLF).
// What fits is kept byte for byte. Octets in preambles and epilogues, which belong to no part, become
// question marks.
//
// Unsupported, and to be refused with 5.6.3, if only breaking something would help: a header with 8-bit text
// outside of a message/global (which is encoded as a whole, RFC 6532 §3.7); a multipart/signed, which nobody
// may touch on the way (RFC 1847 §2.1); a message/* part that allows no encoding (RFC 2046 §5.2); an encoding
// that we do not know; a structure beyond the parser's limits.
//
// A DKIM signature does break. Those who sign convert before (RFC 6376 §5.3), so call this first; a signature
// by others that is broken counts as none (RFC 6376 §6.1), while a bounce would lose the mail.
Result<std::string> recode(Transport transport, Content content, std::string_view raw);

// A message with NUL for who takes none: as though it had come in a transfer encoding. Where none can hide it
// a question mark stands in its place.
std::string without_nul(std::string_view raw);

}  // namespace hongyan::message
