// The client's side of one SMTP or LMTP conversation.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/random.h"
#include "sasl/client.h"
#include "session/action.h"
#include "smtp_client/delivery.h"
#include "smtp_client/outgoing.h"
#include "smtp_client/peer.h"
#include "smtp_client/reply_reader.h"
#include "smtp_client/report.h"
#include "smtp_client/settings.h"

namespace hongyan::smtp_client {

// Nothing is to be done: give the session a message with send(), or have it part with quit(). While nobody
// does, a peer that says something is heard with receive(), and lost() tells that it has gone.
struct Ready {
    friend bool operator==(const Ready&, const Ready&) = default;
};
inline std::string to_text(const Ready& /*ready*/) { return "Ready"; }

// Read: wait for bytes and receive() them, or call timed_out(). Write: within `time_outs.data_block`.
// StartTls: do the client's part of the handshake, then secured(), or lost(). Report: what became of a
// message, in the order in which they were given; said once.
using Action = std::variant<session::Read, session::Write, session::StartTls, session::Close, Report, Ready>;

// A session is a value of one conversation: it belongs to one thread and knows nobody. Its caller repeats
// next(), does what it says, and reports back, until Close. Every message that was given with send() has its
// Report before.
class Session {
public:
    // `security` is what is there already: nothing, or TLS from the first byte (RFC 8314 §3.3). `random`
    // outlives the session.
    Session(std::shared_ptr<const Settings> settings, Security security, Random& random);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Action next();

    // The peer sent these.
    void receive(std::string_view bytes) { replies_.append(bytes); }
    // The handshake that next() asked for has succeeded.
    void secured(Security security);
    // Nothing came within the patience of the last Read.
    void timed_out();
    // The connection is gone, or TLS has failed: `why` is for people. Give what had come with receive()
    // first: peers that part while we write have often said why.
    void lost(std::string why);

    // May a message be given now? When next() says Ready; and, where the peer takes commands in a row, also
    // while the one before waits for its reply, or is on its way: its MAIL then goes out with the end of that
    // (RFC 2920 §3.1).
    bool takes_message() const;
    void send(Outgoing outgoing);
    // Says QUIT after what was given. Close follows.
    void quit() { is_leaving_ = true; }

    // What the peer can do; nothing before it has been greeted.
    const Capabilities& capabilities() const { return peer_.can; }
    const Security& security() const { return peer_.security; }
    // Why the session takes no (more) messages; nothing as long as it does, and after a proper end.
    const std::optional<Problem>& problem() const { return problem_; }

private:
    enum class Phase { greeting, hello, starting_tls, handshake, authenticating, ready, leaving, over };

    bool advance();
    bool speak();
    void hear(const smtp::Reply& reply);
    void hear_own(Stage stage, const smtp::Reply& reply);
    void hear_unasked(const smtp::Reply& reply);
    void collect_reports();
    void say(std::string_view line, Stage stage);
    std::chrono::milliseconds patience() const;
    Stage current_stage() const;

    void greet();
    void greet_without_extensions();
    void hear_greeting(const smtp::Reply& reply);
    void hear_hello(const smtp::Reply& reply);
    void hear_starttls(const smtp::Reply& reply);
    void know(Capabilities capabilities);
    void prepare();
    void log_in();
    void hear_authentication(const smtp::Reply& reply);
    void respond(std::string_view challenge);
    void authentication_failed(const Outcome& outcome);
    void leave();

    void refuse(Stage stage, const Outcome& why);
    void end(const Problem& problem, Certainty certainty);

    std::shared_ptr<const Settings> settings_;
    Peer peer_;
    ReplyReader replies_;
    Random& random_;
    Phase phase_ = Phase::greeting;
    Expectations expected_;
    std::deque<std::unique_ptr<Delivery>> deliveries_;  // one, or two where they overlap
    std::deque<Report> reports_;
    std::string output_;
    std::optional<Problem> problem_;
    std::unique_ptr<sasl::ClientExchange> exchange_;
    std::vector<std::string_view> tried_;   // mechanisms
    bool has_said_first_ = false;           // of the exchange, what the client says first
    std::optional<std::string> cancelled_;  // the log-in, by us, and why
    bool has_said_helo_ = false;
    bool is_leaving_ = false;
    bool is_starting_tls_ = false;
};

}  // namespace hongyan::smtp_client
