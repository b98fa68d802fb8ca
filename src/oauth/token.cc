#include "oauth/token.h"

#include <algorithm>
#include <optional>

#include <boost/json/array.hpp>

#include "base/ascii.h"
#include "oauth/json.h"

namespace hongyan::oauth {

namespace {

using boost::json::object;
using crypto::TokenAlgorithm;
using Checked = std::expected<void, Objection>;

template <typename... Arguments>
std::unexpected<Objection> object_to(fmt::format_string<Arguments...> why, Arguments&&... arguments) {
    return std::unexpected(
        Objection{Flaw::invalid_token, fmt::format(why, std::forward<Arguments>(arguments)...)});
}

// BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature)   RFC 7515 §7.1
struct Parts {
    std::string_view header, payload, signature;
    std::string_view signed_text;  // the first two with the dot between them
};

std::optional<Parts> split(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == token.npos ? first : token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1), token.substr(0, second)};
}

std::expected<object, Objection> decode(std::string_view part, std::string_view what) {
    const auto text = from_base64url(part);
    if (!text) return object_to("the {} is not in base64url", what);
    auto read = parse_object(*text);
    if (!read) return object_to("the {}: {}", what, read.error().message);
    return *std::move(read);
}

std::optional<TokenAlgorithm> algorithm_of(const object& header) {
    const auto name = text_of(header, "alg").value_or("");
    if (name == "RS256") return TokenAlgorithm::rs256;
    if (name == "ES256") return TokenAlgorithm::es256;
    if (name == "EdDSA") return TokenAlgorithm::eddsa;
    return std::nullopt;
}

// RFC 8725 §3.11: a token of another kind, signed with the same key, is none for log-ins.
bool is_access_token(const object& header) {
    if (!header.contains("typ")) return true;
    auto type = ascii::to_lower(text_of(header, "typ").value_or(""));
    constexpr std::string_view prefix = "application/";
    if (type.starts_with(prefix)) type.erase(0, prefix.size());
    return type == "jwt" || type == "at+jwt";
}

bool is_signed(const Parts& parts, const object& header, TokenAlgorithm algorithm, const KeySet& keys) {
    const auto signature = from_base64url(parts.signature);
    if (!signature) return false;
    const auto id = text_of(header, "kid").value_or("");
    return std::ranges::any_of(keys.keys(), [&](const Key& each) {
        const bool may_be =
            each.key.algorithm() == algorithm && (id.empty() || each.id.empty() || each.id == id);
        return may_be && each.key.verify(parts.signed_text, *signature);
    });
}

Checked check_header(const Parts& parts, const KeySet& keys) {
    const auto header = decode(parts.header, "header");
    if (!header) return std::unexpected(header.error());
    // RFC 7515 §4.1.11: what must be understood is not.
    if (header->contains("crit")) return object_to("the header has critical extensions");
    if (!is_access_token(*header)) return object_to("the header's type is of another kind of token");
    const auto algorithm = algorithm_of(*header);
    if (!algorithm) return object_to("the signature is of an algorithm that is not taken");
    if (!is_signed(parts, *header, *algorithm, keys)) return object_to("no key of ours made the signature");
    return {};
}

// NumericDate   RFC 7519 §2; nothing if there is none
std::expected<std::optional<Instant>, Objection> date_of(const object& claims, std::string_view name) {
    constexpr double last = 253'402'300'799;  // of the year 9999
    const auto* const value = claims.if_contains({name.data(), name.size()});
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const double seconds = value->is_number() ? value->to_number<double>(error) : -1;
    if (error || !(seconds >= 0 && seconds <= last)) return object_to("\"{}\" is no date", name);
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::expected<Instant, Objection> check_dates(const object& claims, std::chrono::seconds leeway,
                                              Instant now) {
    const auto expires = date_of(claims, "exp");
    const auto begins = date_of(claims, "nbf");
    if (!expires) return std::unexpected(expires.error());
    if (!begins) return std::unexpected(begins.error());
    if (!*expires) return object_to("it never expires");
    if (**expires + leeway <= now) return object_to("it has expired");
    if (*begins && **begins - leeway > now) return object_to("it is not valid yet");
    return **expires;
}

// Is `wanted` the text, or one of the list?
bool names(const boost::json::value* value, std::string_view wanted) {
    const auto is_it = [&](const boost::json::value& each) {
        return each.is_string() &&
               std::string_view(each.get_string().data(), each.get_string().size()) == wanted;
    };
    if (value == nullptr) return false;
    if (!value->is_array()) return is_it(*value);
    return std::ranges::any_of(value->get_array(), is_it);
}

// "scope" is a list with spaces (RFC 8693 §4.2); "scp", which some providers have, may be an array too.
bool has_scope(const object& claims, std::string_view wanted) {
    if (names(claims.if_contains("scp"), wanted)) return true;
    for (const auto* const name : {"scope", "scp"}) {
        auto list = text_of(claims, name).value_or("");
        while (!list.empty()) {
            const auto one = list.substr(0, list.find(' '));
            if (one == wanted) return true;
            list.remove_prefix(std::min(list.size(), one.size() + 1));
        }
    }
    return false;
}

Checked check_claims(const object& claims, const Expectations& expected) {
    if (text_of(claims, "iss") != expected.issuer) return object_to("another has issued it");
    if (!names(claims.if_contains("aud"), expected.audience)) return object_to("it is for somebody else");
    if (!expected.scope.empty() && !has_scope(claims, expected.scope))
        return std::unexpected(Objection{Flaw::insufficient_scope, "its scope has no " + expected.scope});
    return {};
}

// An address that nobody has proved to be his stands for nobody (OpenID Connect Core §5.1).
std::expected<std::string, Objection> name_in(const object& claims, const std::string& claim) {
    const auto name = text_of(claims, claim).value_or("");
    if (name.empty()) return object_to("it has no \"{}\"", claim);
    const auto* const verified = claims.if_contains("email_verified");
    const bool is_proved = verified == nullptr || (verified->is_bool() && verified->get_bool());
    if (claim == "email" && !is_proved) return object_to("its address is not verified");
    return std::string(name);
}

}  // namespace

std::expected<Owner, Objection> owner_of(std::string_view token, const KeySet& keys,
                                         const Expectations& expected, Instant now) {
    if (token.size() > most_token_octets) return object_to("it has more than {} octets", most_token_octets);
    const auto parts = split(token);
    if (!parts) return object_to("it is no signed JWT");
    // Nothing that it says counts before its signature.
    if (auto good = check_header(*parts, keys); !good) return std::unexpected(std::move(good).error());
    const auto claims = decode(parts->payload, "payload");
    if (!claims) return std::unexpected(claims.error());
    const auto expires = check_dates(*claims, expected.leeway, now);
    if (!expires) return std::unexpected(expires.error());
    if (auto good = check_claims(*claims, expected); !good) return std::unexpected(std::move(good).error());
    auto name = name_in(*claims, expected.account_claim);
    if (!name) return std::unexpected(std::move(name).error());
    return Owner{*std::move(name), *expires};
}

}  // namespace hongyan::oauth
