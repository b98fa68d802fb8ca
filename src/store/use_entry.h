// The use of a mailbox as an annotation of its owner's.
#pragma once

#include <string_view>

namespace hongyan::store {

// RFC 6154 §4. Its value is the mailbox's use and is kept with the mailbox; among the annotations stands only
// when the use was changed last, as one that has been removed.
inline constexpr std::string_view use_entry = "/specialuse";

}  // namespace hongyan::store
