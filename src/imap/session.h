// The server's side of one IMAP conversation.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "imap/wire/command_reader.h"
#include "imap/wire/parser.h"
#include "session/dialogue.h"

namespace hongyan::imap {

struct Settings {
    std::string hostname;
    bool offers_tls = false;    // STARTTLS is possible
    bool secure = false;        // TLS since the first byte
    bool plain_log_in = false;  // passwords may come without TLS
    std::chrono::milliseconds login_patience{};
};

// RFC 9051 §3. The authenticated and selected states come with mailboxes.
enum class State { not_authenticated };

// How a command ended (RFC 9051 §7.1); the text begins with its response code, if there is one.
struct Completion {
    enum class Kind { ok, no, bad } kind = Kind::ok;
    std::string text;
};

// Greets, tells what it can do, and ends politely; log-ins fail for the time being (NO [UNAVAILABLE], RFC
// 5530). Commands live in commands/, their table in command_table.h.
class Session final : public session::Dialogue<session::Nothing, session::Nothing> {
public:
    explicit Session(Settings settings);

    // For the commands:
    const Settings& settings() const { return settings_; }
    State state() const { return state_; }
    // Whether a password may be given now (RFC 9051 §6.2.3: LOGINDISABLED).
    bool takes_passwords() const { return settings_.secure || settings_.plain_log_in; }
    // "* text": an untagged response.
    void tell(std::string_view text);
    using Dialogue::end;
    using Dialogue::start_tls;

private:
    bool advance() override;
    void answered(session::Nothing) override {}
    void became_secure(session::Security) override { settings_.secure = true; }
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override { return {.patience = settings_.login_patience}; }

    void execute(std::string_view command);
    void complete(std::string_view tag, const Completion& completion);
    void refuse(std::string_view command, const Completion& completion);

    Settings settings_;
    State state_ = State::not_authenticated;
    wire::CommandReader reader_;
};

// What a client hears instead of a greeting while we take no more connections (RFC 9051 §7.1.5).
std::string refuse_connection(std::string_view reason);

}  // namespace hongyan::imap
