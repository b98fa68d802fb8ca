// In whose name reports go out, so that they can be signed.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "directory/directory.h"

namespace hongyan::outbound {

// The domain of ours that signs for all of us: that of the host or the nearest one above it which has a key
// that signs, else the first such domain; none if no domain has one. Errors are those of the directory. Reads
// the disk.
Result<std::optional<directory::DomainName>> signing_domain(const directory::Directory& directory,
                                                            std::string_view hostname);

}  // namespace hongyan::outbound
