// From root to somebody who may do less; what the system lets the process have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace hongyan::server {

// Becomes the user, for good: groups, group, user, in every thread there is. Nothing happens without a name
// or without being root. `belongings` are made the user's own: the folder where it is to keep its data.
Result<void> become(const std::string& user, const std::vector<std::filesystem::path>& belongings);

// Has as many descriptors as are permitted without being root. How many.
std::uint64_t raise_descriptor_limit();

}  // namespace hongyan::server
