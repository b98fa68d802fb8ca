// Addresses to which an account sends no more, because they do not exist or somebody said so.
#pragma once

#include "queue/entry.h"

namespace hongyan::queue {

struct Suppression {
    std::string address = {};  // in lower case
    Instant since = {};
    std::string reason = {};  // "550 5.1.1 no such user", or what a person gave
    bool by_bounce = false;   // not by a person

    friend bool operator==(const Suppression&, const Suppression&) = default;
};

std::string suppression_key(std::string_view account, std::string_view address);
std::string suppression_prefix(std::string_view account);
std::string encode(const Suppression& suppression);
Result<Suppression> decode_suppression(std::string_view key, std::string_view value);

}  // namespace hongyan::queue
