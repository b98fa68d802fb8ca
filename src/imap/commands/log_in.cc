// STARTTLS, LOGIN and AUTHENTICATE (RFC 3501 §6.2), UNAUTHENTICATE (RFC 8437).
#include "base/encoding.h"
#include "imap/commands/commands.h"
#include "sasl/mechanisms.h"

namespace hongyan::imap::commands {

Reaction starttls(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (session.security().is_encrypted()) return bad("TLS is active already");
    if (!session.settings().offers_tls) return no(wire::Code::unavailable, "TLS is not available now");
    session.start_tls();
    return ok("Begin TLS");
}

// login = "LOGIN" SP userid SP password, both astring
Reaction login(Session& session, const Arguments& arguments) {
    auto& in = arguments.in;
    in.space();
    auto user = in.astring();
    in.space();
    auto password = in.astring();
    if (!in.complete()) return syntax_error(in);
    if (!session.takes_passwords())
        return no(wire::Code::privacy_required, "A password needs TLS: use STARTTLS first");
    return session.log_in(std::move(user), std::move(password));
}

namespace {

// initial-resp = (base64 / "=")   RFC 4959 §7. Nothing where it is neither.
std::optional<std::string> decode_initial(std::string_view text) {
    if (text == "=") return std::string();
    return from_base64(text);
}

Reaction refuse_mechanism(sasl::Refusal why) {
    if (why == sasl::Refusal::needs_encryption)
        return no(wire::Code::privacy_required, "This mechanism needs TLS: use STARTTLS first");
    return no(wire::Code::cannot, "This mechanism cannot be used here");
}

}  // namespace

// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)   RFC 4959 §7
Reaction authenticate(Session& session, const Arguments& arguments) {
    auto& in = arguments.in;
    in.space();
    const auto name = in.atom();
    std::optional<std::string> initial;
    if (in.present(" ")) {
        initial = decode_initial(in.astring());
        if (!initial) in.fail("base64");
    }
    if (!in.complete()) return syntax_error(in);
    const auto* const mechanism = sasl::find_mechanism(name);
    if (mechanism == nullptr) return no(wire::Code::cannot, "There is no such mechanism");
    if (const auto why =
            sasl::objection(*mechanism, session.settings().sasl, session.security().circumstances))
        return refuse_mechanism(*why);
    return session.authenticate(*mechanism, std::move(initial));
}

// What follows is a stranger's, whatever was enabled and selected before (RFC 8437 §3).
Reaction unauthenticate(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.forget_user();
    return ok("You are nobody again");
}

}  // namespace hongyan::imap::commands
