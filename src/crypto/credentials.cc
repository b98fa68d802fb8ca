#include "crypto/credentials.h"

#include "crypto/prepare_password.h"

namespace hongyan::crypto {

namespace {

constexpr std::size_t scram_salt_size = 16;
constexpr Hash scram_hashes[] = {Hash::sha1, Hash::sha256};

bool is_outdated(const Credentials& credentials) {
    return needs_rehash(credentials.hash) || credentials.scram.size() < std::size(scram_hashes);
}

}  // namespace

Credentials Credentials::make(const Secret& password, Random& random) {
    Credentials made{.hash = hash_password(password.reveal(), random), .scram = {}};
    for (const auto hash : scram_hashes)
        made.scram.push_back(
            ScramKeys::derive(hash, password.reveal(), random.bytes(scram_salt_size), scram_iterations));
    return made;
}

Verdict verify(const Credentials& credentials, std::string_view typed) {
    if (typed.size() > max_password_size) return Verdict::wrong;
    const auto prepared = prepare_password(typed);
    const bool is_right =
        (prepared && verify_password(credentials.hash, prepared->reveal())) ||
        ((!prepared || prepared->reveal() != typed) && verify_password(credentials.hash, typed));
    if (!is_right) return Verdict::wrong;
    return prepared && is_outdated(credentials) ? Verdict::outdated : Verdict::right;
}

const Credentials& nobodys_credentials() {
    static const Credentials nobodys = [] {
        SystemRandom random;
        return Credentials{.hash = hash_password(random.bytes(32), random), .scram = {}};
    }();
    return nobodys;
}

}  // namespace hongyan::crypto
