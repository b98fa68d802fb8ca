// The server's side of one POP3 conversation.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "pop3/question.h"
#include "pop3/wire/message_text.h"
#include "sasl/exchange.h"
#include "sasl/observer.h"
#include "session/dialogue.h"
#include "session/security.h"

namespace hongyan::pop3 {

// How one listener speaks POP3. Shared by its sessions; never changes while they live.
struct Settings {
    std::string hostname = "localhost";
    bool offers_tls = false;  // STLS is possible
    sasl::Settings sasl = {};
    int attempts = 3;          // log-ins that fail before the session is ended
    bool raw_headers = false;  // fields beyond ASCII go to who has not said UTF8, too
    std::chrono::milliseconds login_patience = std::chrono::minutes(1);
    std::chrono::milliseconds patience = std::chrono::minutes(10);  // RFC 1939 §3: not less
};

// RFC 1939 §3. UPDATE lasts as long as its question.
enum class State { authorization, transaction };

// Number of a message in this session, from 1 (RFC 1939 §5).
using MessageNumber = Named<std::uint32_t, struct MessageNumberTag>;

// The maildrop as this session sees it: what it has marked, and what it has looked at.
struct Transaction {
    Maildrop maildrop;
    std::vector<bool> deleted;       // by number - 1
    MessageNumber highest_accessed;  // 0 before the first (RFC 1460, LAST)

    explicit Transaction(Maildrop opened)
        : maildrop(std::move(opened)), deleted(maildrop.messages.size(), false) {}
    // Null where there is none, or it is marked as deleted.
    const Listed* find(MessageNumber number) const;
};

// Reads commands, knows in which state the client may give them, logs in, and sends messages. What commands
// do is in commands/, their table in command_table.h. `random` outlives the session. Nothing is removed but
// by QUIT: a session that ends in any other way forgets its marks (RFC 1939 §3).
class Session final : public session::Dialogue<Question, Answer> {
public:
    Session(std::shared_ptr<const Settings> settings, session::Security security, Random& random);

    // For the commands:
    using Then = std::function<void(Session&, Answer)>;
    const Settings& settings() const { return *settings_; }
    const session::Security& security() const { return security_; }
    // `observer` hears how log-ins end.
    void observe_log_ins(sasl::Observer& observer) { observer_ = &observer; }
    State state() const { return transaction_ ? State::transaction : State::authorization; }
    Transaction& transaction() { return *transaction_; }  // only in that state
    // Whether a password may be given now (RFC 8314 §4.1).
    bool takes_passwords() const;
    const std::string& user() const { return user_; }
    void set_user(std::string_view name) { user_ = name; }
    // After UTF8 there is no STLS (RFC 6856 §2.1).
    bool utf8() const { return utf8_; }
    void begin_utf8() { utf8_ = true; }
    // In which form this client gets header fields beyond ASCII.
    Headers headers() const {
        return utf8_ || settings_->raw_headers ? Headers::as_they_stand : Headers::ascii;
    }

    void accept(std::string_view text);
    // A mistake of the client; too many end the session.
    void refuse(std::string_view code, std::string_view text);
    // No mistake: something has failed, or is not so.
    void refuse(const Error& error);
    void ask(Question question, Then then);
    void check_password(std::string password);
    // What APOP's digest begins with; empty where APOP is not offered (RFC 1939 §7).
    const std::string& time_stamp() const { return time_stamp_; }
    void check_digest(const std::string& name, std::string digest);
    void authenticate(const sasl::Mechanism& mechanism, std::optional<std::string> initial_response);
    void send_message(std::string text) { sending_.emplace(std::move(text)); }
    using Dialogue::end;
    using Dialogue::say;
    using Dialogue::start_tls;

private:
    bool advance() override;
    void answered(Answer given) override;
    void became_secure(session::Security security) override;
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override;
    bool between_commands() const override { return !sending_ && !exchange_; }

    void execute(std::string_view line);
    void refuse_line(session::Line::Kind kind);
    void respond(const session::Line& line);
    void follow_exchange();
    void began(std::string_view how);
    void granted(const std::string& account);
    void open(const std::string& account);
    void opened(Result<Maildrop> maildrop);
    void concluded(const sasl::Answer& outcome);
    void log_in_failed(const sasl::Refused& refused);

    std::shared_ptr<const Settings> settings_;
    session::Security security_;
    Random& random_;
    std::string time_stamp_;
    std::string user_;  // USER has named it, and PASS must follow
    bool utf8_ = false;
    sasl::Observer* observer_ = nullptr;  // null: nobody
    int failed_attempts_ = 0;
    std::unique_ptr<sasl::Exchange> exchange_;  // while AUTH goes on
    std::optional<Transaction> transaction_;
    std::optional<MessageText> sending_;
    Then then_;  // what the answer is for
};

// What a client hears instead of a greeting while we take no more connections.
std::string refuse_connection(std::string_view reason);

}  // namespace hongyan::pop3
