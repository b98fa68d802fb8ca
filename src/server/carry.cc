#include "server/carry.h"

namespace hongyan::server {

std::string_view to_string(Ending ending) {
    switch (ending) {
        case Ending::session_closed:
            return "session closed";
        case Ending::peer_closed:
            return "peer closed";
        case Ending::peer_lost:
            return "peer lost";
        case Ending::no_handshake:
            return "no TLS handshake";
    }
    return "unknown";
}

session::Security security_of(const net::Stream& stream) {
    auto facts = stream.tls_facts();
    session::Security security{.description = std::move(facts.description), .circumstances = {}};
    if (security.description.empty()) return security;
    auto& circumstances = security.circumstances;
    circumstances.encrypted = true;
    const auto add = [&](const char* type, std::string data) {
        if (!data.empty()) circumstances.bindings.push_back({type, std::move(data)});
    };
    if (facts.certificate)
        circumstances.certificate = {.fingerprint = std::move(facts.certificate->fingerprint),
                                     .addresses = std::move(facts.certificate->addresses)};
    add("tls-exporter", std::move(facts.exporter));
    add("tls-unique", std::move(facts.unique));
    add("tls-server-end-point", std::move(facts.server_end_point));
    return security;
}

}  // namespace hongyan::server
