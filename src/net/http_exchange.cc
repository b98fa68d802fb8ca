#include "net/http_exchange.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/ascii.h"

namespace hongyan::net {

namespace {

namespace http = boost::beast::http;
using Failed = std::unexpected<HttpFailure>;

constexpr std::uint32_t most_header = 16 * 1024;  // bytes

std::string on_one_line(std::string_view value) {
    std::string out;
    for (const char c : value)
        if (!ascii::is_control(c)) out += c;
    return out;
}

// RFC 9112 §3.
std::string head_of(const HttpRequest& request) {
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Hongyan\r\nConnection: close\r\n",
                            request.method, request.target, request.host);
    for (const auto& [name, value] : request.fields)
        text += fmt::format("{}: {}\r\n", name, on_one_line(value));
    std::size_t size = 0;
    for (const auto piece : request.body) size += piece.size();
    if (request.method != "GET") text += fmt::format("Content-Length: {}\r\n", size);
    return text + "\r\n";
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
    HttpAnswer answer() {
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

// What is short goes out together.
Task<Result<void>> say(Stream& stream, const HttpRequest& request, Deadline deadline) {
    constexpr std::size_t is_short = 16 * 1024;
    auto text = head_of(request);
    for (const auto piece : request.body) {
        if (text.size() + piece.size() <= is_short) {
            text += piece;
            continue;
        }
        if (auto written = co_await stream.write(text, deadline); !written) co_return written;
        text.clear();
        if (auto written = co_await stream.write(piece, deadline); !written) co_return written;
    }
    co_return text.empty() ? Result<void>{} : co_await stream.write(text, deadline);
}

}  // namespace

Task<std::expected<HttpAnswer, HttpFailure>> exchange(Stream& stream, const HttpRequest& request,
                                                      Deadline deadline) {
    if (const auto written = co_await say(stream, request, deadline); !written)
        co_return Failed({.text = written.error().message});
    Parser parser(request.most);
    while (!parser.is_done()) {
        const auto incoming = co_await stream.read(deadline);
        std::string trouble;
        if (incoming.kind == Incoming::Kind::bytes)
            trouble = parser.take(incoming.bytes);
        else if (incoming.kind == Incoming::Kind::closed)
            trouble = parser.end();
        else
            co_return Failed({.text = "no whole answer in time"});
        if (!trouble.empty()) co_return Failed({.is_malformed = true, .text = std::move(trouble)});
    }
    co_return parser.answer();
}

}  // namespace hongyan::net
