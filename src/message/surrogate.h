// What stands for a message that has header fields beyond ASCII, for readers who know nothing of such fields
// (RFC 6858). It tells the most important, and is no message that anybody could answer.
#pragma once

#include <string>
#include <string_view>

#include "message/structure.h"

namespace hongyan::message {

// Has the header of the message, or that of a part, octets beyond ASCII? Bodies may have what they like.
bool needs_surrogate(std::string_view raw, const Structure& structure);

// A header without octets beyond ASCII, however old or broken they were: addresses beyond ASCII become
// invalid ones whose display name tells them (RFC 6858 §2.1), other display names and Subject become encoded
// words (§2.3), parameters of Content-Type and Content-Disposition are left out (§2.2), and so are all other
// fields that have any (§2.4). Fields without them stay as they are, byte for byte.
std::string surrogate_header(std::string_view header);

// The same for the header of the message and of each part. Bodies stay as they are.
std::string surrogate(std::string_view raw, const Structure& structure);

}  // namespace hongyan::message
