#include "sasl/client.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "sasl/client_machine.h"
#include "sasl/scram_message.h"

namespace hongyan::sasl {

namespace {

std::unexpected<Error> unexpected_challenge() {
    return fail(Error::Kind::invalid, "the server asks where the mechanism has no question");
}

// message = [authzid] UTF8NUL authcid UTF8NUL passwd   RFC 4616 §2
class PlainClient final : public ClientExchange {
public:
    explicit PlainClient(const ClientContext& context) : credentials_(context.credentials) {}
    std::optional<std::string> first() override {
        return credentials_.act_for + '\0' + credentials_.user + '\0' + credentials_.password;
    }
    Result<std::string> respond(std::string_view /*challenge*/) override { return unexpected_challenge(); }

private:
    const Credentials& credentials_;
};

// Servers ask in words of their own, and in that order.
class LoginClient final : public ClientExchange {
public:
    explicit LoginClient(const ClientContext& context) : credentials_(context.credentials) {}
    std::optional<std::string> first() override { return std::nullopt; }
    Result<std::string> respond(std::string_view /*challenge*/) override {
        switch (++asked_) {
            case 1:
                return credentials_.user;
            case 2:
                return credentials_.password;
            default:
                return unexpected_challenge();
        }
    }

private:
    const Credentials& credentials_;
    int asked_ = 0;
};

// RFC 2195 §2
class CramMd5Client final : public ClientExchange {
public:
    explicit CramMd5Client(const ClientContext& context) : credentials_(context.credentials) {}
    std::optional<std::string> first() override { return std::nullopt; }
    Result<std::string> respond(std::string_view challenge) override {
        if (std::exchange(has_responded_, true)) return unexpected_challenge();
        const auto digest = crypto::hmac(crypto::Hash::md5, credentials_.password, challenge);
        return credentials_.user + ' ' + to_hex(digest);
    }

private:
    const Credentials& credentials_;
    bool has_responded_ = false;
};

// The server's challenge tells what was wrong; it is answered so that the reply may come.
class TokenClient final : public ClientExchange {
public:
    TokenClient(std::string message, std::string_view after_error)
        : message_(std::move(message)), after_error_(after_error) {}
    std::optional<std::string> first() override { return message_; }
    Result<std::string> respond(std::string_view /*challenge*/) override {
        if (std::exchange(has_failed_, true)) return unexpected_challenge();
        return std::string(after_error_);
    }
    bool believes_success() const override { return !has_failed_; }

private:
    std::string message_;
    std::string_view after_error_;
    bool has_failed_ = false;
};

// client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep   RFC 7628 §3.1
std::unique_ptr<ClientExchange> make_oauthbearer(const ClientContext& context) {
    auto message = fmt::format("n,a={},\x01", to_saslname(context.credentials.user));
    if (!context.host.empty()) message += fmt::format("host={}\x01", context.host);
    message += fmt::format("auth=Bearer {}\x01\x01", context.credentials.token);
    return std::make_unique<TokenClient>(std::move(message), "\x01");
}

// As Gmail and Outlook have it, before there was RFC 7628.
std::unique_ptr<ClientExchange> make_xoauth2(const ClientContext& context) {
    return std::make_unique<TokenClient>(fmt::format("user={}\x01"
                                                     "auth=Bearer {}\x01\x01",
                                                     context.credentials.user, context.credentials.token),
                                         "");
}

template <typename Client>
std::unique_ptr<ClientExchange> make(const ClientContext& context) {
    return std::make_unique<Client>(context);
}

template <crypto::Hash hash, ClientBinding binding>
std::unique_ptr<ClientExchange> make_scram(const ClientContext& context) {
    return make_scram_client(context, hash, binding);
}

enum class Proof { password, token };
enum class Shown { yes, no };

struct Row {
    std::string_view name;
    std::unique_ptr<ClientExchange> (*make)(const ClientContext&);
    Proof proof;
    Shown shown;
    ClientBinding binding;
};

using enum crypto::Hash;
using enum ClientBinding;

// The best first. Under TLS PLAIN shows nothing to others, and asks less of the server than CRAM-MD5 does,
// which has to keep the password.
constexpr Row rows[] = {
    {"SCRAM-SHA-256-PLUS", &make_scram<sha256, used>, Proof::password, Shown::no, used},
    {"SCRAM-SHA-256", &make_scram<sha256, none>, Proof::password, Shown::no, none},
    {"SCRAM-SHA-1-PLUS", &make_scram<sha1, used>, Proof::password, Shown::no, used},
    {"SCRAM-SHA-1", &make_scram<sha1, none>, Proof::password, Shown::no, none},
    {"PLAIN", &make<PlainClient>, Proof::password, Shown::yes, none},
    {"LOGIN", &make<LoginClient>, Proof::password, Shown::yes, none},
    {"CRAM-MD5", &make<CramMd5Client>, Proof::password, Shown::no, none},
    {"OAUTHBEARER", &make_oauthbearer, Proof::token, Shown::yes, none},
    {"XOAUTH2", &make_xoauth2, Proof::token, Shown::yes, none},
};

template <typename Names>
bool names(const Names& list, std::string_view name) {
    return std::ranges::any_of(list, [&](const auto& each) { return ascii::iequals(each, name); });
}

bool is_usable(const Row& row, const Credentials& credentials, const Circumstances& circumstances) {
    const auto proof = credentials.token.empty() ? Proof::password : Proof::token;
    if (row.proof != proof) return false;
    if (!credentials.mechanisms.empty() && !names(credentials.mechanisms, row.name)) return false;
    if (row.binding == used && circumstances.bindings.empty()) return false;
    return row.shown == Shown::no || circumstances.encrypted || credentials.without_encryption;
}

}  // namespace

std::optional<ClientMechanism> choose_mechanism(const Offer& offer, const Credentials& credentials,
                                                const Circumstances& circumstances, Random& random,
                                                std::span<const std::string_view> tried) {
    for (const auto& row : rows) {
        if (!names(offer.mechanisms, row.name) || names(tried, row.name) ||
            !is_usable(row, credentials, circumstances))
            continue;
        const ClientContext context{.credentials = credentials,
                                    .circumstances = circumstances,
                                    .random = random,
                                    .host = std::string(offer.host),
                                    .offers_plus = names(offer.mechanisms, fmt::format("{}-PLUS", row.name))};
        return ClientMechanism{row.name, row.make(context)};
    }
    return std::nullopt;
}

}  // namespace hongyan::sasl
