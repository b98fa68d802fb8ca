// Any bytes as something kept of a password: it is understood or refused, and what is understood goes round.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "crypto/password_hash.h"
#include "crypto/prepare_password.h"
#include "crypto/scram.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!crypto::check_hash(text))
        check(crypto::needs_rehash(text) || text.starts_with("$argon2id$"), "no hash");
    if (const auto keys = crypto::parse_scram_keys(text))
        check(crypto::parse_scram_keys(crypto::to_string(*keys)) == *keys, "SCRAM keys go round");
    if (const auto password = crypto::prepare_password(text)) {
        const auto again = crypto::prepare_password(password->reveal());
        check(again && again->reveal() == password->reveal(), "what is prepared stays as it is");
    }
    return 0;
}
