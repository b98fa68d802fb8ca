// What a submission server adds to a message that lacks it (RFC 6409 §8).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "smtp/envelope.h"

namespace hongyan::flow {

// Date (§8.2) and Message-ID (§8.3) fields with their CRLF, for mail of somebody who has logged in, or of
// a program of this machine; otherwise nothing: what comes from other servers is theirs.
std::string missing_fields(const smtp::Client& client, std::string_view message, std::string_view hostname,
                           std::string_view id, Instant now);

}  // namespace hongyan::flow
