// Log-ins by a token that another server has given: OAUTHBEARER (RFC 7628) and the XOAUTH2 before it.
#include <optional>

#include "base/ascii.h"
#include "base/check.h"
#include "base/scanner.h"
#include "sasl/machine.h"
#include "sasl/scram_message.h"

namespace hongyan::sasl {

namespace {

constexpr std::string_view separator = "\x01";

struct Bearer {
    std::string authzid;
    std::string
        token;  // empty: none, or of another scheme; so a client asks which scope it needs (RFC 7628 §4.3)
};

// b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="   RFC 6750 §2.1
bool is_b64token(std::string_view text) {
    Scanner in(text);
    in.take_some([](char c) { return ascii::is_alnum(c) || std::string_view("-._~+/").contains(c); });
    in.take_while([](char c) { return c == '='; });
    return in.complete();
}

// credentials = "Bearer" 1*SP b64token   RFC 6750 §2.1; the scheme in any case (RFC 7628 §4)
std::string token_in(std::string_view credentials) {
    Scanner in(credentials);
    in.expect("Bearer ");
    in.take_while([](char c) { return c == ' '; });
    return !in.failed() && is_b64token(in.rest()) ? std::string(in.rest()) : std::string();
}

// value = *(VCHAR / SP / HTAB / CR / LF )   RFC 7628 §3.1
bool is_value(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= ' ' && c < '\x7f') || c == '\t' || c == '\r' || c == '\n'; });
}

// *kvpair kvsep, where kvpair = key "=" value kvsep   RFC 7628 §3.1: unknown keys are passed over. Host and
// port are too: what RFC 7628 §3.2 would have them compared with is not known here, since clients come by any
// name that somebody has pointed at this server, and ports may be forwarded.
bool pairs(Scanner& in, Bearer& out) {
    while (!in.failed() && !in.at_end()) {
        if (in.present(separator)) return in.complete();
        const auto key = in.take_some(ascii::is_alpha);
        in.expect("=");
        const auto value = in.take_until(separator);
        if (!is_value(value)) in.fail();
        if (key == "auth") out.token = token_in(value);
    }
    return false;
}

// client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep   RFC 7628 §3.1; gs2-header: RFC 5801 §4
std::optional<Bearer> parse_oauthbearer(std::string_view message) {
    Scanner in(message);
    Bearer out;
    if (!message.starts_with("n,") && !message.starts_with("y,"))
        return std::nullopt;  // it cannot bind channels
    in.take(2);
    if (in.rest().starts_with("a=")) {
        in.take(2);
        const auto name = from_saslname(in.take_while([](char c) { return c != ','; }));
        if (!name) return std::nullopt;
        out.authzid = *name;
    }
    in.expect(",");
    in.expect(separator);
    if (!pairs(in, out)) return std::nullopt;
    return out;
}

// "user=" name ^A "auth=Bearer " token ^A ^A
std::optional<Bearer> parse_xoauth2(std::string_view message) {
    Scanner in(message);
    Bearer out;
    in.expect("user=");
    out.authzid = in.take_until(separator);
    if (in.failed() || !pairs(in, out)) return std::nullopt;
    return out;
}

void put_member(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += fmt::format("{}\"{}\":\"", out.size() > 1 ? "," : "", name);
    for (const char c : value)
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (static_cast<unsigned char>(c) >= ' ')
            out += c;
    out += '"';
}

// RFC 7628 §3.2.2
std::string oauthbearer_error(const Tokens& tokens, Refusal why) {
    std::string out = "{";
    put_member(out, "status", why == Refusal::insufficient_scope ? "insufficient_scope" : "invalid_token");
    put_member(out, "scope", tokens.scope);
    put_member(out, "openid-configuration", tokens.configuration);
    return out + "}";
}

// As Gmail words it; clients look at the status.
std::string xoauth2_error(const Tokens& tokens, Refusal why) {
    std::string out = "{";
    put_member(out, "status", why == Refusal::insufficient_scope ? "403" : "401");
    put_member(out, "schemes", "bearer");
    put_member(out, "scope", tokens.scope);
    return out + "}";
}

struct Dialect {
    std::optional<Bearer> (*parse)(std::string_view);
    std::string (*error)(const Tokens&, Refusal);
};
constexpr Dialect oauthbearer{&parse_oauthbearer, &oauthbearer_error};
constexpr Dialect xoauth2{&parse_xoauth2, &xoauth2_error};

class Token final : public Machine {
public:
    Token(const Context& context, const Dialect& dialect)
        : tokens_(context.settings.tokens), dialect_(dialect) {}

    Step respond(std::string_view response) override {
        // RFC 7628 §3.2.3: what the client answers to the error says nothing.
        if (refused_) return *refused_;
        auto bearer = dialect_.parse(response);
        if (!bearer) return Refused{Refusal::malformed, "not the message of a client with a token"};
        if (bearer->token.empty()) return refuse({Refusal::wrong_credentials, "no token"});
        return Question{VerifyToken{std::move(bearer->token), std::move(bearer->authzid)}};
    }

    Step answer(const Answer& answer) override {
        auto outcome = outcome_of(answer);
        auto* const refused = std::get_if<Refused>(&outcome);
        const bool may_be_told = refused != nullptr && (refused->why == Refusal::wrong_credentials ||
                                                        refused->why == Refusal::insufficient_scope);
        return may_be_told ? refuse(std::move(*refused)) : outcome;
    }

private:
    // First the error as a challenge, which the client answers; then the protocol's own reply.
    Step refuse(Refused refused) {
        refused_ = std::move(refused);
        return Challenge{dialect_.error(tokens_, refused_->why)};
    }

    const Tokens& tokens_;
    const Dialect& dialect_;
    std::optional<Refused> refused_;
};

}  // namespace

std::unique_ptr<Machine> make_oauthbearer(const Context& context) {
    return std::make_unique<Token>(context, oauthbearer);
}
std::unique_ptr<Machine> make_xoauth2(const Context& context) {
    return std::make_unique<Token>(context, xoauth2);
}

}  // namespace hongyan::sasl
