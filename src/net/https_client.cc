#include "net/https_client.h"

#include <algorithm>

namespace hongyan::net {

namespace {

using Failed = std::unexpected<HttpsFailure>;
using enum HttpsFailure::Kind;

constexpr std::chrono::seconds patience_each{10};  // for one address
constexpr std::uint16_t https = 443;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

HttpRequest request_for(const HttpsRequest& wanted) {
    const auto port = wanted.port == https ? std::string() : fmt::format(":{}", wanted.port);
    HttpRequest request{.target = wanted.target, .host = wanted.host.text() + port, .most = wanted.most};
    if (wanted.content_type.empty()) return request;
    request.method = "POST";
    request.fields = {{"Content-Type", wanted.content_type}};
    request.body = {wanted.body};
    return request;
}

std::string about(const HttpsRequest& request, std::string_view what) {
    return fmt::format("https://{}{}: {}", request.host.text(), request.target, what);
}

std::vector<Endpoint> endpoints(const dns::HostAddresses& found, std::uint16_t port) {
    std::vector<Endpoint> peers;
    for (const auto& address : found.addresses) peers.push_back(Endpoint::at(address, port));
    return peers;
}

}  // namespace

Task<std::expected<HttpsAnswer, HttpsFailure>> ask_https(Resolver& resolver, Random& random,
                                                         const TlsClientContext& context, Sources sources,
                                                         HttpsRequest request, Deadline deadline) {
    if (request.target.empty() || has_control(request.target))
        co_return Failed({malformed, about(request, "no path")});
    const Ourselves anybody;
    auto found = co_await find_addresses(resolver, request.host, anybody, random, deadline);
    if (!found) co_return Failed({unreachable, about(request, found.error().text)});
    if (request.is_allowed)
        std::erase_if(found->addresses, [&](const auto& address) { return !request.is_allowed(address); });
    if (found->addresses.empty())
        co_return Failed({unreachable, about(request, "is at no address that may be asked")});
    auto peers = endpoints(*found, request.port);
    auto connected = co_await connect_to_first(std::move(peers), std::move(sources), patience_each, deadline);
    if (!connected) co_return Failed({unreachable, about(request, connected.error().message)});
    TlsDemand demand{.verify = Verify::pkix, .server_name = request.host.text()};
    const auto secured = co_await connected->stream->secure_outward(context, std::move(demand), deadline);
    if (!secured) {
        const auto kind = secured.error().kind == TlsFailure::Kind::network ? unreachable : certificate;
        co_return Failed({kind, about(request, secured.error().text)});
    }
    const auto question = request_for(request);
    auto answer = co_await exchange(*connected->stream, question, deadline);
    if (!answer)
        co_return Failed(
            {answer.error().is_malformed ? malformed : unreachable, about(request, answer.error().text)});
    co_return *std::move(answer);
}

}  // namespace hongyan::net
