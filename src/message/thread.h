// What makes two messages belong together (RFC 5256).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::message {

struct BaseSubject {
    std::string text;                  // UTF-8, as written in the message
    bool is_reply_or_forward = false;  // something was taken away that says so

    friend bool operator==(const BaseSubject&, const BaseSubject&) = default;
};

// The subject without "Re:", "Fwd:", list tags and the like (RFC 5256 §2.1), of decoded UTF-8 text on one
// line.
BaseSubject base_subject(std::string_view subject);

// Equal for equal base subjects, without regard to the case of ASCII letters; 0 if there is none.
std::uint64_t thread_key(std::string_view decoded_subject);

}  // namespace hongyan::message
