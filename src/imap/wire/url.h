// IMAP URLs that name a message or a part of one (RFC 5092), with leave to fetch it (RFC 4467).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imap/wire/values.h"

namespace hongyan::imap::wire {

inline constexpr std::size_t max_url_size = 4'000;  // octets; those that clients make have some 200

// partial-range: octets from the zero-based first on; all of them without a count.
struct UrlPartial {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> count;

    friend bool operator==(const UrlPartial&, const UrlPartial&) = default;
};

// iurlauth: who may use the URL, and what proves it (RFC 4467 §3).
struct UrlAuthorization {
    enum class Access { submit, user, any_user, anonymous };

    Access access = Access::anonymous;
    std::string user;                // of submit and user
    std::optional<Instant> expires;  // after that it is good for nothing
    std::string rump;                // the URL as it was written, up to here: what is signed
    std::string mechanism;           // empty together with the token: GENURLAUTH is to make it
    std::string token;               // hexadecimal

    friend bool operator==(const UrlAuthorization&, const UrlAuthorization&) = default;
};

// imessagepart, absolute or relative. Texts are decoded.
struct MessageUrl {
    std::string user;     // of an absolute URL; may be empty
    std::string host;     // empty in a relative URL
    std::string mailbox;  // UTF-8; empty: the mailbox that the URL is relative to
    std::optional<std::uint32_t> uid_validity;
    std::uint32_t uid = 0;
    Section section;
    std::optional<UrlPartial> partial;
    std::optional<UrlAuthorization> authorization;

    bool is_absolute() const { return !host.empty(); }
    friend bool operator==(const MessageUrl&, const MessageUrl&) = default;
};

// Nothing for what is no URL, or names something else than a message.
std::optional<MessageUrl> parse_message_url(std::string_view text);

}  // namespace hongyan::imap::wire
