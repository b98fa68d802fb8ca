// Header fields as they are written: folded, and with parameters that can be read everywhere.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::message {

// Appends "Name: value" with CRLF, folded at blanks so that no line is longer than folded_line characters if
// it can be helped, and none than longest_line octets in any case. The value must be on one line already.
void put_field(std::string& out, std::string_view name, std::string_view value);

// `; name=value` for a value of any letters: a token or quoted-string if it is short ASCII, else in the
// pieces and the percent signs of RFC 2231 §3, §4. `utf8` must be valid and on one line.
std::string parameter(std::string_view name, std::string_view utf8);

// The same with encoded words in a quoted-string, against RFC 2047 §5, for the readers that know nothing
// else.
std::string parameter_for_old_readers(std::string_view name, std::string_view utf8);

}  // namespace hongyan::message
