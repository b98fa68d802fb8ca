// Log-ins, seen from the client: which mechanism to use with a server, and what to say (RFC 4422).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "sasl/circumstances.h"

namespace hongyan::sasl {

// With what we log in elsewhere. Secret: not to be logged.
struct Credentials {
    std::string user;
    std::string password = {};  // for all mechanisms but those of OAuth
    std::string token = {};     // of OAuth 2.0 (RFC 6750); where it is given there is no password
    std::string act_for = {};   // the authzid, where it is not the user himself (RFC 4422 §2)
    // Names of the mechanisms that may be used; empty: all.
    std::vector<std::string> mechanisms = {};
    // The password may be shown to whoever listens: for loopback and tests.
    bool without_encryption = false;
};

// A server may not make us compute for longer than this; its round is some 0.4 us.
inline constexpr std::uint32_t most_scram_iterations = 600'000;

// One log-in with one mechanism. Bytes are plain here; base64 and the "*" that cancels are the protocol's
// business. Belongs to the session that made it.
class ClientExchange {
public:
    virtual ~ClientExchange() = default;

    // What the client says first; nothing where the server speaks first.
    virtual std::optional<std::string> first() = 0;
    // To a challenge; an error where the server does not keep to the mechanism, or is not who it should be.
    virtual Result<std::string> respond(std::string_view challenge) = 0;
    // The server has said that we are logged in. False where it still has to prove that it knows our password
    // (RFC 5802 §5): then it is not the server we meant.
    virtual bool believes_success() const { return true; }
};

struct ClientMechanism {
    std::string_view name;  // as in AUTH; lives as long as the program
    std::unique_ptr<ClientExchange> exchange;
};

// The server that offers mechanisms.
struct Offer {
    std::span<const std::string> mechanisms;  // in any case
    std::string_view host = {};               // its name, for OAUTHBEARER (RFC 7628 §3.1); may be empty
};

// The best that the server offers, we have the means for, and `tried` does not name. Nothing if there is
// none. Passwords and tokens are shown under TLS only. `credentials`, `circumstances` and `random` outlive
// the exchange.
std::optional<ClientMechanism> choose_mechanism(const Offer& offer, const Credentials& credentials,
                                                const Circumstances& circumstances, Random& random,
                                                std::span<const std::string_view> tried = {});

}  // namespace hongyan::sasl
