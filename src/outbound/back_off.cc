#include "outbound/back_off.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Fate;
using smtp_client::Outcome;
using smtp_client::Stage;

constexpr int closing = 421;  // RFC 5321 §3.8

// RFC 3463 §3.2, §3.3: the address, or its mailbox, is disabled, full, or not there yet. X.2.0 is anything.
bool is_about_mailbox(const Outcome& outcome) {
    return outcome.status.starts_with("4.1.") ||
           (outcome.status.starts_with("4.2.") && outcome.status != "4.2.0");
}

// RFC 3463 §3.2, §3.8: the sender's address, or what the host's policy holds of it.
bool is_about_sender(const Outcome& outcome) {
    return outcome.stage == Stage::mail && outcome.reply.code != closing &&
           (outcome.status.starts_with("4.1.") || outcome.status.starts_with("4.7."));
}

std::size_t points_of(const Outcome& outcome) {
    if (is_about_sender(outcome)) return outcome.untried ? 0 : BackOff::by_recipient;
    if (is_about_host(outcome)) return BackOff::by_host;
    return is_about_mailbox(outcome) || outcome.untried ? 0 : BackOff::by_recipient;
}

}  // namespace

bool is_about_host(const Outcome& outcome) {
    if (outcome.fate != Fate::deferred || outcome.uncertain || outcome.untried) return false;
    if (outcome.stage == Stage::offer || outcome.stage == Stage::farewell) return false;
    if (outcome.reply.code == closing || outcome.reply.code == 0) return true;
    return outcome.stage != Stage::recipient && outcome.stage != Stage::message;
}

void BackOff::heard(std::span<const Outcome> outcomes) {
    const bool is_alive =
        std::ranges::any_of(outcomes, [](const Outcome& outcome) { return outcome.fate != Fate::deferred; });
    if (is_alive) {
        *this = {};
        return;
    }
    std::size_t points = 0;
    for (const auto& outcome : outcomes) points = std::max(points, points_of(outcome));
    points_ += points;
}

std::chrono::milliseconds BackOff::rest(std::chrono::milliseconds shortest) {
    constexpr unsigned most_doublings = 12;
    points_ = 0;
    const auto doubled = shortest * (1U << std::min(rests_, most_doublings));
    ++rests_;
    return std::clamp(doubled, shortest, std::max(shortest, longest));
}

}  // namespace hongyan::outbound
