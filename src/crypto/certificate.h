// What is to be known of an X.509 certificate outside of TLS.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::crypto {

// SHA-256 of a certificate in PEM (the first, if there are several), in lower-case hexadecimal. Invalid if
// there is none.
Result<std::string> certificate_fingerprint(std::string_view pem);

// The same from what people write: hexadecimal in either case, with colons or without. Invalid otherwise.
Result<std::string> parse_fingerprint(std::string_view text);

}  // namespace hongyan::crypto
