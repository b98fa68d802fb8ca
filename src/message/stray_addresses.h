// What looks like an address where the grammar has none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// Of the words that parse_address_list(value) takes for a name, or for part of a local part, those with an
// "@" that neither stand before an address in brackets nor are quoted in a local part: "ann@here.test
// bob@there.test", whose second word is the address, and which a reader may see as one of the first. Linear
// in the text.
std::vector<std::string> stray_addresses(std::string_view value);

}  // namespace hongyan::message
