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

// Domain or address literal, as EHLO and HELO take it (RFC 5321 §4.1.1.1, §4.1.3). More lenient than the
// grammar with underscores and the like in names, since many clients say what their machine is called, and
// SMTPUTF8 names.
bool is_client_name(std::string_view text);

}  // namespace hongyan::smtp
