#include "crypto/password_hash.h"

#include <memory>
#include <optional>

#include <crypt.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/scanner.h"
#include "crypto/digest.h"

namespace hongyan::crypto {

namespace {

constexpr std::size_t salt_size = 16;  // RFC 9106 §3.1
constexpr std::size_t hash_size = 32;

// What an imported hash may cost at most, so that a log-in cannot stop the server.
constexpr Argon2Cost dearest{.passes = 64, .memory = 1024 * 1024, .lanes = 16};
constexpr std::uint32_t max_bcrypt_cost = 16;  // 2^16 rounds
constexpr std::uint32_t max_sha_crypt_rounds = 5'000'000;

bool is_bearable(const Argon2Cost& cost) {
    return cost.passes <= dearest.passes && cost.memory <= dearest.memory && cost.lanes <= dearest.lanes;
}

// Every scheme answers two questions: can there be such a hash, and does it fit the password?

bool is_argon2(std::string_view text) {
    const auto hash = parse_argon2(text);
    return hash && is_bearable(hash->cost);
}
bool fits_argon2(std::string_view text, std::string_view password) {
    const auto hash = parse_argon2(text);
    const auto made = hash ? argon2(*hash, password, hash->hash.size()) : std::nullopt;
    return made && equal_in_constant_time(made->reveal(), hash->hash);
}

// The number after `before`, or 0: "$2y$10$…", "$6$rounds=5000$…".
std::uint32_t number_after(std::string_view hash, std::string_view before) {
    if (!hash.starts_with(before)) return 0;
    return Scanner(hash.substr(before.size())).number();
}

bool is_crypt(std::string_view hash) {
    for (const auto* bcrypt : {"$2a$", "$2b$", "$2y$"})
        if (number_after(hash, bcrypt) > max_bcrypt_cost) return false;
    for (const auto* sha : {"$5$rounds=", "$6$rounds="})
        if (number_after(hash, sha) > max_sha_crypt_rounds) return false;
    const std::string setting(hash);
    return hash.find('\0') == hash.npos && crypt_checksalt(setting.c_str()) != CRYPT_SALT_INVALID;
}
bool fits_crypt(std::string_view hash, std::string_view password) {
    // A password ends at a NUL for libcrypt, and what lies behind it must not go unseen.
    if (password.find('\0') != password.npos) return false;
    std::string phrase(password);
    const std::string setting(hash);
    const auto work = std::make_unique<crypt_data>();
    const auto* made = crypt_rn(phrase.c_str(), setting.c_str(), work.get(), sizeof(crypt_data));
    wipe(phrase);
    return made != nullptr && equal_in_constant_time(made, hash);
}

// base64(digest(password, salt), salt), where the salt may be missing.
template <Hash algorithm>
bool is_digest(std::string_view hash) {
    const auto bytes = from_base64(hash);
    return bytes && bytes->size() >= digest_size(algorithm);
}
template <Hash algorithm>
bool fits_digest(std::string_view hash, std::string_view password) {
    const auto bytes = from_base64(hash).value_or("");
    const std::string_view view = bytes;
    const auto size = digest_size(algorithm);
    if (view.size() < size) return false;
    const Secret salted(fmt::format("{}{}", password, view.substr(size)));
    return equal_in_constant_time(digest(algorithm, salted.reveal()), view.substr(0, size));
}

bool is_plain(std::string_view hash) { return !hash.empty(); }

struct Scheme {
    std::string_view prefix;
    bool (*is_one)(std::string_view hash);
    bool (*fits)(std::string_view hash, std::string_view password);
};

// An unnamed scheme is told by the hash itself; these come last.
constexpr Scheme schemes[] = {
    {"{ARGON2ID}", is_argon2, fits_argon2},
    {"{ARGON2I}", is_argon2, fits_argon2},
    {"{CRYPT}", is_crypt, fits_crypt},
    {"{BLF-CRYPT}", is_crypt, fits_crypt},
    {"{MD5-CRYPT}", is_crypt, fits_crypt},
    {"{SHA256-CRYPT}", is_crypt, fits_crypt},
    {"{SHA512-CRYPT}", is_crypt, fits_crypt},
    {"{SSHA}", is_digest<Hash::sha1>, fits_digest<Hash::sha1>},
    {"{SSHA256}", is_digest<Hash::sha256>, fits_digest<Hash::sha256>},
    {"{SSHA512}", is_digest<Hash::sha512>, fits_digest<Hash::sha512>},
    {"{SHA}", is_digest<Hash::sha1>, fits_digest<Hash::sha1>},
    {"{SHA256}", is_digest<Hash::sha256>, fits_digest<Hash::sha256>},
    {"{SHA512}", is_digest<Hash::sha512>, fits_digest<Hash::sha512>},
    {"{PLAIN}", is_plain, equal_in_constant_time},
    {"{CLEARTEXT}", is_plain, equal_in_constant_time},
};
constexpr Scheme argon2_scheme{"", is_argon2, fits_argon2};
constexpr Scheme crypt_scheme{"", is_crypt, fits_crypt};

// The scheme and the hash without its prefix; nullptr if there is none of that name.
std::pair<const Scheme*, std::string_view> scheme_of(std::string_view hash) {
    if (hash.starts_with("$argon2")) return {&argon2_scheme, hash};
    if (!hash.starts_with('{')) return {&crypt_scheme, hash};
    for (const auto& scheme : schemes)
        if (ascii::istarts_with(hash, scheme.prefix)) return {&scheme, hash.substr(scheme.prefix.size())};
    return {nullptr, hash};
}

}  // namespace

std::string hash_password(std::string_view password, Random& random, const Argon2Cost& cost) {
    Argon2Hash made{.cost = cost, .salt = random.bytes(salt_size), .hash = {}};
    const auto hash = argon2(made, password, hash_size);
    check(hash.has_value(), "a password can be hashed");
    made.hash = hash->reveal();
    return to_string(made);
}

bool verify_password(std::string_view hash, std::string_view password) {
    const auto [scheme, rest] = scheme_of(hash);
    return scheme != nullptr && scheme->is_one(rest) && scheme->fits(rest, password);
}

bool needs_rehash(std::string_view hash, const Argon2Cost& cost) {
    const auto found = hash.starts_with("$argon2id$") ? parse_argon2(hash) : std::nullopt;
    return !found || found->cost.passes < cost.passes || found->cost.memory < cost.memory ||
           found->cost.lanes < cost.lanes;
}

std::optional<std::string_view> plain_password(std::string_view hash) {
    const auto [scheme, rest] = scheme_of(hash);
    if (scheme == nullptr || scheme->is_one != is_plain) return std::nullopt;
    return rest;
}

Result<void> check_hash(std::string_view hash) {
    const auto [scheme, rest] = scheme_of(hash);
    if (scheme == nullptr) return fail(Error::Kind::invalid, "the password hash has an unknown scheme");
    if (!scheme->is_one(rest)) return fail(Error::Kind::invalid, "the password hash is damaged or too dear");
    return {};
}

}  // namespace hongyan::crypto
