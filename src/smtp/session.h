// The server's side of one SMTP or LMTP conversation.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "session/dialogue.h"
#include "smtp/wire/reply.h"

namespace hongyan::smtp {

// SMTP with other servers (RFC 5321), with our users (RFC 6409), and LMTP (RFC 2033).
enum class Service { relay, submission, lmtp };

struct Settings {
    std::string hostname;
    Service service = Service::relay;
    bool offers_tls = false;  // STARTTLS is possible
    bool secure = false;      // TLS since the first byte
    std::chrono::milliseconds patience{};
};

// RFC 5321 §4.1.4: what may come when. More states come with mail transactions.
enum class State { connected, greeted };

// Greets, tells what it can do, and ends politely; mail transactions are refused for the time being
// (451 4.3.2). Commands live in commands/, their table in command_table.h.
class Session final : public session::Dialogue<session::Nothing, session::Nothing> {
public:
    explicit Session(Settings settings);

    // For the commands:
    const Settings& settings() const { return settings_; }
    State state() const { return state_; }
    void enter(State state) { state_ = state; }
    void reply(const Reply& reply);
    using Dialogue::end;
    using Dialogue::start_tls;

private:
    bool advance() override;
    void answered(session::Nothing) override {}
    void became_secure(session::Security security) override;
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override { return {.patience = settings_.patience}; }

    void execute(std::string_view line);

    Settings settings_;
    State state_ = State::connected;
};

// What a client hears instead of a greeting while we take no more connections (RFC 5321 §3.8).
std::string refuse_connection(const std::string& hostname, std::string_view reason);

}  // namespace hongyan::smtp
