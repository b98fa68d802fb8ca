#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "message/utf8.h"
#include "sasl/machine.h"

namespace hongyan::sasl {

namespace {

constexpr std::size_t nonce_bytes = 16;
constexpr std::size_t hex_digest_size = 32;

// RFC 2195 §2: a keyed digest of our challenge, under the password itself.
class CramMd5 final : public Machine {
public:
    explicit CramMd5(const Context& context)
        : challenge_(fmt::format("<{}@{}>", to_hex(context.random.bytes(nonce_bytes)),
                                 context.settings.server_name)),
          secret_of_nobody_(context.random.bytes(nonce_bytes)) {}

    Challenge first_challenge() override { return {challenge_}; }

    // The user name, a space, and the digest in lower-case hexadecimal. User names may have spaces.
    Step respond(std::string_view response) override {
        const auto space = response.rfind(' ');
        if (space == std::string_view::npos || space == 0 || response.size() - space - 1 != hex_digest_size ||
            !message::valid_utf8(response))
            return Refused{Refusal::malformed, "not a user name and a digest"};
        digest_ = ascii::to_lower(response.substr(space + 1));
        return Question{FetchSecret{{std::string(response.substr(0, space)), {}}}};
    }

    Step answer(const Answer& answer) override {
        const auto* known = std::get_if<KnownSecret>(&answer);
        const auto* refused = std::get_if<Refused>(&answer);
        check(known != nullptr || refused != nullptr,
              "a question for a secret is answered with it or a refusal");
        if (refused != nullptr && refused->why != Refusal::wrong_credentials) return *refused;
        const auto& secret = known != nullptr ? known->secret : secret_of_nobody_;
        const auto expected = to_hex(crypto::hmac(crypto::Hash::md5, secret, challenge_));
        const bool same = crypto::equal_in_constant_time(expected, digest_);
        if (known == nullptr || !same) return Refused{Refusal::wrong_credentials, "wrong digest"};
        return Granted{known->account, {}};
    }

private:
    std::string challenge_;
    std::string secret_of_nobody_;  // so that an unknown user takes as long as a known one
    std::string digest_;
};

}  // namespace

std::unique_ptr<Machine> make_cram_md5(const Context& context) { return std::make_unique<CramMd5>(context); }

}  // namespace hongyan::sasl
