// What an SMTP client says (RFC 5321 §4.1.1).
#pragma once

#include <string_view>

namespace hongyan::smtp {

// A command line taken apart; looks at the line. The verb keeps its case, comparing is for who looks it up.
struct Command {
    std::string_view verb;
    std::string_view
        argument;  // without the blanks around it (RFC 5321 §4.1.1: trailing white space is tolerated)
};

Command parse_command(std::string_view line);

// Takes "FROM:" or "TO:" from the front, in any case, and the spaces that some clients put after it.
bool take_word(std::string_view& text, std::string_view word);

// Domain or address literal, as EHLO and HELO take it (RFC 5321 §4.1.1.1, §4.1.3). More lenient than the
// grammar with names, since many clients say what their machine is called; nothing is in it that could break
// a header field.
bool is_client_name(std::string_view text);

}  // namespace hongyan::smtp
