// Passwords as people type them, made comparable.
#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace hongyan::crypto {

inline constexpr std::size_t max_password_size = 1024;  // bytes of UTF-8, so that hashing takes a known time

// The OpaqueString profile (RFC 8265 §4.2): blanks of every script become a space, then NFC; case and width
// stay. Invalid: no UTF-8, empty, too long, control characters, code points that are unassigned or invisible.
// Two things differ from the letter of RFC 8264: old Hangul jamo are allowed, and U+200C and U+200D are
// allowed without looking at their neighbours.
Result<Secret> prepare_password(std::string_view text);

}  // namespace hongyan::crypto
