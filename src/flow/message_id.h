// By which identifier the history finds a message.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::flow {

// The first msg-id of the header's first Message-ID (RFC 5322 §3.6.4), with its brackets; all of the value
// where none is in it; empty: there is no such field. `message` may end anywhere.
std::string message_id_of(std::string_view message);

}  // namespace hongyan::flow
