// Text inside the parameters of MAIL and RCPT: "+" and two hexadecimal digits stand for a byte that would not
// be allowed there (RFC 3461 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::smtp {

std::string to_xtext(std::string_view text);
// Nothing if a "+" stands alone, or what should have been encoded was not.
std::optional<std::string> from_xtext(std::string_view encoded);

}  // namespace hongyan::smtp
