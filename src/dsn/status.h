// What became of a recipient, in the words of notifications (RFC 3464 §2.3.3, RFC 3463 §2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::dsn {

// RFC 3464 §2.3.3
enum class Action : std::uint8_t {
    failed,     // it will not arrive
    delayed,    // it has not arrived yet, and is tried again
    delivered,  // it is in the mailbox
    relayed,    // it went to a system that will say nothing of success
    expanded,   // it went to the members of an alias
};

std::string_view to_string(Action action);  // "failed"
// In any case, and with a comment behind it, as some servers write it.
std::optional<Action> parse_action(std::string_view text);

// An enhanced status code: 5.1.1 is class 5, subject 1, detail 1.
struct Status {
    std::uint16_t of_class = 5;  // 2 success, 4 persistent transient failure, 5 permanent failure
    std::uint16_t subject = 0;   // 0 to 999
    std::uint16_t detail = 0;    // 0 to 999

    friend auto operator<=>(const Status&, const Status&) = default;
};

std::string to_string(Status status);
// A code at the front of the text, which loses it with the blanks behind it; nothing if none is there.
std::optional<Status> take_status(std::string_view& text);
// A code and at most a comment behind it (RFC 3464 §2.3.4).
std::optional<Status> parse_status(std::string_view text);

// The class that must go with an action, and 0.0 where nothing more is known (RFC 3461 §6.3 (g)).
Status undefined_status(Action action);

// The code that a notification of `action` bears for what was found: `found` if its class agrees with the
// action, else the same subject and detail in the right class. A message that has waited too long for
// something temporary (4.4.1) fails as 5.4.1, as RFC 3463 §2 has classes mean what becomes of the message.
Status status_for(Action action, std::optional<Status> found);

}  // namespace hongyan::dsn
