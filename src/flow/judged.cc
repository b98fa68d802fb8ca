#include "flow/judged.h"

#include <algorithm>
#include <iterator>

#include "base/decimal.h"
#include "base/log_with_next.h"
#include "flow/at_once.h"
#include "flow/commit.h"
#include "flow/delivery.h"
#include "flow/outcome.h"
#include "flow/replies.h"
#include "message/message_ids.h"

namespace hongyan::flow {

namespace {

using spam::Disposition;
using spam::Judgement;

constexpr std::size_t most_of_one = 1000;  // bytes of a sentence in the history

bool has_spoken(const Judgement& judgement) {
    return !judgement.findings.empty() || !judgement.sentence.empty() || !judgement.placements.empty() ||
           judgement.disposition != Disposition::accept;
}

// "dmarc-reject dnsbl", for the log.
std::string codes_of(const Judgement& judgement) {
    std::string codes;
    for (const auto& finding : judgement.findings)
        codes.append(codes.empty() ? "" : " ").append(finding.code);
    return codes;
}

// For somebody who has nothing to say beyond the disposition.
smtp::Reply reply_of(const Judgement& judgement) {
    if (judgement.reply) return *judgement.reply;
    return judgement.disposition == Disposition::reject ? smtp::ground("unwanted").plain()
                                                        : smtp::ground("unwanted-now").plain();
}

// One for each recipient in LMTP (RFC 2033 §4.2).
smtp::Replies for_all(const smtp::Deliver& came, const smtp::Reply& reply) {
    const bool lmtp = came.client.protocol == smtp::Protocol::lmtp;
    return smtp::Replies(lmtp ? came.envelope.recipients.size() : 1, reply);
}

void log_each(const log::Log& log, std::string_view what, const smtp::Deliver& came,
              const Judgement& judgement, const smtp::Reply& reply) {
    for (const auto& recipient : came.envelope.recipients)
        log.warning(what, {{"from", smtp::to_string(came.envelope.sender)},
                           {"to", smtp::to_string(recipient.path)},
                           {"size", fmt::format("{}", came.message->size())},
                           {"account", came.client.account},
                           {"code", fmt::format("{}", reply.code)},
                           {"status", reply.status},
                           {"reason", reply.lines.front()},
                           {"ground", std::string(reply.ground)},
                           {"found", codes_of(judgement)},
                           {"why", judgement.reason()}});
}

smtp::Replies turn_away(const World& world, const log::Log& log, const smtp::Deliver& came,
                        const Judgement& judgement, const smtp::Reply& reply) {
    log_each(log, "not kept", came, judgement, reply);
    return refuse_all(world, came, reply, account_of(judgement));
}

// The sender hears that it was taken, so that it is told to whoever asks must be as durable as mail that is
// kept.
net::Task<smtp::Replies> discard(const World& world, const log::Log& session_log, const smtp::Deliver& came,
                                 const Judgement& judgement) {
    const auto id = world.queue.next_id();
    const auto message_id = message::message_id_of(*came.message);
    std::vector<queue::Record> records;
    for (const auto& recipient : came.envelope.recipients) {
        auto record = record_of(came, recipient, message_id);
        record.judged = account_of(judgement);
        record.id = id;
        record.index = static_cast<std::uint32_t>(records.size());
        record.what = queue::Happened::discarded;
        record.attempt.time = world.clock.now();
        record.attempt.reply = judgement.reason();
        records.push_back(std::move(record));
    }
    auto parts = world.queue.telling(records);
    const auto outcomes =
        co_await commit(world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const auto log = session_log.for_message(to_string(id));
    if (!outcomes.front())
        co_return turn_away(world, log, came, judgement, replies::reply_to(outcomes.front().error()));
    const smtp::Reply reply{250, "2.0.0", fmt::format("Ok, taken as {}", to_string(id))};
    log_each(log, "discarded", came, judgement, reply);
    co_return for_all(came, reply);
}

// As the judges want it kept; nothing: as it came.
std::optional<smtp::Deliver> changed_by(const Judgement& judgement, const smtp::Deliver& came) {
    if (!judgement.message && !judgement.envelope) return std::nullopt;
    auto kept = came;
    if (judgement.message) kept.message = judgement.message;
    if (judgement.envelope) kept.envelope = *judgement.envelope;
    return kept;
}

Handling handling_of(const Judgement& judgement) {
    Handling handling{.fields = judgement.fields,
                      .judged = account_of(judgement),
                      .authenticated = judgement.authenticated};
    handling.is_junk = judgement.disposition == Disposition::junk;
    handling.placements = judgement.placements;
    if (judgement.disposition == Disposition::quarantine) handling.held_because = judgement.reason();
    return handling;
}

// Recipients of which the client has said nothing.
std::set<std::string> added_to(const smtp::Envelope& came, const smtp::Envelope& now) {
    std::set<std::string> added;
    for (const auto& recipient : now.recipients) added.insert(smtp::to_string(recipient.path));
    for (const auto& recipient : came.recipients) added.erase(smtp::to_string(recipient.path));
    return added;
}

net::Task<smtp::Replies> keep(const World& world, const Policy& policy, const log::Log& log,
                              const smtp::Deliver& came, const Judgement& judgement) {
    const auto changed = changed_by(judgement, came);
    const auto& message = changed ? *changed : came;
    auto handling = handling_of(judgement);
    if (changed) handling.added = added_to(came.envelope, message.envelope);
    auto job = [&world, &policy, &message, handling = std::move(handling)] {
        return plan_delivery(world, policy, message, handling);
    };
    // Of what is no plain mail the mailbox for junk may have to be made first.
    const bool is_plain = judgement.disposition == Disposition::accept &&
                          std::ranges::none_of(judgement.placements, &spam::Placement::is_junk);
    auto plan = is_soon_prepared(message) && is_plain
                    ? co_await at_once(world.workers, std::move(job))
                    : co_await net::on_worker(world.workers, std::move(job));
    if (!plan) co_return turn_away(world, log, came, judgement, replies::reply_to(plan.error()));
    if (has_spoken(judgement)) {
        const log::WithNext together;  // what becomes of it is the next line
        log.for_message(plan->id).info("judged", {{"how", std::string(to_string(judgement.disposition))},
                                                  {"sentence", judgement.sentence},
                                                  {"found", codes_of(judgement)}});
    }
    if (plan->leads_nowhere())
        co_return turn_away(world, log.for_message(plan->id), came, judgement, replies::filter_astray);
    // Where a filter has changed who gets it, there is no reply for each of those the client named.
    const bool same_recipients = message.envelope.recipients == came.envelope.recipients;
    const auto together = same_recipients ? Recipients::as_protocol_says : Recipients::together;
    auto replies = co_await deliver(world, log, message, *std::move(plan), together);
    if (same_recipients) co_return replies;
    co_return for_all(came, replies.front());
}

}  // namespace

void add_findings(std::string& lines, std::span<const spam::Finding> findings) {
    constexpr std::size_t most = 8000;  // bytes
    std::size_t left_out = 0;
    for (const auto& finding : findings) {
        if (lines.size() > most) {
            ++left_out;
            continue;
        }
        if (!lines.empty()) lines += '\n';
        lines.append(finding.code).append(": ").append(finding.words, 0, most_of_one);
        if (finding.score == 0) continue;
        lines += " (";
        decimal::put_general(lines, finding.score, decimal::Plus::yes);
        lines += ')';
    }
    if (left_out > 0) lines += fmt::format("\nand {} findings more", left_out);
}

std::string account_of(const Judgement& judgement) {
    constexpr std::size_t usual = 1500;
    std::string lines;
    lines.reserve(usual);
    lines.append(judgement.sentence, 0, most_of_one);
    add_findings(lines, judgement.findings);
    return lines;
}

net::Task<smtp::Replies> carry_out(const World& world, const Policy& policy, const log::Log& session_log,
                                   const smtp::Deliver& came, const Judgement& judgement) {
    const bool nobody_left = judgement.envelope && judgement.envelope->recipients.empty();
    switch (judgement.disposition) {
        case Disposition::reject:
        case Disposition::defer:
            co_return turn_away(world, session_log, came, judgement, reply_of(judgement));
        case Disposition::discard:
            co_return co_await discard(world, session_log, came, judgement);
        case Disposition::accept:
        case Disposition::junk:
        case Disposition::quarantine:
            break;
    }
    if (nobody_left) co_return co_await discard(world, session_log, came, judgement);
    co_return co_await keep(world, policy, session_log, came, judgement);
}

}  // namespace hongyan::flow
