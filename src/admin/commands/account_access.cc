// Who logs in to an account, and the passwords that the server makes for its programs.
#include <algorithm>
#include <map>

#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<directory::Account> account_in(const Call& call) {
    return call.services.kept->directory.account(call.values.text("account"));
}

Result<void> show_log(const Call& call) {
    TRY(const auto account, account_in(call));
    TRY(const auto records, call.services.kept->reputation.log_ins().of(account.id));
    Listing listing({{"first"},
                     {"last"},
                     {"times"},
                     {"protocol"},
                     {"address"},
                     {"how", 40},
                     {"outcome"},
                     {"client", 60}});
    for (const auto& each : records)
        listing.add({shown(each.first), shown(each.last), each.times, each.event.protocol, each.event.address,
                     each.event.how, each.event.outcome, each.event.client});
    call.show(listing);
    return {};
}

Result<void> add_app_password(const Call& call) {
    TRY(const auto account, account_in(call));
    directory::NewAppPassword wanted{.name = call.values.text_or("name", ""),
                                     .protocols = call.values.texts("protocol")};
    if (call.values.given("for")) {
        TRY(const auto length, call.values.length("for"));
        wanted.expires = call.services.clock.now() + length;
    }
    TRY(const auto password, call.services.kept->directory.add_app_password(account.id, wanted));
    call.say(password);
    return {};
}

// When each was last used, as far as the history of log-ins goes back.
Result<std::map<std::string, Instant>> last_uses(const Call& call, directory::AccountId id) {
    TRY(const auto records, call.services.kept->reputation.log_ins().of(id));
    std::map<std::string, Instant> last;
    for (const auto& each : records)
        if (each.event.outcome == "ok") last[each.event.how] = std::max(last[each.event.how], each.last);
    return last;
}

Result<void> list_app_passwords(const Call& call) {
    TRY(const auto account, account_in(call));
    TRY(const auto uses, last_uses(call, account.id));
    Listing listing({{"name", 60}, {"protocols"}, {"created"}, {"expires"}, {"last_used"}});
    for (const auto& each : account.app_passwords) {
        const auto use = uses.find(fmt::format("app password {}", each.name));
        listing.add({each.name,
                     each.protocols.empty() ? "all" : fmt::format("{}", fmt::join(each.protocols, " ")),
                     shown(each.created), each.expires ? shown(*each.expires) : "",
                     use == uses.end() ? "" : shown(use->second)});
    }
    call.show(listing);
    return {};
}

Result<void> remove_app_password(const Call& call) {
    TRY(const auto account, account_in(call));
    return call.services.kept->directory.remove_app_password(account.id, call.values.text_or("name", ""));
}

Result<void> app_password(const Call& call) {
    const auto& action = call.values.text("action");
    if (action == "add") return add_app_password(call);
    if (action == "list") return list_app_passwords(call);
    if (action == "remove") return remove_app_password(call);
    return fail(Error::Kind::invalid, "\"{}\" is none of add, list, remove", action);
}

constexpr Argument account{"account", Kind::required, "The login name of the account"};
constexpr Argument log_arguments[] = {account, json_flag};
constexpr Argument app_password_arguments[] = {
    {"action", Kind::required, "add, list or remove"},
    account,
    {"name", Kind::optional, "What it is for, as Phone"},
    {"protocol", Kind::repeated, "Only for this: imap, pop3 or smtp; without any, for all"},
    {"for", Kind::option, "How long it is good, as 90d; else until it is removed"},
    json_flag};

constexpr Command rows[] = {
    {"account", "log", "List who logged in to an account or tried to, from where and how", log_arguments,
     Needs::services, &show_log},
    {"account", "app-password",
     "Make a password for one program, shown once; list those that there are; take one away",
     app_password_arguments, Needs::services, &app_password},
};

}  // namespace

std::span<const Command> account_access_commands() { return rows; }

}  // namespace hongyan::admin
