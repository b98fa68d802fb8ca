// One request and its answer over a connection that is there (RFC 9112), and as little as that demands.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/stream.h"

namespace hongyan::net {

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";
    std::string host = {};  // with the port, if that is not the usual one
    // Further ones; what would break a line is left out of the values.
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::vector<std::string_view> body = {};    // pieces; they stay until the answer. Not of a GET
    std::size_t most = std::size_t{64} * 1024;  // bytes of an answer's body
};

struct HttpAnswer {
    unsigned status = 0;       // 200, 301, ...: redirections are not followed
    std::string content_type;  // as it came
    std::string body;
};

struct HttpFailure {
    bool is_malformed = false;  // no HTTP, or too large; else the peer is gone or did not answer in time
    std::string text;           // for a person
};

// The connection is of no use afterwards. The deadline is for the whole.
Task<std::expected<HttpAnswer, HttpFailure>> exchange(Stream& stream, const HttpRequest& request,
                                                      Deadline deadline);

}  // namespace hongyan::net
