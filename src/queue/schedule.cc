#include "queue/schedule.h"

#include "base/ascii.h"

namespace hongyan::queue {

namespace {

constexpr std::uint64_t least_share = 900, shares = 201;  // thousandths of a delay: 900 to 1100

// When the message might first leave.
Instant start_of(const Entry& entry) { return std::max(entry.arrival, entry.hold_until); }

// Without NOTIFY a sender is told of delays (RFC 3461 §4.1 leaves it to us).
bool wants_delays(const Recipient& recipient) {
    return recipient.notify.empty() || ascii::to_lower(recipient.notify).contains("delay");
}

}  // namespace

Instant expiry_of(const Schedule& schedule, const Entry& entry, const Recipient& recipient) {
    if (recipient.expiry != Instant{}) return recipient.expiry;
    const auto lifetime = entry.sender.empty() ? schedule.notification_lifetime : schedule.lifetime;
    const auto expiry = start_of(entry) + lifetime;
    return entry.deliver_by.mode == DeliverBy::Mode::send_back ? std::min(expiry, entry.deliver_by.deadline)
                                                               : expiry;
}

std::optional<Instant> next_attempt(const Schedule& schedule, std::uint32_t attempts, Instant now,
                                    Instant expiry, Random& random) {
    if (now >= expiry || schedule.delays.empty()) return std::nullopt;
    const auto step = std::min<std::size_t>(std::max(attempts, 1U) - 1, schedule.delays.size() - 1);
    const auto share = static_cast<std::int64_t>(least_share + random.number() % shares);
    const auto delay = std::chrono::milliseconds(schedule.delays[step].count() * share / 1000);
    return std::min(now + delay, expiry);
}

bool is_delay_to_be_told(const Schedule& schedule, const Entry& entry, const Recipient& recipient,
                         Instant now) {
    if (recipient.delay_told || entry.sender.empty() || !wants_delays(recipient)) return false;
    return schedule.delay_warning.count() > 0 && now >= start_of(entry) + schedule.delay_warning;
}

bool is_deadline_to_be_told(const Entry& entry, const Recipient& recipient, Instant now) {
    if (recipient.deadline_told || entry.sender.empty() || !wants_delays(recipient)) return false;
    return entry.deliver_by.mode == DeliverBy::Mode::notify && now >= entry.deliver_by.deadline;
}

}  // namespace hongyan::queue
