// The letters and bits of the milter protocol, version 6. There is no RFC: the facts are those that the
// makers of filters and servers have written down in public (see README.md), under the names they use.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hongyan::milter {

// A packet is a length of four bytes, one of these letters, and data; all numbers are big-endian, and texts
// end with NUL.

inline constexpr std::uint32_t newest_version = 6;
inline constexpr std::uint32_t oldest_version = 2;
// Before these a filter takes some command for nonsense.
inline constexpr std::uint32_t first_version_with_unknown = 3;
inline constexpr std::uint32_t first_version_with_data = 4;

// SMFIC_…: what the mail server says.
namespace command {
inline constexpr char negotiate = 'O';
inline constexpr char macros = 'D';
inline constexpr char connect = 'C';
inline constexpr char helo = 'H';
inline constexpr char mail = 'M';
inline constexpr char recipient = 'R';
inline constexpr char data = 'T';
inline constexpr char header = 'L';
inline constexpr char end_of_headers = 'N';
inline constexpr char body = 'B';
inline constexpr char end_of_message = 'E';
inline constexpr char abort = 'A';
inline constexpr char quit = 'Q';
inline constexpr char unknown = 'U';
}  // namespace command

// SMFIR_…: what the filter says.
namespace answer {
inline constexpr char negotiated = 'O';
inline constexpr char proceed = 'c';
inline constexpr char accept = 'a';
inline constexpr char reject = 'r';
inline constexpr char temporary = 't';
inline constexpr char discard = 'd';
inline constexpr char reply = 'y';
inline constexpr char connection_fails = 'f';
inline constexpr char shut_down = '4';
inline constexpr char progress = 'p';
inline constexpr char skip = 's';
inline constexpr char add_header = 'h';
inline constexpr char insert_header = 'i';
inline constexpr char change_header = 'm';
inline constexpr char replace_body = 'b';
inline constexpr char add_recipient = '+';
inline constexpr char add_recipient_with_parameters = '2';
inline constexpr char remove_recipient = '-';
inline constexpr char change_sender = 'e';
inline constexpr char quarantine = 'q';
}  // namespace answer

// SMFIF_…: what a filter may change. We offer all; it says what it wants.
namespace action {
inline constexpr std::uint32_t add_headers = 0x1;  // and insert them
inline constexpr std::uint32_t change_body = 0x2;
inline constexpr std::uint32_t add_recipients = 0x4;
inline constexpr std::uint32_t remove_recipients = 0x8;
inline constexpr std::uint32_t change_headers = 0x10;
inline constexpr std::uint32_t quarantine = 0x20;
inline constexpr std::uint32_t change_sender = 0x40;
inline constexpr std::uint32_t add_recipients_with_parameters = 0x80;
inline constexpr std::uint32_t choose_macros = 0x100;
inline constexpr std::uint32_t all = 0x1ff;
}  // namespace action

// SMFIP_…: what a filter does not want to hear, or hears without answering.
namespace step {
inline constexpr std::uint32_t no_connect = 0x1;
inline constexpr std::uint32_t no_helo = 0x2;
inline constexpr std::uint32_t no_mail = 0x4;
inline constexpr std::uint32_t no_recipient = 0x8;
inline constexpr std::uint32_t no_body = 0x10;
inline constexpr std::uint32_t no_headers = 0x20;
inline constexpr std::uint32_t no_end_of_headers = 0x40;
inline constexpr std::uint32_t silent_header = 0x80;
inline constexpr std::uint32_t no_unknown = 0x100;
inline constexpr std::uint32_t no_data = 0x200;
inline constexpr std::uint32_t may_skip = 0x400;
inline constexpr std::uint32_t silent_connect = 0x1000;
inline constexpr std::uint32_t silent_helo = 0x2000;
inline constexpr std::uint32_t silent_mail = 0x4000;
inline constexpr std::uint32_t silent_recipient = 0x8000;
inline constexpr std::uint32_t silent_data = 0x1'0000;
inline constexpr std::uint32_t silent_unknown = 0x2'0000;
inline constexpr std::uint32_t silent_end_of_headers = 0x4'0000;
inline constexpr std::uint32_t silent_body = 0x8'0000;
inline constexpr std::uint32_t leading_space = 0x10'0000;  // values of headers with the blank after the colon
// All but 0x800 (recipients that were refused already) and the two that ask for larger packets.
inline constexpr std::uint32_t offered = 0x1f'f7ff;
}  // namespace step

// Bytes of the body in a packet; filters need not take more.
inline constexpr std::size_t longest_chunk = 65'535;
// The same for what else is in one: libmilter ends the connection at more.
inline constexpr std::size_t longest_data = 65'535;

// When macros are sent, SMFIM_…; a filter names its wishes by these numbers.
enum class Stage { connect, helo, mail, recipient, data, end_of_message, end_of_headers };
inline constexpr std::size_t stages = 7;

}  // namespace hongyan::milter
