#include "flow/replies.h"

#include <fmt/chrono.h>

namespace hongyan::flow::replies {

namespace {

// The first line of what a server or a person said, so that it fits into a reply of ours (RFC 5321
// §4.5.3.1.5).
std::string short_reason(std::string_view reason) {
    constexpr std::size_t most = 150;
    std::string text(reason.substr(0, std::min(reason.find('\n'), most)));
    for (char& c : text)
        if (c < ' ' || c > '~') c = '?';
    return text;
}

}  // namespace

smtp::Reply suppressed(const queue::Suppression& suppression, std::string_view account) {
    auto reply =
        smtp::ground("suppressed")
            .because(fmt::format("{:%Y-%m-%d}", suppression.since), short_reason(suppression.reason));
    reply.lines.push_back(
        fmt::format("The administrator can change that: hongyan suppression remove {} ADDRESS", account));
    return reply;
}

StandardReply reply_to(const Error& error) {
    switch (error.kind) {
        case Error::Kind::over_quota:
            return over_quota;
        case Error::Kind::no_space:
            return no_space;
        case Error::Kind::too_large:
            return too_large;
        case Error::Kind::unavailable:
            return busy;
        default:
            return fault;
    }
}

}  // namespace hongyan::flow::replies
