// The inside of a client's mechanism. Only the files of this folder need it.
#pragma once

#include <memory>

#include "crypto/digest.h"
#include "sasl/client.h"

namespace hongyan::sasl {

// What an exchange is made from. What it refers to outlives the exchange.
struct ClientContext {
    const Credentials& credentials;
    const Circumstances& circumstances;
    Random& random;
    std::string host;
    bool offers_plus = false;  // the server has the -PLUS form of the mechanism too
};

enum class ClientBinding { none, used };
std::unique_ptr<ClientExchange> make_scram_client(const ClientContext& context, crypto::Hash hash,
                                                  ClientBinding binding);

}  // namespace hongyan::sasl
