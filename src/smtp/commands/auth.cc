// AUTH (RFC 4954 §4).
#include "base/encoding.h"
#include "sasl/mechanisms.h"
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp::commands {

namespace {

// What forbids a log-in whatever the mechanism.
std::optional<StandardReply> refusal(const Session& session) {
    if (!session.settings().offers_authentication) return replies::no_authentication;
    if (session.client().protocol == Protocol::smtp) return replies::extended_hello_first;
    if (!session.client().account.empty()) return replies::authenticated_already;
    if (session.settings().requires_tls && !session.security().circumstances.encrypted)
        return replies::tls_first;
    return std::nullopt;
}

// initial-response = base64 / "="   RFC 4954 §8; "=" stands for an empty one
std::optional<std::string> decode(std::string_view initial_response) {
    return initial_response == "=" ? std::string() : from_base64(initial_response);
}

}  // namespace

void auth(Session& session, std::string_view argument) {
    if (const auto no = refusal(session)) return session.reply(*no);
    const auto [name, text] = parse_command(argument);
    if (name.empty()) return session.reply(replies::bad_syntax);
    const auto* const mechanism = sasl::find_mechanism(name);
    if (mechanism == nullptr) return session.reply(replies::unknown_mechanism);
    const auto objection =
        sasl::objection(*mechanism, session.settings().sasl, session.security().circumstances);
    if (objection) {
        const bool for_want_of_tls = *objection == sasl::Refusal::needs_encryption;
        return session.reply(for_want_of_tls ? replies::encryption_first : replies::unknown_mechanism);
    }
    if (text.empty()) return session.authenticate(*mechanism, std::nullopt);
    const auto response = decode(text);
    if (!response) return session.reply(replies::bad_response);
    session.authenticate(*mechanism, *response);
}

}  // namespace hongyan::smtp::commands
