// Text of any charset as UTF-8. Mail names its charset wrongly, by names of long dead systems, or not at all;
// a person still wants to read it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "message/utf8.h"

namespace hongyan::message {

// Never fails; the result is always valid UTF-8, with U+FFFD for what cannot be read. The name is taken as
// mail writes it: any case, quotes, a stray semicolon, `cp936`, `x-gbk`, `unicode-1-1-utf-7`. A charset is
// read as the superset that is really meant (gb2312 as GB18030, iso-8859-1 as windows-1252).
//
// A declaration is overruled where it cannot be true:
// - none, us-ascii, utf-8 or an unknown name, and the bytes are not so: valid UTF-8 is UTF-8, ISO-2022 is
// known
//   by its escapes, all else is guessed (charset_guess.h);
// - any other name, and the bytes are UTF-8 beyond chance;
// - a name under which more than one character in ten cannot be read, and a guess under which all can.
std::string to_utf8(std::string_view bytes, std::string_view declared_charset);

// The same to the letter, for who may not guess (IMAP SEARCH CHARSET, RFC 9051 §6.4.4): nothing if the
// charset is unknown or the bytes are not of it.
std::optional<std::string> strict_to_utf8(std::string_view bytes, std::string_view charset);

// UTF-8 in another charset, with that charset's substitute for what it lacks; unchanged if we do not know it.
std::string from_utf8(std::string_view utf8, std::string_view charset);

// Do we read this charset, by this or another of its names?
bool is_supported_charset(std::string_view name);

// The charsets that mail uses, by their preferred MIME names: what BADCHARSET lists.
std::span<const std::string_view> supported_charsets();

}  // namespace hongyan::message
