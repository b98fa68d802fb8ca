// To whom a message leads its reader.
#pragma once

#include <string_view>
#include <vector>

#include "dns/name.h"

namespace hongyan::spam {

// Of one message; what comes behind is not looked at.
inline constexpr std::size_t most_link_domains = 20;
inline constexpr std::size_t most_link_text = std::size_t{8} << 20U;  // bytes

// The registrable domains (Public Suffix List) of the links in its text parts, each once, in their order; in
// HTML those of attributes come first, found as browsers do. Linear in the size of the message.
std::vector<dns::Name> link_domains(std::string_view message);
// The same of one text.
void add_link_domains(std::string_view text, std::vector<dns::Name>& domains);

}  // namespace hongyan::spam
