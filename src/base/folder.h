// Folders of our own.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace hongyan {

// Sees to the folder and those above it. Into one that is made nobody else may look (0700); one that is there
// keeps its permissions.
Result<void> make_private_folder(const std::filesystem::path& folder);

}  // namespace hongyan
