#include "base/encoding.h"
#include "base/scanner.h"
#include "crypto/prepare_password.h"
#include "crypto/scram.h"
#include "crypto/secret.h"
#include "sasl/client_machine.h"
#include "sasl/scram_message.h"

namespace hongyan::sasl {

namespace {

using crypto::Hash;

constexpr std::size_t nonce_bytes = 18;  // 24 characters of base64, 144 bits
constexpr std::size_t longest_salt = 1024;

constexpr bool is_not_comma(char c) { return c != ',' && c != '\0'; }

struct ServerFirst {
    std::string_view nonce;
    std::string salt;
    std::uint32_t iterations = 0;
};

// Attribute names have one case only.
std::string_view attribute(Scanner& in, std::string_view name) {
    if (!in.rest().starts_with(name) || !in.present(name)) in.fail();
    return in.take_some(is_not_comma);
}

// server-first-message = nonce "," salt "," iteration-count ["," extensions]   RFC 5802 §7. A mandatory
// extension comes before the nonce, and we know none.
std::optional<ServerFirst> parse_server_first(std::string_view text) {
    Scanner in(text);
    ServerFirst message;
    message.nonce = attribute(in, "r=");
    in.expect(",");
    const auto salt = from_base64(attribute(in, "s="));
    in.expect(",");
    Scanner count(attribute(in, "i="));
    message.iterations = count.number<std::uint32_t>();
    if (in.failed() || !count.complete() || !salt || salt->size() > longest_salt) return std::nullopt;
    message.salt = *salt;
    return message;
}

std::string exclusive_or(std::string_view a, std::string_view b) {
    std::string out(a);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ b[i]);
    return out;
}

// RFC 5802 §5, with the hash of RFC 5802 or RFC 7677.
class ScramClient final : public ClientExchange {
public:
    ScramClient(const ClientContext& context, Hash hash, ClientBinding binding)
        : credentials_(context.credentials), hash_(hash) {
        const auto& bindings = context.circumstances.bindings;
        std::string flag = "n";
        if (binding == ClientBinding::used) {
            flag = "p=" + bindings.front().type;
            binding_ = bindings.front().data;
        } else if (!bindings.empty() && !context.offers_plus) {
            flag = "y";  // whoever has cut the list of mechanisms is found out (RFC 5802 §6)
        }
        gs2_header_ = flag + ",";
        if (!credentials_.act_for.empty()) gs2_header_ += "a=" + to_saslname(credentials_.act_for);
        gs2_header_ += ",";
        nonce_ = to_base64(context.random.bytes(nonce_bytes));
        first_bare_ = fmt::format("n={},r={}", to_saslname(credentials_.user), nonce_);
    }

    std::optional<std::string> first() override { return gs2_header_ + first_bare_; }

    Result<std::string> respond(std::string_view challenge) override {
        switch (++asked_) {
            case 1:
                return prove(challenge);
            case 2:
                return examine(challenge);
            default:
                return fail(Error::Kind::invalid, "the server asks where SCRAM has no question");
        }
    }

    bool believes_success() const override { return is_server_proved_; }

private:
    Result<std::string> prove(std::string_view challenge) {
        const auto message = parse_server_first(challenge);
        if (!message || !message->nonce.starts_with(nonce_) || message->nonce.size() == nonce_.size())
            return fail(Error::Kind::invalid, "the server's message is not of SCRAM");
        if (message->iterations == 0 || message->iterations > most_scram_iterations)
            return fail(Error::Kind::too_large, "the server wants {} rounds of SCRAM", message->iterations);
        TRY(const auto password, crypto::prepare_password(credentials_.password));
        const auto salted = crypto::pbkdf2(hash_, password.reveal(), message->salt, message->iterations,
                                           crypto::digest_size(hash_));
        const auto final_bare = fmt::format("c={},r={}", to_base64(gs2_header_ + binding_), message->nonce);
        const auto auth_message = fmt::format("{},{},{}", first_bare_, challenge, final_bare);
        const auto client_key = crypto::hmac(hash_, salted.reveal(), "Client Key");
        const auto signature = crypto::hmac(hash_, crypto::digest(hash_, client_key), auth_message);
        server_signature_ =
            crypto::hmac(hash_, crypto::hmac(hash_, salted.reveal(), "Server Key"), auth_message);
        return fmt::format("{},p={}", final_bare, to_base64(exclusive_or(client_key, signature)));
    }

    // server-final-message = (server-error / verifier) ["," extensions]   RFC 5802 §7
    Result<std::string> examine(std::string_view challenge) {
        Scanner in(challenge);
        const auto verifier = from_base64(attribute(in, "v="));
        is_server_proved_ =
            !in.failed() && verifier && crypto::equal_in_constant_time(*verifier, server_signature_);
        if (!is_server_proved_) return fail(Error::Kind::denied, "the server does not know the password");
        return "";
    }

    const Credentials& credentials_;
    Hash hash_;
    std::string binding_;
    std::string gs2_header_;
    std::string nonce_;
    std::string first_bare_;
    std::string server_signature_;
    int asked_ = 0;
    bool is_server_proved_ = false;
};

}  // namespace

std::unique_ptr<ClientExchange> make_scram_client(const ClientContext& context, Hash hash,
                                                  ClientBinding binding) {
    return std::make_unique<ScramClient>(context, hash, binding);
}

}  // namespace hongyan::sasl
