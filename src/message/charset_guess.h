// What charset are these bytes, when nobody says or what was said is not true? A guess over the charsets that
// unlabelled mail really uses, from how bytes pair up and how frequent the characters would be.
#pragma once

#include <cstddef>
#include <string_view>

namespace hongyan::message {

inline constexpr std::size_t guess_sample = 4096;  // bytes looked at; more does not change the answer

// The name of the likeliest of GB18030, Big5, Shift_JIS, EUC-JP, EUC-KR, windows-1251, KOI8-R and
// windows-1252 for text that is neither ASCII nor UTF-8. Every character of a reading counts as frequent,
// possible, rare or wrong; the best mean wins, and the order above decides between equals. Two characters can
// mislead it, ten hardly ever.
std::string_view guess_8bit_charset(std::string_view bytes);

// The charset of 7-bit text that shifts between character sets: ISO-2022-JP, -KR, -CN by their escapes
// (RFC 1468, 1557, 1922), HZ-GB-2312 by its tildes around frequent characters (RFC 1843). Empty if it does
// not.
std::string_view recognise_7bit_charset(std::string_view bytes);

// Are the bytes UTF-8 beyond chance, whatever else is claimed: valid, and with a character of East Asia, or
// with several others? Two or three characters of GB2312 can be UTF-8 by accident.
bool surely_utf8(std::string_view bytes);

}  // namespace hongyan::message
