#include "crypto/scram.h"

#include <utility>

#include "base/encoding.h"
#include "base/scanner.h"

namespace hongyan::crypto {

namespace {

constexpr std::uint32_t max_iterations = 10'000'000;

struct Mechanism {
    std::string_view name;
    Hash hash;
};
constexpr Mechanism mechanisms[] = {{"SCRAM-SHA-1", Hash::sha1}, {"SCRAM-SHA-256", Hash::sha256}};

std::string exclusive_or(std::string a, std::string_view b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
    return a;
}

std::string take_base64(Scanner& in, std::string_view stop) {
    auto bytes = from_base64(stop.empty() ? in.take(in.rest().size()) : in.take_until(stop));
    if (!bytes) in.fail();
    return std::move(bytes).value_or("");
}

}  // namespace

ScramKeys ScramKeys::derive(Hash hash, std::string_view password, std::string salt,
                            std::uint32_t iterations) {
    const auto salted = pbkdf2(hash, password, salt, iterations, digest_size(hash));
    const Secret client_key(hmac(hash, salted.reveal(), "Client Key"));
    return {.hash = hash,
            .iterations = iterations,
            .salt = std::move(salt),
            .stored_key = digest(hash, client_key.reveal()),
            .server_key = hmac(hash, salted.reveal(), "Server Key")};
}

bool ScramKeys::accept(std::string_view auth_message, std::string_view client_proof) const {
    if (client_proof.size() != digest_size(hash)) return false;
    const Secret client_key(exclusive_or(hmac(hash, stored_key, auth_message), client_proof));
    return equal_in_constant_time(digest(hash, client_key.reveal()), stored_key);
}

std::string ScramKeys::server_signature(std::string_view auth_message) const {
    return hmac(hash, server_key, auth_message);
}

std::string to_string(const ScramKeys& keys) {
    const auto* row = std::ranges::find(mechanisms, keys.hash, &Mechanism::hash);
    return fmt::format("{}${}:{}${}:{}", row->name, keys.iterations, to_base64(keys.salt),
                       to_base64(keys.stored_key), to_base64(keys.server_key));
}

// authPassword = scheme "$" iteration-count ":" salt "$" StoredKey ":" ServerKey   RFC 5803 §3
Result<ScramKeys> parse_scram_keys(std::string_view text) {
    Scanner in(text);
    const auto* row = std::ranges::find(mechanisms, in.take_until("$"), &Mechanism::name);
    if (row == std::end(mechanisms)) return fail(Error::Kind::unsupported, "these are no known SCRAM keys");
    ScramKeys keys;
    keys.hash = row->hash;
    keys.iterations = in.number(max_iterations);
    in.expect(":");
    keys.salt = take_base64(in, "$");
    keys.stored_key = take_base64(in, ":");
    keys.server_key = take_base64(in, "");
    const auto size = digest_size(keys.hash);
    if (!in.complete() || keys.iterations == 0 || keys.stored_key.size() != size ||
        keys.server_key.size() != size)
        return fail(Error::Kind::invalid, "the SCRAM keys are damaged");
    return keys;
}

}  // namespace hongyan::crypto
