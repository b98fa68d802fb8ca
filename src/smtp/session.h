// The server's side of one SMTP or LMTP conversation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "sasl/exchange.h"
#include "sasl/observer.h"
#include "session/dialogue.h"
#include "smtp/envelope.h"
#include "smtp/question.h"
#include "smtp/settings.h"
#include "smtp/wire/data_decoder.h"
#include "smtp/wire/reply.h"

namespace hongyan::smtp {

// What may come when (RFC 5321 §4.1.4): nobody has said hello, somebody has, MAIL was accepted, RCPT too, and
// the message has begun to come in chunks.
enum class State { connected, greeted, mail, rcpt, chunks };

// From MAIL to the answer to the message (RFC 5321 §3.3).
struct Transaction {
    Envelope envelope;
    MessageBuffer message;
    DataDecoder decoder = {};
    LineEndWatch line_ends = {};      // of what comes in chunks
    bool refused_recipients = false;  // so that DATA can say why it will not do
    bool chunks_begun = false;
    std::string refused_id = {};  // what the message is called, once it is not wanted
};

// One chunk of RFC 3030 §2. It is read to its end even where it is of no use.
struct Chunk {
    std::uint64_t size = 0;
    std::uint64_t left = 0;
    bool last = false;
    std::optional<StandardReply> complaint = {};
};

// Something that the client has been refused, for the log and the history.
struct Refusal {
    std::string command;  // with its argument if it was MAIL or RCPT: others may hold secrets
    std::string sender;   // of the transaction, if there is one
    const Reply& reply;   // 4xx or 5xx
    // Of a message that the session has refused by itself; whoever else decides on messages tells of those.
    std::span<const Recipient> recipients = {};
    std::string_view message_id = {};  // as message/message_ids.h finds it; empty if it has not come
};

// Belongs to one thread, as all sessions do. Commands live in commands/, their table in command_table.h.
class Session final : public session::Dialogue<Question, Answer> {
public:
    // `random` outlives the session. `address` is the client's, as text; empty on a unix socket.
    Session(std::shared_ptr<const Settings> settings, std::string address, session::Security security,
            Random& random);

    // `witness` hears of every refusal, whoever decided it.
    using Witness = std::function<void(const Refusal&)>;
    void tell_of_refusals(Witness witness) { witness_ = std::move(witness); }
    // `observer` hears how log-ins end.
    void observe_log_ins(sasl::Observer& observer) { observer_ = &observer; }

    // The client has spoken before it was greeted.
    void note_early_talk() { client_.talked_early = true; }

    // For the commands:
    const Settings& settings() const { return *settings_; }
    const Client& client() const { return client_; }
    const session::Security& security() const { return security_; }
    bool is_lmtp() const { return settings_->service == Service::lmtp; }
    State state() const;

    // `recipients` are those of a message that is refused by it.
    void reply(const Reply& reply, std::span<const Recipient> recipients = {});
    // `then` is called with the answer.
    using Then = std::function<void(Session&, const Answer&)>;
    void ask(Question question, Then then);
    using Dialogue::end;
    using Dialogue::start_tls;

    // HELO, EHLO or LHLO, outside of a transaction.
    void greet(Protocol protocol, std::string_view name);
    // Nothing outside of a transaction.
    Transaction* transaction() { return transaction_ ? &*transaction_ : nullptr; }
    // False, and a farewell, if the client has had as many as a session may have.
    bool may_begin_transaction();
    void begin_transaction(Path sender, MailParameters parameters);
    void end_transaction() { transaction_.reset(); }
    // Ends it undone, if there is one; `then` is what is to be done when all have heard of it who want to.
    void abandon(std::function<void(Session&)> then);
    void read_text();
    void read_chunk(Chunk chunk);
    // What the URL names becomes the next part of the message, or the transaction fails (RFC 4468 §3.2).
    void fetch(std::string url, bool last);
    void authenticate(const sasl::Mechanism& mechanism, std::optional<std::string_view> initial_response);

private:
    // What the next bytes are.
    enum class Listening { commands, responses, text, chunk };

    bool advance() override;
    void answered(Answer given) override;
    void became_secure(session::Security security) override;
    void say_goodbye(session::Farewell why) override;
    session::Read wish() const override;
    bool between_commands() const override;

    bool take_command();
    bool take_response();
    void listen_to_text();
    void refuse_text(const StandardReply& why);
    bool has_room(std::size_t more);
    bool take_text();
    bool take_chunk();
    void take_fetched(std::string octets, bool last);
    void chunk_is_here(const Chunk& chunk);

    void execute(std::string_view line);
    void refuse_unknown(std::string_view line);
    void refuse_out_of_order(State state, bool wants_recipients);
    void part(const Reply& last_words);
    void witness(const Reply& reply, std::span<const Recipient> recipients = {}) const;

    void message_is_here();
    enum class Decided { here, elsewhere };
    void conclude(const Replies& replies, Decided where);
    std::span<const Recipient> recipients_of_reply(std::size_t number) const;
    void conclude(const Reply& reply);
    void tell_abandoned(std::function<void(Session&)> then);

    void respond(std::string_view line);
    void continue_authentication();
    void authentication_failed(sasl::Refused refused);
    void abandon_authentication(const Reply& why);

    std::shared_ptr<const Settings> settings_;
    Client client_;
    session::Security security_;
    Random& random_;
    bool greeted_ = false;
    Listening listening_ = Listening::commands;
    std::optional<Transaction> transaction_;
    std::optional<Chunk> chunk_;
    std::unique_ptr<sasl::Exchange> exchange_;
    Then then_;
    Witness witness_;
    sasl::Observer* observer_ = nullptr;  // null: nobody
    std::string command_;                 // the last, as far as a log may show it
    std::size_t commands_ = 0;
    std::size_t transactions_ = 0;
    int failed_attempts_ = 0;
};

// What a client hears instead of a greeting while we take no more connections (RFC 5321 §3.8).
// Denied: that client; otherwise it is us who cannot.
std::string refuse_connection(const std::string& hostname, const Error& reason);

}  // namespace hongyan::smtp
