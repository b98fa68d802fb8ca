// The keys by which domains sign their mail (RFC 6376 §3.6): private, sealed where they lie.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/signature_key.h"
#include "directory/name.h"

namespace hongyan::directory {

// The numbers are those on disk.
enum class KeyState : std::uint8_t {
    pending,  // made; signs once DNS has it
    active,   // signs
    retired,  // signs no more; mail that it has signed is still on its way
};
std::string_view to_string(KeyState state);

struct SigningKey {
    DomainName domain;
    std::string selector;
    KeyState state = KeyState::pending;
    Instant made{};
    Instant changed{};         // when it came into its state
    std::string sealed = {};   // PKCS #8 in PEM
    std::string unknown = {};  // fields of a newer version

    friend bool operator==(const SigningKey&, const SigningKey&) = default;
};

inline constexpr std::size_t max_signing_keys = 32;  // of one domain
inline constexpr std::string_view signing_key_prefix = "dk";

std::string signing_keys_key(const DomainName& domain);
std::string signing_key_key(const DomainName& domain, std::string_view selector);
std::string encode(const SigningKey& key);
// Corrupt if the key or the record is damaged.
Result<SigningKey> decode_signing_key(std::string_view key, std::string_view record);
// What a sealed key belongs to.
std::string seal_context(const SigningKey& key);

// One that signs, ready for use. Any thread.
struct Signer {
    std::string selector;
    crypto::PrivateKey key;
};
using Signers = std::vector<Signer>;

}  // namespace hongyan::directory
