#include "oauth/key_set.h"

#include <boost/json/array.hpp>

#include "oauth/json.h"

namespace hongyan::oauth {

namespace {

using boost::json::object;
using crypto::TokenAlgorithm;

Result<std::string> octets(const object& jwk, std::string_view name) {
    auto bytes = from_base64url(text_of(jwk, name).value_or("="));
    if (!bytes) return fail(Error::Kind::invalid, "\"{}\" is missing or not in base64url", name);
    return *std::move(bytes);
}

Result<crypto::TokenKey> rsa(const object& jwk) {
    TRY(const auto modulus, octets(jwk, "n"));
    TRY(const auto exponent, octets(jwk, "e"));
    return crypto::TokenKey::rsa(modulus, exponent);
}

Result<crypto::TokenKey> p256(const object& jwk) {
    TRY(const auto x, octets(jwk, "x"));
    TRY(const auto y, octets(jwk, "y"));
    return crypto::TokenKey::p256(x, y);
}

Result<crypto::TokenKey> ed25519(const object& jwk) {
    TRY(const auto x, octets(jwk, "x"));
    return crypto::TokenKey::ed25519(x);
}

struct Row {
    std::string_view type, curve, algorithm;
    Result<crypto::TokenKey> (*read)(const object&);
};

constexpr Row rows[] = {
    {"RSA", "", "RS256", &rsa},            // RFC 7518 §6.3
    {"EC", "P-256", "ES256", &p256},       // RFC 7518 §6.2
    {"OKP", "Ed25519", "EdDSA", &ed25519}  // RFC 8037 §2
};

// Null: a key of another type, or for another use than signatures (RFC 7517 §4).
const Row* row_for(const object& jwk) {
    if (text_of(jwk, "use").value_or("sig") != "sig") return nullptr;
    for (const auto& row : rows) {
        const bool fits = text_of(jwk, "kty") == row.type && text_of(jwk, "crv").value_or("") == row.curve &&
                          text_of(jwk, "alg").value_or(row.algorithm) == row.algorithm;
        if (fits) return &row;
    }
    return nullptr;
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view json) {
    if (json.size() > most_octets)
        return fail(Error::Kind::too_large, "a key set of more than {} octets", most_octets);
    TRY(const auto set, parse_object(json));
    const auto* const list = set.if_contains("keys");
    if (list == nullptr || !list->is_array()) return fail(Error::Kind::invalid, "a key set has \"keys\"");
    if (list->get_array().size() > most_keys)
        return fail(Error::Kind::too_large, "a key set of more than {} keys", most_keys);
    KeySet out;
    for (const auto& each : list->get_array()) {
        if (!each.is_object()) return fail(Error::Kind::invalid, "a key is an object");
        const auto& jwk = each.get_object();
        const auto* const row = row_for(jwk);
        if (row == nullptr) continue;
        const auto id = text_of(jwk, "kid").value_or("");
        auto key = row->read(jwk);
        if (!key) return fail(std::move(key).error(), fmt::format("the key \"{}\"", id));
        out.keys_.push_back({std::string(id), *std::move(key)});
    }
    if (out.keys_.empty())
        return fail(Error::Kind::invalid, "no key of the set is for signatures by RS256, ES256 or EdDSA");
    return out;
}

}  // namespace hongyan::oauth
