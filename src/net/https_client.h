// One question to a web server: for policies (RFC 8461 §3.3) and reports (RFC 8460 §5.4).
#pragma once

#include <functional>
#include <string>

#include "net/connector.h"
#include "net/http_exchange.h"
#include "net/mail_route.h"
#include "net/tls_client.h"

namespace hongyan::net {

struct HttpsRequest {
    dns::Name host;
    std::uint16_t port = 443;
    std::string target = "/";
    std::string content_type = {};  // of a body; empty: GET, else POST
    std::string body = {};
    std::size_t most = std::size_t{64} * 1024;  // bytes of an answer's body
    // Which addresses may be called; null: all.
    std::function<bool(const dns::IpAddress&)> is_allowed = {};
};

using HttpsAnswer = HttpAnswer;

struct HttpsFailure {
    enum class Kind {
        unreachable,  // no address, no connection, no answer in time
        certificate,  // not what a certificate for the host must be
        malformed,    // no HTTP, or too large
    };
    Kind kind = Kind::unreachable;
    std::string text;  // for a person
};

// The certificate must be good for the host (RFC 9525). What it refers to outlives the task; the deadline is
// for the whole.
Task<std::expected<HttpsAnswer, HttpsFailure>> ask_https(Resolver& resolver, Random& random,
                                                         const TlsClientContext& context, Sources sources,
                                                         HttpsRequest request, Deadline deadline);

}  // namespace hongyan::net
