// The server's side of one POP3 conversation.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "session/dialogue.h"

namespace hongyan::pop3 {

struct Settings {
    std::string hostname;
    bool offers_tls = false;    // STLS is possible
    bool secure = false;        // TLS since the first byte
    bool plain_log_in = false;  // passwords may come without TLS
    std::chrono::milliseconds login_patience{};
};

// RFC 1939 §3. TRANSACTION and UPDATE come with mailboxes.
enum class State { authorization };

// Greets, tells what it can do, and ends politely; log-ins fail for the time being (-ERR [SYS/TEMP], RFC
// 3206). Commands live in commands/, their table in command_table.h.
class Session final : public session::Dialogue<session::Nothing, session::Nothing> {
public:
    explicit Session(Settings settings);

    // For the commands:
    const Settings& settings() const { return settings_; }
    State state() const { return state_; }
    // Whether a password may be given now.
    bool takes_passwords() const { return settings_.secure || settings_.plain_log_in; }
    const std::string& user() const { return user_; }
    void set_user(std::string_view name) { user_ = name; }
    void accept(std::string_view text);
    void refuse(std::string_view code, std::string_view text);
    using Dialogue::end;
    using Dialogue::say;
    using Dialogue::start_tls;

private:
    bool advance() override;
    void answered(session::Nothing) override {}
    void became_secure(session::Security security) override;
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override { return {.patience = settings_.login_patience}; }

    void execute(std::string_view line);

    Settings settings_;
    State state_ = State::authorization;
    std::string user_;  // USER has named it, and PASS must follow
};

// What a client hears instead of a greeting while we take no more connections.
std::string refuse_connection(std::string_view reason);

}  // namespace hongyan::pop3
