#include "net/https_client.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hongyan::net {

namespace {

namespace http = boost::beast::http;
using Failed = std::unexpected<HttpsFailure>;
using enum HttpsFailure::Kind;

constexpr std::chrono::seconds patience_each{10};  // for one address
constexpr std::uint32_t most_header = 16 * 1024;   // bytes
constexpr std::uint16_t https = 443;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

// RFC 9112 §3, and as little as it demands.
std::string text_of(const HttpsRequest& request) {
    const auto port = request.port == https ? std::string() : fmt::format(":{}", request.port);
    const bool post = !request.content_type.empty();
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}{}\r\nUser-Agent: Hongyan\r\nConnection: close\r\n",
                            post ? "POST" : "GET", request.target, request.host.text(), port);
    if (post)
        text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.content_type,
                            request.body.size());
    return text + "\r\n" + request.body;
}

class Parser {
public:
    explicit Parser(std::size_t most_body) {
        parser_.header_limit(most_header);
        parser_.body_limit(most_body);
        parser_.eager(true);
    }

    bool is_done() const { return parser_.is_done(); }
    // The reason if this is no HTTP or too large; empty while all is well.
    std::string take(std::string_view bytes) {
        kept_ += bytes;
        while (!kept_.empty() && !parser_.is_done()) {
            boost::system::error_code error;
            const auto used = parser_.put(asio::buffer(kept_), error);
            kept_.erase(0, used);
            if (error == http::error::need_more) return kept_.size() > most_header ? "too large" : "";
            if (error) return error.message();
            if (used == 0) return {};
        }
        return {};
    }
    std::string end() {
        if (!parser_.got_some()) return "there is no answer";
        boost::system::error_code error;
        parser_.put_eof(error);
        return error ? error.message() : parser_.is_done() ? "" : "it ends too early";
    }
    HttpsAnswer answer() {
        auto& message = parser_.get();
        const auto type = message[http::field::content_type];
        return {.status = message.result_int(),
                .content_type = {type.data(), type.size()},
                .body = std::move(message.body())};
    }

private:
    http::response_parser<http::string_body> parser_;
    std::string kept_;  // not taken yet
};

std::string about(const HttpsRequest& request, std::string_view what) {
    return fmt::format("https://{}{}: {}", request.host.text(), request.target, what);
}

Task<std::expected<HttpsAnswer, HttpsFailure>> converse(SocketStream& stream, const HttpsRequest& request,
                                                        Deadline deadline) {
    const auto question = text_of(request);
    if (const auto written = co_await stream.write(question, deadline); !written)
        co_return Failed({unreachable, about(request, written.error().message)});
    Parser parser(request.most);
    while (!parser.is_done()) {
        const auto incoming = co_await stream.read(deadline);
        std::string trouble;
        if (incoming.kind == Incoming::Kind::bytes)
            trouble = parser.take(incoming.bytes);
        else if (incoming.kind == Incoming::Kind::closed)
            trouble = parser.end();
        else
            co_return Failed({unreachable, about(request, "no whole answer in time")});
        if (!trouble.empty()) co_return Failed({malformed, about(request, trouble)});
    }
    co_return parser.answer();
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
    co_return co_await converse(*connected->stream, request, deadline);
}

}  // namespace hongyan::net
