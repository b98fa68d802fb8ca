// Whether a message was written by a machine (RFC 3834 §2): what must not be answered by one.
#pragma once

#include <cstdint>
#include <string_view>

namespace hongyan::dsn {

enum class Automatic : std::uint8_t {
    no,
    null_sender,     // "<>": a notification, or whoever wants none
    auto_submitted,  // Auto-Submitted other than "no" (RFC 3834 §5)
    list,            // a List- field of RFC 2369 or RFC 2919
    precedence,      // Precedence: bulk, junk, list, auto_reply
    marked,          // what other systems use: X-Auto-Response-Suppress, X-Autoreply, X-Loop, Feedback-ID
    daemon,          // a sender whose name says so: MAILER-DAEMON, owner-…, …-request, …-bounces, noreply
};

// The first that holds, in the order above. `reverse_path` is without brackets; `header` is the message's, or
// the whole message. Linear in the header.
Automatic find_automatic(std::string_view reverse_path, std::string_view header);

inline bool is_automatic(std::string_view reverse_path, std::string_view header) {
    return find_automatic(reverse_path, header) != Automatic::no;
}

std::string_view to_string(Automatic automatic);

}  // namespace hongyan::dsn
