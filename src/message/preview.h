// The first words of a message, which a listing shows beside its subject.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "message/structure.h"

namespace hongyan::message {

inline constexpr std::size_t preview_length = 200;  // characters; two lines of a listing

// UTF-8 on one line: of the first plain text that says anything, else of the first HTML without its markup.
// Attachments and messages inside are passed over. Looks only at the beginning of a body.
std::string preview_of(const Structure& structure, std::string_view raw);

}  // namespace hongyan::message
