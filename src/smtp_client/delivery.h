// One message on its way through a session, in one transaction or several.
#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "smtp_client/form.h"
#include "smtp_client/outgoing.h"
#include "smtp_client/peer.h"
#include "smtp_client/report.h"
#include "smtp_client/settings.h"
#include "smtp_client/text_encoder.h"

namespace hongyan::smtp_client {

class Delivery;

// A reply that must come. They come in the order of what was said (RFC 2920 §3.2).
struct Expected {
    Stage stage = Stage::connection;
    Delivery* delivery = nullptr;  // null: the session's own
    std::size_t index = 0;         // which recipient, or in LMTP which of those that were accepted
};
using Expectations = std::deque<Expected>;

enum class Certainty { certain, uncertain };

// Knows which recipient has which outcome, and what is to be said next. Each recipient gets one outcome and
// keeps it. Belongs to its session.
class Delivery {
public:
    // `peer` and `settings` outlive the delivery.
    Delivery(Outgoing outgoing, Peer& peer, const Settings& settings);
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    // Appends what may be said now, at most some `limits.chunk` bytes of text, and what replies that will
    // have. False if nothing may.
    bool speak(std::string& out, Expectations& expected);
    void hear(const Expected& what, const smtp::Reply& reply);

    // No more replies will come: who has no outcome yet gets this one.
    void abandon(const Outcome& why, Certainty certainty);

    bool is_finished() const { return step_ == Step::finished; }
    // All is said, and only the replies to the message are to come: another may begin (RFC 2920 §3.1).
    bool is_said() const;
    // The message itself is going out, and no reply is due.
    bool is_writing() const { return step_ == Step::text && outstanding_ == 0; }
    // The peer is in a state in which going on could harm. Empty: he is not.
    const std::string& complaint() const { return complaint_; }

    Report report() const;

private:
    enum class Step { mail, recipients, data, go_ahead, lone_dot, text, verdict, unwinding, finished };

    void begin();
    void begin_transaction();
    void end_transaction();
    void settle(std::size_t recipient, Outcome outcome);
    void settle_rest(const Outcome& outcome);
    void settle_accepted(const Outcome& outcome);
    void ask_again();

    void expect(Expectations& expected, Stage stage, std::size_t index = 0);
    bool may_speak(const Expectations& expected) const;
    void say_mail(std::string& out, Expectations& expected);
    void say_recipient(std::string& out, Expectations& expected);
    bool say_data(std::string& out, Expectations& expected);
    bool say_text(std::string& out, Expectations& expected);
    bool say_chunk(std::string& out, Expectations& expected);
    bool read_text(std::string& out);
    void expect_verdicts(Expectations& expected);

    void hear_mail(const smtp::Reply& reply);
    void hear_recipient(std::size_t recipient, const smtp::Reply& reply);
    void hear_data(const smtp::Reply& reply);
    void hear_verdict(std::size_t index, const smtp::Reply& reply);
    Outcome success(std::size_t recipient, const smtp::Reply& reply) const;

    Outgoing outgoing_;
    Peer& peer_;
    const Settings& settings_;
    Form form_;
    std::vector<std::string> addresses_;  // of the recipients, as they are said
    std::vector<std::optional<Outcome>> outcomes_;
    std::deque<std::size_t> waiting_;  // recipients for a later transaction
    Step step_ = Step::mail;
    std::string complaint_;
    bool was_heard_ = false;  // the peer has answered to something of this

    // Of the transaction:
    std::vector<std::size_t> batch_;     // its recipients
    std::size_t said_ = 0;               // how many of them
    std::vector<std::size_t> accepted_;  // by the peer, in order
    std::vector<std::pair<std::size_t, Outcome>> too_many_;
    std::size_t outstanding_ = 0;  // replies to come
    bool is_mail_refused_ = false;
    bool was_accepted_nonetheless_ = false;  // a recipient, after MAIL was refused
    std::optional<TextEncoder> encoder_;
    std::size_t read_ = 0;  // of the message's bytes
};

}  // namespace hongyan::smtp_client
