// Addresses with their type, as notifications name them: "rfc822;ann@here.test", "utf-8;…" (RFC 3464 §2.3.1,
// RFC 6533 §3).
#pragma once

#include <string>
#include <string_view>

namespace hongyan::dsn {

struct TypedAddress {
    std::string type;     // in lower case; "rfc822" where none was written
    std::string address;  // UTF-8; the escapes of RFC 6533 are undone

    friend bool operator==(const TypedAddress&, const TypedAddress&) = default;
};

// Never fails. An address of the type utf-8 that is no UTF-8 when its escapes are undone is left as it is
// (RFC 6533 §3).
TypedAddress parse_typed_address(std::string_view text);

// The address from an envelope: rfc822 if it is ASCII, else utf-8.
TypedAddress typed_address(std::string_view address);

// Where the field stands: message/delivery-status is ASCII, message/global-delivery-status is UTF-8.
enum class Letters { ascii, utf8 };
// "rfc822;ann@here.test"; "utf-8;\x{738B}@here.test" in ASCII (utf-8-addr-xtext). On one line; what no
// address holds, control characters, is escaped too.
std::string to_string(const TypedAddress& address, Letters letters);

// utf-8-addr-xtext of RFC 6533 §3: "\x{…}" for all but visible ASCII, and for "\", "+" and "=".
std::string to_utf8_xtext(std::string_view utf8);
// Undoes it; also what is not escaped though it should be. Escapes that name no character stay as they are.
std::string from_utf8_xtext(std::string_view text);

// Text for a field of ASCII: "\x{…}" for other letters, blanks for controls. What is no UTF-8 becomes "?".
std::string to_ascii_text(std::string_view text);

}  // namespace hongyan::dsn
