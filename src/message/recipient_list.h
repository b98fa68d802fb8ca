// Address lists, for whoever is to write to all who are in them.
#pragma once

#include "message/address.h"

namespace hongyan::message {

inline constexpr std::size_t max_listed_recipients = 100'000;

// As parse_address_list() reads them, but so that nobody is left out unheard. Errors: invalid where text
// stands beside an address without brackets, as where a comma is missing; too_large for more than
// max_listed_recipients.
Result<AddressList> parse_recipients(std::string_view value);

}  // namespace hongyan::message
