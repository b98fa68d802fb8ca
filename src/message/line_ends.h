// Lines of a message end with CRLF (RFC 5322 §2.3); files of Unix programs end theirs with LF.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::message {

// Line ends of which kind a text has. `mixed` text is left alone by everybody: which of its line ends were
// meant nobody can tell any more.
enum class LineEnds { none, lf, crlf, mixed };
LineEnds line_ends(std::string_view text);

// Every LF becomes CRLF. For text whose line ends are all LF; to_lf() then is the inverse.
std::string to_crlf(std::string_view text);
// Whatever ends a line, CRLF, LF or a CR alone, becomes CRLF. For text that is made here, which nobody has
// signed: RFC 5322 §2.3 knows no other line end, and RFC 5321 §2.3.8 lets none be sent.
std::string with_crlf_only(std::string_view text);
// Every CRLF becomes LF.
std::string to_lf(std::string_view text);

}  // namespace hongyan::message
