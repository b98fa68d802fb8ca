// The keys whose signatures we believe: a JWK Set (RFC 7517 §5).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/token_key.h"

namespace hongyan::oauth {

struct Key {
    std::string id;  // "kid"; may be empty
    crypto::TokenKey key;
};

// Any thread.
class KeySet {
public:
    static constexpr std::size_t most_keys = 100;        // providers have two to six
    static constexpr std::size_t most_octets = 262'144;  // of the file

    // Keys of other types or for other uses are passed over (RFC 7517 §5). Invalid if the text is no set, if
    // a key of a type that we know is broken, or if none is left.
    static Result<KeySet> parse(std::string_view json);

    std::span<const Key> keys() const { return keys_; }

private:
    std::vector<Key> keys_;
};

}  // namespace hongyan::oauth
