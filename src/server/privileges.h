// From root to somebody who may do less.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace hongyan::server {

// Becomes the user, for good: groups, group, user, in every thread there is. Nothing happens without a name
// or without being root. `folder` is made the user's own, so that it can keep its data there.
Result<void> become(const std::string& user, const std::filesystem::path& folder);

}  // namespace hongyan::server
