// What a session is told of the TLS under it.
#pragma once

#include <string>

#include "sasl/circumstances.h"

namespace hongyan::session {

struct Security {
    std::string description = {};            // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty in plain text
    sasl::Circumstances circumstances = {};  // what log-ins can make of it

    bool is_encrypted() const { return circumstances.encrypted; }
};

}  // namespace hongyan::session
