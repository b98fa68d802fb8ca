// Who is told of what: the rules of NOTIFY (RFC 3461 §4.1, §5.2).
#pragma once

#include <string>
#include <string_view>

#include "dsn/status.h"

namespace hongyan::dsn {

// The value of NOTIFY; nothing said is a wish of its own.
struct Notify {
    bool said = false;
    bool success = false, failure = false, delay = false;  // NEVER is said, and none of these

    friend bool operator==(const Notify&, const Notify&) = default;
};

// "NEVER", "SUCCESS,DELAY", in any case; what is no such word is passed over. Empty: nothing was said.
Notify parse_notify(std::string_view value);
std::string to_string(const Notify& notify);

// Is a notification due to the sender of a message? `reverse_path` is without brackets; an empty one is never
// written to (RFC 3461 §5.2: a bounce to a bounce), whatever NOTIFY says.
//
//            not said   NOTIFY with the word
//  failed    yes        FAILURE   RFC 3461 §5.2.6
//  delayed   yes        DELAY     RFC 3461 §5.2.5
//  others    no         SUCCESS   RFC 3461 §5.2.2 (b), §5.2.3, §5.2.7.3
bool is_wanted(std::string_view reverse_path, const Notify& notify, Action action);

// A failure of which nobody may be told is the postmaster's (RFC 3461 §5.2): the reverse-path is empty, and
// the recipient did not ask for silence.
bool concerns_postmaster(std::string_view reverse_path, const Notify& notify, Action action);

// What goes with the message to the members of an alias with several: without SUCCESS, of which the alias
// itself tells by "expanded" (RFC 3461 §5.2.7.3 (c)).
Notify without_success(const Notify& notify);

}  // namespace hongyan::dsn
