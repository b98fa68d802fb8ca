#include "outbound/verdict.h"

#include "dsn/notify.h"
#include "flow/returned.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Fate;
using State = queue::RecipientState;
using Mode = queue::DeliverBy::Mode;

// With what we make of it, if we know more than it says.
std::string shown(std::string reply, const smtp_client::Outcome& found) {
    if (found.reply.code == 0 || found.reason.empty()) return reply;
    return fmt::format("{} ({})", reply, found.reason);
}

std::string reply_text(const smtp_client::Outcome& found) {
    if (found.reply.code == 0) return found.reason;
    std::string text = fmt::format("{}", found.reply.code);
    if (!found.reply.status.empty()) text += " " + found.reply.status;
    for (const auto& line : found.reply.lines)
        text += (line == found.reply.lines.front() ? " " : "\n") + line;
    return text;
}

State final_state(Fate fate) {
    switch (fate) {
        case Fate::accepted:
        case Fate::delivered:
            return State::delivered;
        case Fate::relayed:
            return State::relayed;
        case Fate::failed:
            return State::failed;
        case Fate::deferred:
            break;
    }
    return State::waiting;
}

// Of what the sender hears, if he wants to. Whoever accepts with DSN tells him himself (RFC 3461 §5.2.1).
std::optional<dsn::Action> action_of(const queue::Outcome& outcome, Fate fate) {
    switch (outcome.state) {
        case State::failed:
        case State::expired:
            return dsn::Action::failed;
        case State::relayed:
            return dsn::Action::relayed;
        case State::delivered:
            return fate == Fate::delivered ? std::optional(dsn::Action::delivered) : std::nullopt;
        case State::waiting:
            return outcome.delay_told ? std::optional(dsn::Action::delayed) : std::nullopt;
        case State::held:
        case State::expanded:
        case State::cancelled:
            break;
    }
    return std::nullopt;
}

class Judge {
public:
    Judge(const Settings& settings, const queue::Entry& entry, const queue::Recipient& recipient, Instant now)
        : settings_(settings), entry_(entry), recipient_(recipient), now_(now) {}

    queue::Outcome outcome(std::uint64_t token, const smtp_client::Outcome& found, const Circumstances& where,
                           Random& random) const {
        queue::Outcome out;
        out.who = {entry_.id, recipient_.index};
        out.token = token;
        out.tried = !found.untried;
        out.state = final_state(found.fate);
        out.attempt = {.time = now_,
                       .host = where.host,
                       .address = where.address,
                       .tls = where.tls,
                       .policy = where.policy,
                       .status = found.status,
                       .reply = shown(reply_text(found), found),
                       .duration = where.duration};
        if (out.state == State::waiting) put_off(out, random);
        out.suppress = settings_.policy.suppresses && found.fate == Fate::failed &&
                       flow::says_nobody_is_there(out.attempt.status);
        return out;
    }

    std::optional<dsn::Outcome> notice(const queue::Outcome& outcome, Fate fate,
                                       const Circumstances& where) const {
        const auto notify = dsn::parse_notify(recipient_.notify);
        auto action = action_of(outcome, fate);
        bool is_wanted = action && dsn::is_wanted(entry_.sender, notify, *action);
        if (!is_wanted && is_deadline_out_of_our_hands(outcome, where)) {
            action = dsn::Action::relayed;
            is_wanted =
                !entry_.sender.empty() && (!notify.said || notify.success || notify.failure || notify.delay);
        }
        if (!is_wanted) return std::nullopt;
        dsn::Outcome told;
        told.action = *action;
        told.status = dsn::parse_status(outcome.attempt.status);
        told.address = recipient_.address;
        told.original = recipient_.original;
        told.last_attempt = now_;
        // RFC 3463 §3.5: what ended it is that time ran out.
        if (outcome.state == State::expired) told.status = dsn::Status{5, 4, 7};
        if (*action == dsn::Action::delayed && outcome.deadline_told) told.status = dsn::Status{4, 4, 7};
        if (*action == dsn::Action::delayed)
            told.retry_until = queue::expiry_of(settings_.schedule, entry_, recipient_);
        return told;
    }

private:
    void put_off(queue::Outcome& out, Random& random) const {
        if (!out.tried) {
            out.next_attempt = now_;
            return;
        }
        const auto expiry = queue::expiry_of(settings_.schedule, entry_, recipient_);
        const auto next =
            queue::next_attempt(settings_.schedule, recipient_.attempts + 1, now_, expiry, random);
        if (!next) {
            out.state = State::expired;
            return;
        }
        out.next_attempt = *next;
        // The sender hears of a deadline when it passes (RFC 2852 §4.1.3).
        const auto& by = entry_.deliver_by;
        if (by.mode == Mode::notify && now_ < by.deadline)
            out.next_attempt = std::min(out.next_attempt, by.deadline);
        out.deadline_told = queue::is_deadline_to_be_told(entry_, recipient_, now_);
        out.delay_told =
            out.deadline_told || queue::is_delay_to_be_told(settings_.schedule, entry_, recipient_, now_);
    }

    // Who passes it on tells so where the next server does not know of the time, or the sender wants to
    // follow every step: whatever NOTIFY says but NEVER (RFC 2852 §4.1.4, §4.1.4.2).
    bool is_deadline_out_of_our_hands(const queue::Outcome& outcome, const Circumstances& where) const {
        const auto& by = entry_.deliver_by;
        const bool is_passed_on =
            outcome.state == State::relayed || (outcome.state == State::delivered && where.policy != "here");
        if (by.mode == Mode::none || !is_passed_on) return false;
        return by.trace || (by.mode == Mode::notify && !where.keeps_deadlines && now_ < by.deadline);
    }

    const Settings& settings_;
    const queue::Entry& entry_;
    const queue::Recipient& recipient_;
    Instant now_;
};

}  // namespace

Verdict judge(const Settings& settings, const queue::Entry& entry, const queue::Recipient& recipient,
              std::uint64_t token, const smtp_client::Outcome& found, const Circumstances& where, Instant now,
              Random& random) {
    const Judge bench(settings, entry, recipient, now);
    Verdict verdict{.outcome = bench.outcome(token, found, where, random), .notice = {}};
    verdict.notice = bench.notice(verdict.outcome, found.fate, where);
    if (!verdict.notice) return verdict;
    // RFC 3464 §2.3.5: where nobody answered there is no remote MTA.
    if (found.reply.code != 0) {
        verdict.notice->remote_host = verdict.outcome.attempt.host;
        verdict.notice->remote_reply = reply_text(found);
    }
    verdict.notice->explanation = found.reason;
    return verdict;
}

}  // namespace hongyan::outbound
