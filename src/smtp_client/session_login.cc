// The log-in: SASL carried by AUTH (RFC 4954).
#include "base/encoding.h"
#include "base/scanner.h"
#include "smtp_client/session.h"

namespace hongyan::smtp_client {

namespace {

constexpr std::size_t longest_command = 512;  // octets with CRLF (RFC 5321 §4.5.3.1.4)

// initial-response = base64 / "="   RFC 4954 §4
std::string to_initial_response(std::string_view bytes) { return bytes.empty() ? "=" : to_base64(bytes); }

// The server will not have this mechanism, or not for this account; another may do (RFC 4954 §6, RFC 5321
// §4.2.3).
bool is_about_the_mechanism(const smtp::Reply& reply) { return reply.code == 504 || reply.code == 534; }

}  // namespace

void Session::log_in() {
    phase_ = Phase::authenticating;
    auto chosen =
        sasl::choose_mechanism({peer_.can.mechanisms, settings_->peer_name}, *settings_->credentials,
                               peer_.security.tls.circumstances, random_, tried_);
    if (!chosen)
        return authentication_failed(
            refused(Stage::authentication, "4.7.0", "the peer offers no mechanism that we may log in with"));
    tried_.push_back(chosen->name);
    exchange_ = std::move(chosen->exchange);
    const auto command = fmt::format("AUTH {}", chosen->name);
    const auto first = exchange_->first();
    const auto whole = first ? command + ' ' + to_initial_response(*first) : command;
    // RFC 4954 §4: what makes the line too long is said when the server asks for it.
    say(whole.size() + 2 <= longest_command ? whole : command, Stage::authentication);
    has_said_first_ = !first || whole.size() + 2 <= longest_command;
}

void Session::hear_authentication(const smtp::Reply& reply) {
    if (reply.code == 334) return respond(reply.lines.front());
    if (cancelled_) return authentication_failed(refused(Stage::authentication, "4.7.0", *cancelled_));
    if (reply.is_success()) {
        // RFC 5802 §5: a server that has not proved that it knows the password is not the one we meant.
        if (!exchange_->believes_success())
            return authentication_failed(refused(Stage::authentication, "4.7.0",
                                                 "the peer has not proved that it knows the password"));
        exchange_.reset();
        peer_.has_logged_us_in = true;
        phase_ = Phase::ready;
        return;
    }
    if (is_about_the_mechanism(reply)) {
        const auto more =
            sasl::choose_mechanism({peer_.can.mechanisms, settings_->peer_name}, *settings_->credentials,
                                   peer_.security.tls.circumstances, random_, tried_);
        if (more) return log_in();
    }
    authentication_failed(refused(Stage::authentication, reply));
}

void Session::respond(std::string_view challenge) {
    const auto bytes = from_base64(challenge);
    const auto response = [&]() -> Result<std::string> {
        if (cancelled_ || !bytes) return fail(Error::Kind::invalid, "the peer's challenge is no base64");
        if (!std::exchange(has_said_first_, true)) return exchange_->first().value_or("");
        return exchange_->respond(*bytes);
    }();
    if (response) return say(to_base64(*response), Stage::authentication);
    // RFC 4954 §4: so the client cancels. Who asks on has lost the thread.
    if (cancelled_) return authentication_failed(refused(Stage::authentication, "4.7.0", *cancelled_));
    cancelled_ = response.error().message;
    say("*", Stage::authentication);
}

// Whatever the code: it is our password that is wrong, and not the message that is to be refused for it.
void Session::authentication_failed(const Outcome& outcome) {
    exchange_.reset();
    refuse(Stage::authentication, deferred(outcome));
}

}  // namespace hongyan::smtp_client
