#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<std::optional<reputation::Site>> site_in(const Call& call, std::string_view argument) {
    if (!call.values.given(argument)) return std::nullopt;
    TRY(const auto site, reputation::Site::parse(call.values.text(argument)));
    return site;
}

// An address, a network, or an account, at some place or everywhere.
Result<reputation::Subject> subject_in(const Call& call) {
    const auto& who = call.values.text("who");
    TRY(const auto from, site_in(call, "from"));
    if (!who.contains('@')) {
        TRY(const auto site, reputation::Site::parse(who));
        if (from) return fail(Error::Kind::invalid, "--from goes with an account");
        return reputation::Subject::of(site);
    }
    TRY(const auto name, directory::Name::parse(who));
    return from ? reputation::Subject::of(to_string(name), *from) : reputation::Subject::of(to_string(name));
}

Result<void> list(const Call& call) {
    Listing listing({{"who", 64}, {"from"}, {"since"}, {"until"}, {"times"}, {"by"}, {"reason", 100}});
    for (const auto& ban : call.services.kept->reputation.bans().list()) {
        const bool is_account = !ban.subject.account.empty();
        const auto site = ban.subject.site ? ban.subject.site->to_string() : std::string();
        listing.add({is_account ? ban.subject.account : site, is_account ? site : std::string(),
                     shown(ban.since), ban.until ? shown(*ban.until) : "it is lifted",
                     std::uint64_t{ban.times}, ban.by_hand ? "hand" : "server", ban.reason});
    }
    call.show(listing);
    return {};
}

Result<void> add(const Call& call) {
    TRY(const auto subject, subject_in(call));
    std::optional<std::chrono::milliseconds> length;
    if (call.values.given("for")) {
        TRY(length, call.values.length("for"));
    }
    const auto reason = call.values.text_or("reason", "The operator of this server wishes so");
    TRY(const auto ban, call.services.kept->reputation.bans().add(subject, reason, length));
    call.say(fmt::format("{} is shut out until {}", ban.subject.to_string(),
                         ban.until ? shown(*ban.until) : "it is lifted"));
    return {};
}

Result<void> lift(const Call& call) {
    TRY(const auto subject, subject_in(call));
    return call.services.kept->reputation.bans().lift(subject);
}

constexpr Argument who{"who", Kind::required,
                       "An address, a network such as 192.0.2.0/24, or the login name of an account"};
constexpr Argument from{"from", Kind::option, "Of an account: only log-ins from this address or network"};
constexpr Argument list_arguments[] = {json_flag};
constexpr Argument add_arguments[] = {
    who,
    from,
    {"for", Kind::option, "For how long, as 2h or 7d; else until it is lifted"},
    {"reason", Kind::option, "A sentence, which the client is told too"}};
constexpr Argument lift_arguments[] = {who, from};

constexpr Command rows[] = {
    {"ban", "list", "List who is shut out, until when and why", list_arguments, Needs::services, &list},
    {"ban", "add", "Shut an address or a network out, or an account's password", add_arguments,
     Needs::services, &add},
    {"ban", "lift", "Let somebody in again", lift_arguments, Needs::services, &lift},
};

}  // namespace

std::span<const Command> ban_commands() { return rows; }

}  // namespace hongyan::admin
