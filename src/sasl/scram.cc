#include "crypto/scram.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "sasl/machine.h"
#include "sasl/mechanisms.h"
#include "sasl/scram_message.h"

namespace hongyan::sasl {

namespace {

using crypto::Hash;

constexpr std::size_t nonce_bytes = 18;  // 24 characters of base64, 144 bits
constexpr std::size_t salt_size = 16;    // as new accounts have it

enum class Plus { no, yes };

// What the binding flag permits: RFC 5802 §6. Empty where the client may go on.
std::string_view complaint_about_binding(const ClientFirst& message, Plus plus, bool plus_was_offered,
                                         const ChannelBinding* binding) {
    if (plus == Plus::yes) {
        if (message.flag != BindingFlag::used) return "the -PLUS mechanism without channel binding";
        return binding == nullptr ? "a type of channel binding that we do not have" : "";
    }
    if (message.flag == BindingFlag::used) return "channel binding without the -PLUS mechanism";
    // The client saw a list without -PLUS, and we sent one with it: somebody between us changed it.
    if (message.flag == BindingFlag::not_offered && plus_was_offered) return "the list of mechanisms was cut";
    return "";
}

// RFC 5802 §5, with the hash of RFC 5802 or RFC 7677.
class Scram final : public Machine {
public:
    Scram(const Context& context, Hash hash, Plus plus, std::string_view plus_name)
        : context_(context), hash_(hash), plus_(plus) {
        const auto* mechanism = find_mechanism(plus_name);
        plus_is_offered_ = !objection(*mechanism, context.settings, context.circumstances);
    }

    Step respond(std::string_view response) override {
        return nonce_.empty() ? first(response) : final_message(response);
    }

    Step answer(const Answer& answer) override {
        if (const auto* known = std::get_if<KnownKeys>(&answer)) {
            account_ = known->account;
            keys_ = known->keys;
        } else {
            const auto* refused = std::get_if<Refused>(&answer);
            check(refused != nullptr, "a question for SCRAM keys is answered with keys or a refusal");
            if (refused->why != Refusal::wrong_credentials) return *refused;
            keys_ = keys_of_nobody(refused->name.empty() ? username_ : refused->name);
        }
        check(keys_.hash == hash_, "keys are for the hash that was asked for");
        server_first_ = fmt::format("r={},s={},i={}", nonce_, to_base64(keys_.salt), keys_.iterations);
        return Challenge{server_first_};
    }

private:
    Step first(std::string_view response) {
        const auto message = parse_client_first(response);
        if (!message) return Refused{Refusal::malformed, "not a client-first-message"};
        const auto* binding = find_binding(message->binding_type);
        const auto complaint = complaint_about_binding(*message, plus_, plus_is_offered_, binding);
        if (!complaint.empty()) return Refused{Refusal::wrong_credentials, std::string(complaint)};
        expected_binding_ = std::string(message->gs2_header) + (binding == nullptr ? "" : binding->data);
        client_first_bare_ = message->bare;
        username_ = message->username;
        nonce_ = std::string(message->nonce) + to_base64(context_.random.bytes(nonce_bytes));
        return Question{FetchScramKeys{{username_, message->authzid}, hash_}};
    }

    Step final_message(std::string_view response) {
        const auto message = parse_client_final(response);
        if (!message) return Refused{Refusal::malformed, "not a client-final-message"};
        if (message->nonce != nonce_) return Refused{Refusal::wrong_credentials, "not our nonce"};
        if (message->binding != expected_binding_)
            return Refused{Refusal::wrong_credentials, "bound to another channel"};
        const auto auth_message =
            fmt::format("{},{},{}", client_first_bare_, server_first_, message->without_proof);
        const bool proven = keys_.accept(auth_message, message->proof);
        if (!proven || account_.empty()) return Refused{Refusal::wrong_credentials, "wrong proof"};
        return Granted{account_, "v=" + to_base64(keys_.server_signature(auth_message))};
    }

    const ChannelBinding* find_binding(std::string_view type) const {
        const auto& bindings = context_.circumstances.bindings;
        const auto found = std::ranges::find(bindings, type, &ChannelBinding::type);
        return found == bindings.end() ? nullptr : &*found;
    }

    // A user that does not exist has the same salt every time, like one that does, however his name is
    // written; no proof fits his keys.
    crypto::ScramKeys keys_of_nobody(const std::string& name) const {
        auto salt = crypto::hmac(Hash::sha256, context_.settings.pretence_key, name).substr(0, salt_size);
        const auto size = crypto::digest_size(hash_);
        return {.hash = hash_,
                .iterations = context_.settings.iterations,
                .salt = std::move(salt),
                .stored_key = context_.random.bytes(size),
                .server_key = context_.random.bytes(size)};
    }

    Context context_;
    Hash hash_;
    Plus plus_;
    bool plus_is_offered_ = false;
    std::string expected_binding_;
    std::string client_first_bare_;
    std::string username_;
    std::string nonce_;
    std::string server_first_;
    std::string account_;  // empty: nobody
    crypto::ScramKeys keys_;
};

}  // namespace

std::unique_ptr<Machine> make_scram_sha_1(const Context& context) {
    return std::make_unique<Scram>(context, Hash::sha1, Plus::no, "SCRAM-SHA-1-PLUS");
}
std::unique_ptr<Machine> make_scram_sha_1_plus(const Context& context) {
    return std::make_unique<Scram>(context, Hash::sha1, Plus::yes, "SCRAM-SHA-1-PLUS");
}
std::unique_ptr<Machine> make_scram_sha_256(const Context& context) {
    return std::make_unique<Scram>(context, Hash::sha256, Plus::no, "SCRAM-SHA-256-PLUS");
}
std::unique_ptr<Machine> make_scram_sha_256_plus(const Context& context) {
    return std::make_unique<Scram>(context, Hash::sha256, Plus::yes, "SCRAM-SHA-256-PLUS");
}

}  // namespace hongyan::sasl
