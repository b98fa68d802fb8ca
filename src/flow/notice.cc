#include "flow/notice.h"

#include "base/random.h"
#include "flow/recipients.h"

namespace hongyan::flow {

namespace {

// A host whose name is none has an address to be written to even so.
message::Domain domain_of(const std::string& host) {
    auto domain = message::Domain::parse(host);
    return domain ? *std::move(domain) : message::Domain::parse("localhost").value();
}

dsn::Language language_of(const World& world, const Policy& policy, const message::Address& sender) {
    const auto found = world.directory.resolve(sender);
    if (!found || found->local.empty()) return policy.bounces.language;
    const auto account = world.directory.account(found->local.front().account);
    if (!account || account->language.empty()) return policy.bounces.language;
    return dsn::language_of(account->language);
}

}  // namespace

message::Address postmaster_of(const Policy& policy) {
    if (auto chosen = message::parse_address(policy.bounces.from)) return *std::move(chosen);
    return {message::LocalPart::parse("postmaster").value(), domain_of(policy.hostname)};
}

dsn::Settings notice_settings(const World& world, const Policy& policy, const message::Address& sender) {
    return {.host = domain_of(policy.hostname),
            .from = postmaster_of(policy),
            .language = language_of(world, policy, sender),
            .most_returned = policy.bounces.returned_size,
            .most_returned_unasked = policy.bounces.returned_size};
}

smtp::Deliver make_notice(const World& world, const Policy& policy, const dsn::Subject& subject,
                          const std::vector<dsn::Outcome>& outcomes) {
    SystemRandom random;
    auto made =
        dsn::compose(notice_settings(world, policy, subject.sender), subject, outcomes, world.clock, random);
    smtp::Deliver notice;
    notice.client = {.said_name = policy.hostname, .protocol = smtp::Protocol::local};
    notice.envelope.parameters.body = made.eight_bit ? smtp::Body::eight_bit : smtp::Body::seven_bit;
    notice.envelope.parameters.smtputf8 = made.smtputf8;
    notice.envelope.recipients.push_back({.path = {.address = subject.sender}, .notify = {.said = true}});
    notice.message = std::make_shared<const std::string>(std::move(made.message));
    return notice;
}

bool has_room(const World& world, const Policy& policy, const smtp::Deliver& notice) {
    const auto& whom = notice.envelope.recipients.front().path;
    const auto destination = find_destination(world, policy, notice.client, whom, Bounce::yes);
    return !destination || check_room(world, *destination, notice.message->size());
}

void let_wait_for_room(const World& world, const Policy& policy, smtp::Deliver& notice) {
    if (!has_room(world, policy, notice)) notice.envelope.parameters.hold_until = world.clock.now();
}

}  // namespace hongyan::flow
