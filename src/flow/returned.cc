#include "flow/returned.h"

#include <algorithm>

#include "base/ascii.h"
#include "dns/ip_address.h"
#include "dsn/parse.h"

namespace hongyan::flow {

namespace {

constexpr std::size_t most_candidates = 10;             // messages of one Message-ID
constexpr std::size_t most_failures = 100;              // of one notification
constexpr std::uint32_t returned_number = 0xC000'0000;  // apart from attempts and from ends without one

// The messages of ours that it may be about.
std::vector<queue::EntryId> candidates(const World& world, const Policy& policy,
                                       const dsn::Returned& returned) {
    if (const auto name = dsn::queue_id_of(returned, policy.hostname))
        if (const auto id = queue::parse_entry_id(*name); id && world.queue.story(*id)) return {*id};
    if (returned.message_id.empty()) return {};
    return world.queue.mentioned(returned.message_id, {.limit = most_candidates})
        .value_or(std::vector<queue::EntryId>{});
}

bool was_sent(const queue::Record& record) {
    return record.what == queue::Happened::delivered || record.what == queue::Happened::relayed;
}

bool names(const dsn::Reported& reported, const queue::Record& record) {
    return ascii::iequals(reported.final_recipient.address, record.recipient) ||
           ascii::iequals(reported.original_recipient.address, record.recipient);
}

// Who gets the notification is who sent the message.
bool goes_to_sender(const smtp::Deliver& notification, const queue::Record& record) {
    return std::ranges::any_of(notification.envelope.recipients, [&](const auto& recipient) {
        return ascii::iequals(smtp::to_string(recipient.path), record.sender);
    });
}

// The address in "[192.0.2.1]:25", as the history has it.
std::optional<dns::IpAddress> address_called(const queue::Record& record) {
    const std::string_view text = record.attempt.address;
    const auto end = text.find(']');
    if (!text.starts_with('[') || end == text.npos) return std::nullopt;
    return dns::IpAddress::parse(text.substr(1, end - 1));
}

// Everybody who got the message knows by what it is called, and may write a notification about the others.
// That the host which took it for this recipient has sent this one is what he cannot make up.
bool comes_from_who_took_it(const smtp::Deliver& notification, const queue::Record& record) {
    const auto client = dns::IpAddress::parse(notification.client.address);
    return client && client == address_called(record);
}

queue::Record record_of(queue::Record sent, const dsn::Returned& returned, const dsn::Reported& reported,
                        Instant now) {
    sent.what = queue::Happened::failed;
    sent.number = returned_number;
    sent.attempt = {.time = now,
                    .host = returned.reporting_host,
                    .status = to_string(reported.status),
                    .reply = fmt::format("bounced back: {}", reported.diagnostic)};
    return sent;
}

engine::Part suppressing(const queue::Record& record, const std::string& reason) {
    const queue::Suppression suppression{
        .address = {}, .since = record.attempt.time, .reason = reason, .by_bounce = true};
    return {engine::Scope::global(), [key = queue::suppression_key(record.account, record.recipient),
                                      value = encode(suppression)](engine::Transaction& transaction) {
                transaction.put(key, value);
                return Result<void>{};
            }};
}

}  // namespace

bool says_nobody_is_there(std::string_view status) {
    constexpr std::string_view all[] = {"5.1.1", "5.1.2", "5.1.6", "5.1.10"};
    return std::ranges::find(all, status) != std::end(all);
}

std::vector<engine::Part> parts_for_returned(const World& world, const Policy& policy,
                                             const smtp::Deliver& message) {
    if (!message.envelope.sender.is_null() || !world.queue.keeps_history()) return {};
    const auto returned = dsn::parse_notification(*message.message);
    if (!returned) return {};
    std::vector<queue::Record> records;
    std::vector<engine::Part> parts;
    for (const auto id : candidates(world, policy, *returned)) {
        const auto story = world.queue.story(id);
        if (!story) continue;
        for (const auto& reported : returned->recipients) {
            const auto sent = std::ranges::find_if(story->records, [&](const auto& record) {
                return was_sent(record) && names(reported, record) && goes_to_sender(message, record);
            });
            const bool tells = reported.action == dsn::Action::failed && sent != story->records.end();
            if (!tells || records.size() == most_failures) continue;
            records.push_back(record_of(*sent, *returned, reported, world.clock.now()));
            const auto& status = records.back().attempt.status;
            const bool is_final = policy.suppresses && says_nobody_is_there(status);
            if (is_final && !sent->account.empty() && comes_from_who_took_it(message, *sent))
                parts.push_back(suppressing(records.back(), reported.diagnostic));
        }
    }
    std::ranges::move(world.queue.telling(records), std::back_inserter(parts));
    return parts;
}

}  // namespace hongyan::flow
