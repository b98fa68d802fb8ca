// Mail that goes in circles between addresses that forward to each other. Received fields are counted too
// (smtp/trace.h), but a circle of two may fill a queue with a hundred copies before that ends it.
#pragma once

#include <string_view>

#include "message/address.h"

namespace hongyan::forward {

// Does the header say that the message has been at this address before: in a Delivered-To field, which
// whoever forwards it there adds? Compared without regard to case; linear in the header.
bool has_been_at(std::string_view message, const message::Address& address);

}  // namespace hongyan::forward
