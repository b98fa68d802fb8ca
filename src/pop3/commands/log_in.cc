// USER, PASS and APOP (RFC 1939 §7), AUTH (RFC 5034 §4).
#include "base/ascii.h"
#include "base/encoding.h"
#include "pop3/commands/commands.h"
#include "pop3/session.h"
#include "sasl/mechanisms.h"

namespace hongyan::pop3::commands {

// Known or not, every name is accepted: who asks learns nothing (RFC 1939 §7).
void user(Session& session, std::string_view argument) {
    if (!session.takes_passwords()) return session.refuse("AUTH", "A password needs TLS: use STLS first");
    session.set_user(argument);
    session.accept("Now the password");
}

void pass(Session& session, std::string_view argument) {
    if (session.user().empty()) return session.refuse("", "USER comes first");
    session.check_password(std::string(argument));
}

// A name and the digest in hexadecimal (RFC 1939 §7). A name may hold spaces, as in CRAM-MD5.
void apop(Session& session, std::string_view argument) {
    if (session.time_stamp().empty()) return session.refuse("AUTH", "APOP is not offered here");
    const auto space = argument.rfind(' ');
    if (space == argument.npos || space == 0) return session.refuse("", "APOP takes a name and a digest");
    session.check_digest(std::string(argument.substr(0, space)), ascii::to_lower(argument.substr(space + 1)));
}

namespace {

// RFC 5034 §4: "=" stands for an empty response.
std::optional<std::string> decode(std::string_view initial_response) {
    return initial_response == "=" ? std::string() : from_base64(initial_response);
}

}  // namespace

void auth(Session& session, std::string_view argument) {
    const auto space = argument.find(' ');
    const auto* const mechanism = sasl::find_mechanism(argument.substr(0, space));
    if (mechanism == nullptr) return session.refuse("", "There is no such mechanism");
    if (const auto why =
            sasl::objection(*mechanism, session.settings().sasl, session.security().circumstances)) {
        if (*why == sasl::Refusal::needs_encryption)
            return session.refuse("AUTH", "This mechanism needs TLS: use STLS first");
        return session.refuse("", "This mechanism cannot be used here");
    }
    if (space == argument.npos) return session.authenticate(*mechanism, std::nullopt);
    auto initial = decode(argument.substr(space + 1));
    if (!initial) return session.refuse("", "That is not base64");
    session.authenticate(*mechanism, std::move(initial));
}

}  // namespace hongyan::pop3::commands
