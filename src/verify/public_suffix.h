// Which domains belong to one owner, as the Public Suffix List has it.
#pragma once

#include <optional>

#include "dns/name.h"

namespace hongyan::verify {

// The name one label longer than its longest public suffix ("example.co.uk" of "a.example.co.uk"); nothing
// for public suffixes themselves. The list is that of the system, else the one that libpsl was built with.
// Any thread.
std::optional<dns::Name> registrable_domain(const dns::Name& name);

}  // namespace hongyan::verify
