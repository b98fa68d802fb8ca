// Passwords and tokens of routes, which lie in files of their own.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "config/route.h"
#include "sasl/client.h"

namespace hongyan::outbound {

// The credentials for a hop with a user, read anew each time, so that a token that others renew is the one of
// today. From the hop's own file (its first line), else from `secrets`: a line for each user, "USER SECRET";
// lines that begin with # say nothing. Blocks for the disk. Errors: denied if others may read the file,
// not_found if it or the user's line is missing, invalid if it is empty or too large. None of them names a
// secret.
Result<sasl::Credentials> credentials_for(const config::NextHop& hop, const std::filesystem::path& secrets);

}  // namespace hongyan::outbound
