// Records of keys, as an administrator puts them into a zone and as DNS gives them back.
#pragma once

#include <algorithm>

#include "crypto/signature_key.h"
#include "dns/name.h"
#include "verify/dkim_key.h"
#include "verify/inquiry.h"

namespace hongyan::admin {

inline verify::DkimKey record_of(const crypto::PrivateKey& key) {
    return {.type = key.type(), .octets = key.public_octets()};
}

// As a line of a zone: strings of 255 octets at most (RFC 6376 §3.6.2.2).
inline std::string zone_line(const dns::Name& name, std::string_view record) {
    constexpr std::size_t longest_string = 255;
    std::string out = fmt::format("{}. IN TXT (", name.text());
    for (std::size_t at = 0; at < record.size(); at += longest_string)
        out += fmt::format(" \"{}\"", record.substr(at, longest_string));
    return out + " )";
}

// Is what DNS says the public half of the key?
inline bool publishes(const dns::RawAnswer& answer, const crypto::PrivateKey& key) {
    return std::ranges::any_of(verify::texts_of(answer), [&](const std::string& text) {
        const auto parsed = verify::DkimKey::parse(text);
        return parsed && parsed->type == key.type() && parsed->octets == key.public_octets();
    });
}

}  // namespace hongyan::admin
