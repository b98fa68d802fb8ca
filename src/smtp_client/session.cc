#include "smtp_client/session.h"

#include <utility>

#include "base/check.h"

namespace hongyan::smtp_client {

namespace {

constexpr std::size_t most_deliveries = 2;

}  // namespace

Session::Session(std::shared_ptr<const Settings> settings, Security security, Random& random)
    : settings_(std::move(settings)), replies_(settings_->limits), random_(random) {
    peer_.service = settings_->service;
    peer_.security = std::move(security);
    expected_.push_back({.stage = Stage::greeting});
}

Action Session::next() {
    while (output_.size() < settings_->limits.chunk && advance()) continue;
    if (!reports_.empty()) {
        auto report = std::move(reports_.front());
        reports_.pop_front();
        return report;
    }
    if (!output_.empty() && phase_ != Phase::over) return session::Write{std::exchange(output_, {})};
    if (phase_ == Phase::over) return session::Close{};
    if (phase_ == Phase::handshake) {
        is_starting_tls_ = true;
        return session::StartTls{};
    }
    if (expected_.empty()) return Ready{};
    return session::Read{.patience = patience(), .since = session::Since::last_answer};
}

// Takes one reply, or says one thing; false if there is neither.
bool Session::advance() {
    if (phase_ == Phase::over || phase_ == Phase::handshake) return false;
    const bool is_writing = !deliveries_.empty() && deliveries_.front()->is_writing();
    if (!is_writing) {
        if (const auto reply = replies_.next()) return hear(*reply), true;
        if (!replies_.complaint().empty())
            return end({Stage::connection, refused(Stage::connection, "4.5.0", replies_.complaint())},
                       Certainty::uncertain),
                   true;
    }
    return phase_ == Phase::ready && speak();
}

bool Session::speak() {
    for (const auto& delivery : deliveries_) {
        if (delivery->speak(output_, expected_)) return true;
        if (!delivery->is_said()) return false;
    }
    if (!deliveries_.empty()) return false;
    if (!is_leaving_ && peer_.may_begin_transaction()) return false;
    leave();
    return true;
}

std::chrono::milliseconds Session::patience() const {
    const auto& outs = settings_->time_outs;
    switch (expected_.front().stage) {
        case Stage::greeting:
            return outs.greeting;
        case Stage::mail:
            return outs.mail;
        case Stage::recipient:
            return outs.recipient;
        case Stage::data:
            return outs.data_begins;
        case Stage::message:
            return outs.data_ends;
        case Stage::farewell:
            return outs.farewell;
        default:
            return outs.command;
    }
}

void Session::say(std::string_view line, Stage stage) {
    output_ += line;
    output_ += "\r\n";
    expected_.push_back({.stage = stage});
}

bool Session::takes_message() const {
    if (phase_ != Phase::ready || is_leaving_ || !peer_.may_begin_transaction()) return false;
    return deliveries_.empty() || (peer_.can.pipelining && deliveries_.size() < most_deliveries);
}

void Session::send(Outgoing outgoing) {
    check(takes_message(), "a message is given to a session that takes one");
    deliveries_.push_back(std::make_unique<Delivery>(std::move(outgoing), peer_, *settings_));
    collect_reports();
}

void Session::collect_reports() {
    while (!deliveries_.empty() && deliveries_.front()->is_finished()) {
        reports_.push_back(deliveries_.front()->report());
        deliveries_.pop_front();
    }
}

// ---- what we hear ----

void Session::hear(const smtp::Reply& reply) {
    if (expected_.empty()) return hear_unasked(reply);
    const auto what = expected_.front();
    expected_.pop_front();
    // RFC 5321 §3.8: at any time, and then the connection is closed. In LMTP it answers for one recipient,
    // and what would have been said of the others nobody knows.
    if (reply.code == 421 && what.stage != Stage::farewell) {
        if (what.stage == Stage::message) what.delivery->hear(what, reply);
        return end({what.stage, refused(what.stage, reply)}, Certainty::uncertain);
    }
    if (what.delivery == nullptr) return hear_own(what.stage, reply);
    what.delivery->hear(what, reply);
    const auto complaint = what.delivery->complaint();
    if (!complaint.empty())
        return end({what.stage, refused(what.stage, "4.5.0", complaint)}, Certainty::uncertain);
    collect_reports();
}

void Session::hear_own(Stage stage, const smtp::Reply& reply) {
    switch (stage) {
        case Stage::greeting:
            return hear_greeting(reply);
        case Stage::hello:
            return hear_hello(reply);
        case Stage::tls:
            return hear_starttls(reply);
        case Stage::authentication:
            return hear_authentication(reply);
        default:
            phase_ = Phase::over;
    }
}

// A farewell, as a rule; whatever it is, the replies would no longer fit to what we say. It is meant for no
// message, so none is refused for it.
void Session::hear_unasked(const smtp::Reply& reply) {
    end({Stage::connection, deferred(refused(Stage::connection, reply))}, Certainty::certain);
}

void Session::hear_greeting(const smtp::Reply& reply) {
    if (reply.code / 100 != 2) return refuse(Stage::greeting, refused(Stage::greeting, reply));
    greet();
}

void Session::greet() {
    phase_ = Phase::hello;
    say((settings_->service == Service::lmtp ? "LHLO " : "EHLO ") + settings_->hostname, Stage::hello);
}

void Session::greet_without_extensions() {
    has_said_helo_ = true;
    say("HELO " + settings_->hostname, Stage::hello);
}

// RFC 5321 §3.2: who does not know EHLO may know HELO. LMTP has no older form (RFC 2033 §4.1).
void Session::hear_hello(const smtp::Reply& reply) {
    if (reply.is_success()) return know(has_said_helo_ ? Capabilities{} : parse_capabilities(reply));
    const bool may_be_old = reply.is_refusal() && !has_said_helo_ && settings_->service == Service::smtp;
    if (may_be_old) return greet_without_extensions();
    refuse(Stage::hello, refused(Stage::hello, reply));
}

// What was known before TLS counts no more (RFC 3207 §4.2).
void Session::know(Capabilities capabilities) {
    peer_.can = std::move(capabilities);
    if (peer_.can.most_recipients) peer_.most_recipients = *peer_.can.most_recipients;
    const bool wants_tls = settings_->starttls != StartTls::never && !peer_.security.tls.is_encrypted();
    if (wants_tls && peer_.can.starttls) {
        phase_ = Phase::starting_tls;
        return say("STARTTLS", Stage::tls);
    }
    if (wants_tls && settings_->starttls == StartTls::required)
        return refuse(Stage::tls,
                      refused(Stage::tls, "4.7.10", "TLS is demanded, and the peer does not offer it"));
    prepare();
}

// RFC 3207 §4: 454, or 5xx, and we go on as if it had not been offered, if we may.
void Session::hear_starttls(const smtp::Reply& reply) {
    if (!reply.is_success()) {
        if (settings_->starttls != StartTls::required) return prepare();
        return refuse(Stage::tls, deferred(refused(Stage::tls, reply)));
    }
    if (!replies_.empty())
        return end({Stage::tls, refused(Stage::tls, "4.7.0", "somebody speaks in plain text after STARTTLS")},
                   Certainty::certain);
    phase_ = Phase::handshake;
}

void Session::secured(Security security) {
    check(is_starting_tls_, "TLS begins where it was asked for");
    is_starting_tls_ = false;
    replies_.clear();
    peer_.security = std::move(security);
    peer_.can = {};
    has_said_helo_ = false;
    greet();
}

void Session::prepare() {
    if (settings_->credentials) return log_in();
    phase_ = Phase::ready;
}

// ---- how it ends ----

void Session::leave() {
    phase_ = Phase::leaving;
    say("QUIT", Stage::farewell);
}

// The peer will not have us, but is polite about it (RFC 5321 §3.1: QUIT follows a 554).
void Session::refuse(Stage stage, const Outcome& why) {
    problem_ = {stage, why};
    leave();
}

void Session::end(const Problem& problem, Certainty certainty) {
    if (phase_ == Phase::over) return;
    if (phase_ != Phase::leaving) problem_ = problem;
    phase_ = Phase::over;
    expected_.clear();
    output_.clear();
    for (auto& delivery : deliveries_) {
        auto outcome = problem.outcome;
        outcome.untried = delivery != deliveries_.front();
        delivery->abandon(outcome, certainty);
    }
    collect_reports();
}

Stage Session::current_stage() const {
    if (phase_ == Phase::handshake) return Stage::tls;
    if (!expected_.empty()) return expected_.front().stage;
    const bool is_writing = !deliveries_.empty() && deliveries_.front()->is_writing();
    return is_writing ? Stage::message : Stage::connection;
}

void Session::timed_out() {
    const auto stage = current_stage();
    end({stage, refused(stage, "4.4.2", "the peer has not answered in time")}, Certainty::uncertain);
}

void Session::lost(std::string why) {
    if (phase_ == Phase::over) return;
    // What it had said before, although it was not its turn (RFC 5321 §3.8).
    while (phase_ != Phase::over) {
        const auto reply = replies_.next();
        if (!reply) break;
        const bool was_writing = !deliveries_.empty() && deliveries_.front()->is_writing();
        if (!was_writing || reply->code < 400) {
            if (!expected_.empty()) hear(*reply);
            continue;
        }
        return end({Stage::message, refused(Stage::message, *reply)}, Certainty::certain);
    }
    const auto stage = current_stage();
    // RFC 3463 §3.8: what breaks in the handshake is mostly a certificate, or a method, that does not
    // suffice.
    const auto* const status = phase_ == Phase::handshake ? "4.7.5" : "4.4.2";
    end({stage, refused(stage, status, std::move(why))}, Certainty::uncertain);
}

}  // namespace hongyan::smtp_client
