#include "flow/recipients.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/replies.h"

namespace hongyan::flow {

namespace {

using Outcome = directory::Resolution::Outcome;

Result<directory::Resolution> resolve(const World& world, const smtp::Path& path) {
    if (path.is_postmaster || !path.address) return world.directory.resolve("postmaster", "");
    return world.directory.resolve(path.address->local_part.text(), path.address->domain.text());
}

// RFC 5321 §4.5.1: there is a postmaster of the host too, whether or not its name is a domain here. Our
// bounces come from him, and people answer them.
bool is_postmaster_of_host(const Policy& policy, const smtp::Path& path) {
    if (!path.address || !ascii::iequals(path.address->local_part.text(), "postmaster")) return false;
    const auto host = directory::DomainName::parse(policy.hostname);
    const auto domain = directory::DomainName::parse(path.address->domain.text());
    return host && domain && *host == *domain;
}

smtp::StandardReply reply_to(const Error& unresolved) {
    switch (unresolved.kind) {
        case Error::Kind::invalid:
            return replies::bad_domain;
        case Error::Kind::too_large:
            return replies::list_too_long;
        default:
            return replies::reply_to(unresolved);
    }
}

// Whom a bounce is for that comes to an address of forward/srs.h; nothing if it is no such address of ours.
std::optional<Destination> way_back(const World& world, const directory::Resolution& resolution,
                                    const smtp::Path& recipient, Bounce bounce) {
    const bool is_ours = resolution.outcome != Outcome::not_ours;
    if (!is_ours || bounce == Bounce::no || !world.srs || !recipient.address) return std::nullopt;
    const auto original = world.srs->original(*recipient.address, world.clock.now());
    if (!original) return std::nullopt;
    return Destination{.local = {}, .remote = {original->to_string()}};
}

std::expected<void, smtp::StandardReply> check_room(const World& world, directory::AccountId account,
                                                    std::uint64_t size) {
    const auto state = world.store.account(account).view().state();
    if (!state) return std::unexpected(replies::reply_to(state.error()));
    const auto& [usage, quota] = std::tie(state->usage, state->quota);
    const bool too_many = quota.messages != 0 && usage.messages + 1 > quota.messages;
    const bool too_much = quota.bytes != 0 && usage.bytes + std::max<std::uint64_t>(size, 1) > quota.bytes;
    if (too_many || too_much) return std::unexpected(replies::over_quota);
    return {};
}

}  // namespace

std::expected<Destination, smtp::StandardReply> find_destination(const World& world, const Policy& policy,
                                                                 const smtp::Client& client,
                                                                 const smtp::Path& recipient, Bounce bounce) {
    auto resolution = resolve(world, recipient);
    if (resolution && resolution->outcome == Outcome::not_ours && is_postmaster_of_host(policy, recipient))
        resolution = world.directory.resolve("postmaster", "");
    if (!resolution) return std::unexpected(reply_to(resolution.error()));
    if (auto back = way_back(world, *resolution, recipient, bounce)) return *std::move(back);
    switch (resolution->outcome) {
        case Outcome::delivered:
            return Destination{.local = std::move(resolution->local),
                               .remote = std::move(resolution->remote),
                               .is_forwarded = true,
                               .keeps_sender = resolution->keeps_sender};
        case Outcome::not_ours:
            if (!may_relay(policy, client)) return std::unexpected(replies::relaying_denied);
            return Destination{.remote = {smtp::to_string(recipient)}};
        case Outcome::disabled:
            return std::unexpected(replies::disabled_recipient);
        case Outcome::unknown:
        case Outcome::alias_fails:
            break;
    }
    return std::unexpected(replies::unknown_recipient);
}

std::expected<void, smtp::StandardReply> check_room(const World& world, const Destination& destination,
                                                    std::uint64_t size) {
    std::expected<void, smtp::StandardReply> worst;
    for (const auto& recipient : destination.local) {
        auto room = check_room(world, recipient.account, size);
        if (room && destination.is_list()) return {};
        if (!room) worst = std::move(room);
    }
    return destination.remote.empty() ? worst : std::expected<void, smtp::StandardReply>();
}

std::map<directory::AccountId, std::string> members_without_room(const World& world,
                                                                 const Destination& destination,
                                                                 std::uint64_t size) {
    std::map<directory::AccountId, std::string> full;
    if (!destination.is_list()) return full;
    for (const auto& local : destination.local) {
        if (check_room(world, local.account, size)) continue;
        const auto account = world.directory.account(local.account);
        if (account) full.emplace(local.account, to_string(account->name));
    }
    if (destination.remote.empty() && full.size() == destination.local.size()) full.clear();
    return full;
}

Result<bool> is_address_of(const World& world, const smtp::Path& sender, std::string_view account) {
    TRY(const auto owner, world.directory.account(account));
    TRY(const auto resolution, resolve(world, sender));
    return std::ranges::any_of(resolution.local,
                               [&](const auto& recipient) { return recipient.account == owner.id; });
}

smtp::Path sender_onward(const World& world, const Policy& policy, const Destination& destination,
                         const smtp::Path& sender, const smtp::Path& recipient) {
    const bool is_wanted = destination.is_forwarded && !destination.keeps_sender && policy.rewrites_senders;
    if (!is_wanted || !world.srs || !sender.address || !recipient.address) return sender;
    const auto found = resolve(world, sender);
    if (!found || found->outcome != Outcome::not_ours) return sender;
    const auto name = directory::DomainName::parse(recipient.address->domain.text());
    const auto domain =
        name ? message::Domain::parse(name->ascii()) : Result<message::Domain>(recipient.address->domain);
    if (!domain) return sender;
    auto rewritten = world.srs->rewrite(*sender.address, *domain, world.clock.now());
    if (!rewritten) return sender;
    return {.address = *std::move(rewritten)};
}

}  // namespace hongyan::flow
