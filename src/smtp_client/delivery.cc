#include "smtp_client/delivery.h"

#include <algorithm>

#include "base/check.h"
#include "smtp_client/commands.h"

namespace hongyan::smtp_client {

namespace {

// RFC 5321 §4.5.3.1.10: a peer that takes no more recipients says 452; some say 552. A full mailbox says the
// same and is told apart by the enhanced code, where there is one.
bool is_too_many(const smtp::Reply& reply) {
    if (reply.code != 452 && reply.code != 552) return false;
    return reply.status.empty() || reply.status.substr(1) == ".5.3";
}

Outcome no_room(const smtp::Reply& reply) {
    auto outcome = deferred(refused(Stage::recipient, reply));
    outcome.status = "4.5.3";
    return outcome;
}

}  // namespace

Delivery::Delivery(Outgoing outgoing, Peer& peer, const Settings& settings)
    : outgoing_(std::move(outgoing)),
      peer_(peer),
      settings_(settings),
      outcomes_(outgoing_.recipients.size()) {
    check(outgoing_.content != nullptr, "a message has content");
    begin();
}

// Who cannot have it is settled before anything is said.
void Delivery::begin() {
    addresses_.resize(outcomes_.size());
    auto form = form_for(peer_, settings_, outgoing_);
    if (!form) {
        // Whose address cannot be said hears of that, as it is what he could change.
        for (std::size_t i = 0; i < outcomes_.size() && !peer_.can.smtputf8; ++i)
            if (auto address = address_for({}, outgoing_.recipients[i].path); !address)
                settle(i, std::move(address).error());
        settle_rest(form.error());
        step_ = Step::finished;
        return;
    }
    form_ = *std::move(form);
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
        auto address = address_for(form_, outgoing_.recipients[i].path);
        if (address) {
            addresses_[i] = *std::move(address);
            waiting_.push_back(i);
        } else {
            settle(i, std::move(address).error());
        }
    }
    begin_transaction();
}

void Delivery::begin_transaction() {
    batch_.clear();
    accepted_.clear();
    too_many_.clear();
    said_ = read_ = 0;
    is_mail_refused_ = was_accepted_nonetheless_ = false;
    encoder_.reset();
    step_ = Step::finished;
    if (waiting_.empty()) return;
    if (!peer_.may_begin_transaction()) {
        auto outcome = refused(Stage::offer, "4.4.5", "the peer takes no more messages in this session");
        outcome.untried = true;
        return settle_rest(outcome);
    }
    for (; !waiting_.empty() && batch_.size() < peer_.most_recipients; waiting_.pop_front())
        batch_.push_back(waiting_.front());
    step_ = Step::mail;
}

void Delivery::end_transaction() {
    ask_again();
    begin_transaction();
}

// Those for whom there was no room go in a transaction of their own, if at least somebody had room in this
// one: so it ends.
void Delivery::ask_again() {
    if (accepted_.empty()) {
        for (auto& [recipient, outcome] : too_many_) settle(recipient, std::move(outcome));
        return;
    }
    if (too_many_.empty() || is_mail_refused_) return;
    peer_.most_recipients = std::min(peer_.most_recipients, accepted_.size());
    for (auto at = too_many_.rbegin(); at != too_many_.rend(); ++at) waiting_.push_front(at->first);
}

void Delivery::settle(std::size_t recipient, Outcome outcome) {
    if (!outcomes_[recipient]) outcomes_[recipient] = std::move(outcome);
}

void Delivery::settle_rest(const Outcome& outcome) {
    for (std::size_t i = 0; i < outcomes_.size(); ++i) settle(i, outcome);
    waiting_.clear();
}

void Delivery::settle_accepted(const Outcome& outcome) {
    for (const auto recipient : accepted_) settle(recipient, outcome);
}

bool Delivery::is_said() const {
    return step_ == Step::verdict && waiting_.empty() && (too_many_.empty() || accepted_.empty());
}

Report Delivery::report() const {
    Report report;
    for (const auto& outcome : outcomes_) {
        check(outcome.has_value(), "every recipient has an outcome");
        report.outcomes.push_back(*outcome);
    }
    return report;
}

// ---- what we say ----

void Delivery::expect(Expectations& expected, Stage stage, std::size_t index) {
    expected.push_back({stage, this, index});
    ++outstanding_;
}

bool Delivery::may_speak(const Expectations& expected) const {
    return peer_.can.pipelining ? expected.size() < settings_.limits.outstanding : expected.empty();
}

bool Delivery::speak(std::string& out, Expectations& expected) {
    if (!may_speak(expected)) return false;
    switch (step_) {
        case Step::mail:
            return say_mail(out, expected), true;
        case Step::recipients:
            return say_recipient(out, expected), true;
        case Step::data:
            return say_data(out, expected);
        case Step::text:
            return form_.in_chunks ? say_chunk(out, expected) : say_text(out, expected);
        case Step::lone_dot:
            out += ".\r\n";
            expect(expected, Stage::message);
            peer_.is_in_transaction = false;
            step_ = Step::unwinding;
            return true;
        case Step::go_ahead:
        case Step::verdict:
        case Step::unwinding:
        case Step::finished:
            break;
    }
    return false;
}

void Delivery::say_mail(std::string& out, Expectations& expected) {
    if (peer_.is_in_transaction) {
        out += "RSET\r\n";
        expect(expected, Stage::reset);
        peer_.is_in_transaction = false;
        if (!may_speak(expected)) return;
    }
    out += mail_command(outgoing_, form_, peer_);
    expect(expected, Stage::mail);
    ++peer_.transactions;
    step_ = Step::recipients;
}

void Delivery::say_recipient(std::string& out, Expectations& expected) {
    const auto recipient = batch_[said_++];
    out += recipient_command(outgoing_.recipients[recipient], addresses_[recipient], form_, peer_);
    expect(expected, Stage::recipient, recipient);
    if (said_ == batch_.size()) step_ = Step::data;
}

// DATA goes out with the recipients (RFC 2920 §3.1), unless it is known that none was accepted. A chunk waits
// for them: it may be large, and nobody may want it.
bool Delivery::say_data(std::string& out, Expectations& expected) {
    if (form_.in_chunks && outstanding_ > 0) return false;
    if (form_.in_chunks) {
        encoder_.emplace(TextEncoder::Dots::as_they_are);
        step_ = Step::text;
        return true;
    }
    out += "DATA\r\n";
    expect(expected, Stage::data);
    step_ = Step::go_ahead;
    return true;
}

// The next piece of the message; false after the last.
bool Delivery::read_text(std::string& out) {
    const auto most = settings_.limits.chunk;
    const std::string_view prefix = form_.prefix;
    const std::string_view content = *form_.content;
    const auto piece =
        read_ < prefix.size() ? prefix.substr(read_, most) : content.substr(read_ - prefix.size(), most);
    read_ += piece.size();
    const bool is_last = read_ == form_.size();
    if (form_.body == smtp::Body::binary) {
        out += piece;
        return !is_last;
    }
    out.reserve(out.size() + piece.size() + piece.size() / 32 + 8);
    encoder_->encode(piece, out);
    if (is_last) encoder_->finish(out);
    return !is_last;
}

bool Delivery::say_text(std::string& out, Expectations& expected) {
    if (read_text(out)) return true;
    out += ".\r\n";
    expect_verdicts(expected);
    return true;
}

// RFC 3030 §2
bool Delivery::say_chunk(std::string& out, Expectations& expected) {
    std::string chunk;
    const bool more = read_text(chunk);
    out += fmt::format("BDAT {}{}\r\n", chunk.size(), more ? "" : " LAST");
    out += chunk;
    if (more)
        expect(expected, Stage::data, 1);
    else
        expect_verdicts(expected);
    return true;
}

// One for the message; in LMTP one for each recipient that was accepted (RFC 2033 §4.2). Whatever it says,
// the transaction is over (RFC 5321 §4.1.1.4).
void Delivery::expect_verdicts(Expectations& expected) {
    const auto count = peer_.service == Service::lmtp ? accepted_.size() : 1;
    for (std::size_t i = 0; i < count; ++i) expect(expected, Stage::message, i);
    peer_.is_in_transaction = false;
    step_ = Step::verdict;
}

// ---- what we hear ----

void Delivery::hear(const Expected& what, const smtp::Reply& reply) {
    --outstanding_;
    was_heard_ = true;
    switch (what.stage) {
        case Stage::reset:
            if (!reply.is_success()) complaint_ = "the peer refuses RSET";
            break;
        case Stage::mail:
            hear_mail(reply);
            break;
        case Stage::recipient:
            hear_recipient(what.index, reply);
            break;
        case Stage::data:
            hear_data(reply);
            break;
        default:
            hear_verdict(what.index, reply);
    }
    const bool is_over = outstanding_ == 0 && (step_ == Step::unwinding || step_ == Step::verdict);
    const bool is_in_vain = outstanding_ == 0 && step_ == Step::data && accepted_.empty();
    if (complaint_.empty() && (is_over || is_in_vain)) end_transaction();
}

void Delivery::hear_mail(const smtp::Reply& reply) {
    peer_.is_in_transaction = reply.is_success();
    if (reply.is_success()) return;
    is_mail_refused_ = true;
    settle_rest(refused(Stage::mail, reply));
    // What was said with it will be answered too; DATA, if it was, perhaps with 354.
    if (step_ == Step::recipients || step_ == Step::data) step_ = Step::unwinding;
}

void Delivery::hear_recipient(std::size_t recipient, const smtp::Reply& reply) {
    if (is_mail_refused_ && reply.is_success())
        was_accepted_nonetheless_ = peer_.is_in_transaction = true;
    else if (is_mail_refused_)
        return;
    else if (reply.is_success())
        accepted_.push_back(recipient);
    else if (is_too_many(reply))
        too_many_.emplace_back(recipient, no_room(reply));
    else
        settle(recipient, refused(Stage::recipient, reply));
}

// To DATA or to a chunk before the last.
void Delivery::hear_data(const smtp::Reply& reply) {
    const bool is_chunk = form_.in_chunks;
    if (is_chunk && reply.is_success()) return;
    if (!is_chunk && reply.code == 354 && !accepted_.empty()) {
        encoder_.emplace(TextEncoder::Dots::doubled);
        step_ = Step::text;
        return;
    }
    if (reply.code == 354 && !is_chunk) {
        // RFC 2920 §3.1: a peer that has no recipients and goes ahead gets an empty message for nobody. One
        // that believes it has some would deliver that.
        if (was_accepted_nonetheless_ || peer_.service == Service::lmtp)
            complaint_ = "the peer wants a message for nobody";
        else
            step_ = Step::lone_dot;
        return;
    }
    settle_accepted(refused(Stage::data, reply));
    if (reply.code < 400) complaint_ = fmt::format("the peer answers {} to DATA", reply.code);
    step_ = Step::unwinding;
}

void Delivery::hear_verdict(std::size_t index, const smtp::Reply& reply) {
    if (step_ == Step::unwinding) return;
    if (reply.code / 100 == 3) {
        complaint_ = fmt::format("the peer answers {} to a message", reply.code);
        return;
    }
    if (peer_.service == Service::lmtp) return settle(accepted_[index], success(accepted_[index], reply));
    for (const auto recipient : accepted_) settle(recipient, success(recipient, reply));
}

// Or not.
Outcome Delivery::success(std::size_t recipient, const smtp::Reply& reply) const {
    if (!reply.is_success()) return refused(Stage::message, reply);
    Outcome outcome{
        .fate = Fate::accepted, .stage = Stage::message, .status = "2.0.0", .reply = shortened(reply)};
    if (!reply.status.empty()) outcome.status = reply.status;
    if (!peer_.can.dsn) outcome.fate = peer_.service == Service::lmtp ? Fate::delivered : Fate::relayed;
    check(!outcomes_[recipient], "who was accepted has no outcome before the message has");
    return outcome;
}

void Delivery::abandon(const Outcome& why, Certainty certainty) {
    if (step_ == Step::verdict && certainty == Certainty::uncertain) {
        auto outcome = why;
        outcome.fate = Fate::deferred;
        outcome.uncertain = true;
        settle_accepted(outcome);
    }
    for (auto& [recipient, outcome] : too_many_) settle(recipient, std::move(outcome));
    auto outcome = why;
    // Hosts take some messages and then part, with a word or without (RFC 5321 §3.8): that says nothing of
    // the next one. As each session settles at least one, nobody goes in a circle.
    const bool has_settled_another = peer_.transactions > 1;
    outcome.untried = !was_heard_ && (step_ == Step::mail || why.untried || has_settled_another);
    settle_rest(outcome);
    step_ = Step::finished;
}

}  // namespace hongyan::smtp_client
