// What the files of this folder read JSON with. For them only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace hongyan::oauth {

// An object (RFC 8259 §4), nested no deeper than any token or key is. Of members of one name the last counts
// (RFC 7515 §4, RFC 7519 §4). Invalid if the text is something else.
Result<boost::json::object> parse_object(std::string_view text);

// The member's text; nothing if there is none or it is no text.
std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name);

// base64url without padding (RFC 7515 §2); nothing on any other input.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace hongyan::oauth
