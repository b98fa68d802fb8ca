// The server's side of one IMAP conversation.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/budget.h"
#include "base/random.h"
#include "imap/completion.h"
#include "imap/message_keys.h"
#include "imap/message_limit.h"
#include "imap/question.h"
#include "imap/standing.h"
#include "imap/wire/command_reader.h"
#include "imap/wire/parser.h"
#include "sasl/exchange.h"
#include "sasl/observer.h"
#include "session/dialogue.h"
#include "session/security.h"

namespace hongyan::imap {

// How one listener speaks IMAP. Shared by its sessions; never changes while they live.
struct Settings {
    std::string hostname = "localhost";
    bool offers_tls = false;  // STARTTLS is possible
    sasl::Settings sasl = {};
    std::chrono::milliseconds login_patience = std::chrono::minutes(1);
    std::chrono::milliseconds patience = std::chrono::minutes(30);  // RFC 3501 §5.4: not less, nor for IDLE
    wire::Limits limits = {};
    std::shared_ptr<Budget> memory = {};        // for messages of all sessions; null: without bound
    std::shared_ptr<const People> people = {};  // with whom mailboxes are shared; null: with nobody
    std::string jmap = {};                // URL of the JMAP session resource (RFC 9698); empty: there is none
    std::shared_ptr<KeyCache> keys = {};  // of mailboxes that are sorted; null: read for each command
    bool raw_headers = false;             // quirk "raw-headers"
    MessageLimits message_limits = {};
    // Mailboxes that NOTIFY keeps in mind, those included that it only follows for their names: a few more
    // than one account may have.
    std::size_t most_watched = 4'000;
    int attempts = 3;  // log-ins that may fail before the client is sent away

    friend bool operator==(const Settings&, const Settings&) = default;
};

struct Row;

// What a command does at once: it ends, hands its work to a worker, or begins to talk (AUTHENTICATE, IDLE).
struct Talking {};
using Reaction = std::variant<Completion, Job, BriefJob, Glance, Talking>;

// Reads commands, knows in which state the client may give them, and says how they ended. What they do is in
// commands/, their table in command_table.h. `random` outlives the session.
class Session final : public session::Dialogue<Question, Answer> {
public:
    Session(std::shared_ptr<const Settings> settings, session::Security security, Random& random);

    // The account's mail has changed. An idling client is told (RFC 2177), any other hears of it with its
    // next command.
    void mail_changed() { news_ = true; }
    // False: what changes now need not be announced by mail_changed(), as the next command tells of it.
    bool hears_at_once() const;
    // The account whose changes matter to this session; nothing before log-in.
    std::optional<store::AccountId> account() const { return standing_->account; }

    // Whose changes besides matter: the owner of the selected mailbox, and those that NOTIFY watches.
    std::set<store::AccountId> accounts_elsewhere() const;

    // When the client has gone, a command that has done a part of what is done whole or not at all: whoever
    // takes it brings it to its end (Task::end_alone). Null: there is none.
    std::shared_ptr<Task> take_unfinished();

    // Between two portions of a command that only tells: its client has gone.
    void client_has_gone();

    // What the client has said of itself (RFC 2971), for the log; empty if it has said nothing since.
    std::string take_client() { return std::exchange(client_, {}); }

    // `observer` hears how log-ins end.
    void observe_log_ins(sasl::Observer& observer) { observer_ = &observer; }

    // For the commands:
    void note_client(std::string client) { client_ = std::move(client); }
    const Settings& settings() const { return *settings_; }
    const session::Security& security() const { return security_; }
    State state() const { return standing_->state(); }
    const std::string& tag() const { return tag_; }  // of the command that is going on
    Standing& standing() { return *standing_; }
    Random& random() { return random_; }
    // Whether a password may be given now (RFC 3501 §6.2.3: LOGINDISABLED).
    bool takes_passwords() const;
    // "* text": an untagged response.
    void tell(std::string_view text);
    Talking log_in(std::string user, std::string password);
    Talking authenticate(const sasl::Mechanism& mechanism, std::optional<std::string> initial_response);
    Talking idle();
    bool compresses() const { return has_filter(); }
    // From behind the answer to this command on (RFC 4978 §3). False where there is no room for it.
    bool compress();
    // The command that is going on saves what it finds: NO to it leaves nothing saved (RFC 5182 §2.1).
    void note_save() { saves_ = true; }
    // Forgets who was here, and all that was agreed on with them (RFC 8437 §3).
    void forget_user();
    using Dialogue::end;
    using Dialogue::start_tls;

private:
    // Between a command's line and its end, by what the session waits for.
    struct Authenticating {
        std::unique_ptr<sasl::Exchange> exchange;  // none for LOGIN
        bool challenged = false;
    };
    struct Opening {
        std::string user;
    };
    struct Working {
        std::shared_ptr<Task> task;
    };
    struct Idling {};
    using Activity = std::variant<std::monostate, Authenticating, Opening, Working, Idling>;

    bool advance() override;
    void answered(Answer given) override;
    void became_secure(session::Security security) override;
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override;
    bool between_commands() const override;

    Standing nobody() const;
    bool act(const wire::Reading& reading);
    void execute(const std::string& command);
    void react(const Row& row, Reaction reaction);
    void work(Job job, const Row& row);
    void refuse(const wire::Refused& refused);
    void complete(const Completion& completion);
    void complete_untagged(std::string_view tag, const Completion& completion);

    bool respond();
    void follow(const sasl::Action& action);
    void answered_log_in(const sasl::Answer& answer);
    void count_failed_log_in();
    void answered_open(const Result<store::AccountId>& account);
    void answered_work();
    bool listen_while_idle();
    void push_news();

    sasl::Observer* observer_ = nullptr;  // null: nobody
    std::shared_ptr<const Settings> settings_;
    session::Security security_;
    Random& random_;
    wire::CommandReader reader_;
    std::shared_ptr<Standing> standing_ = std::make_shared<Standing>();
    std::string tag_;     // of the command that is going on
    bool saves_ = false;  // it has called note_save()
    Activity activity_;
    std::shared_ptr<Task> news_task_;  // while idling
    int glances_left_out_ = 0;
    bool news_ = false;
    std::string client_;
    int failed_log_ins_ = 0;
};

// What a client hears instead of a greeting while we take no more connections.
std::string refuse_connection(std::string_view reason);

}  // namespace hongyan::imap
