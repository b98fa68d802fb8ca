// The messages of SCRAM as values (RFC 5802 §7). What is looked at stays the caller's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::sasl {

enum class BindingFlag {
    unsupported,  // "n": the client cannot bind
    not_offered,  // "y": the client can, and believes that the server cannot
    used,         // "p"
};

struct ClientFirst {
    BindingFlag flag = BindingFlag::unsupported;
    std::string_view binding_type;  // with "p" only
    std::string_view gs2_header;    // as it was sent, for the comparison with "c="
    std::string_view bare;          // what follows it
    std::string authzid;
    std::string username;
    std::string_view nonce;
};
// Nothing on any deviation from the grammar, and for mandatory extensions, of which we know none.
std::optional<ClientFirst> parse_client_first(std::string_view message);

struct ClientFinal {
    std::string binding;  // "c=", decoded
    std::string_view nonce;
    std::string proof;               // decoded
    std::string_view without_proof;  // for the AuthMessage
};
std::optional<ClientFinal> parse_client_final(std::string_view message);

// The inverse of to_saslname(); nothing if it is no saslname.
std::optional<std::string> from_saslname(std::string_view encoded);

// saslname: a name as it stands in a message, with its commas and equal signs told otherwise (RFC 5802 §7).
std::string to_saslname(std::string_view name);

}  // namespace hongyan::sasl
