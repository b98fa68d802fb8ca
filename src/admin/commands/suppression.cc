#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr std::size_t page_size = 1000;

// The account's name as the queue has it.
Result<std::string> named_account(const Call& call) {
    TRY(const auto account, call.services.kept->directory.account(call.values.text("account")));
    return to_string(account.name);
}

Result<void> list(const Call& call) {
    TRY(const auto account, named_account(call));
    Listing listing({{"address"}, {"since"}, {"by"}, {"reason", 120}});
    std::string after;
    for (;;) {
        TRY(const auto page, call.services.kept->queue.suppressions(account, after, page_size));
        if (page.empty()) break;
        for (const auto& each : page)
            listing.add({each.address, shown(each.since), each.by_bounce ? "bounce" : "hand", each.reason});
        after = page.back().address;
    }
    call.show(listing);
    return {};
}

Result<void> add(const Call& call) {
    TRY(const auto account, named_account(call));
    return call.services.kept->queue.suppress(account, call.values.text("address"),
                                              call.values.text_or("reason", ""));
}

Result<void> remove(const Call& call) {
    TRY(const auto account, named_account(call));
    return call.services.kept->queue.unsuppress(account, call.values.text("address"));
}

constexpr Argument account{"account", Kind::required, "The login name of the account"};
constexpr Argument address{"address", Kind::required, "The address to which it is not to send"};
constexpr Argument list_arguments[] = {account, json_flag};
constexpr Argument add_arguments[] = {
    account, address, {"reason", Kind::option, "Why, for those who look later"}};
constexpr Argument remove_arguments[] = {account, address};

constexpr Command rows[] = {
    {"suppression", "list", "List the addresses to which an account sends nothing any more", list_arguments,
     Needs::services, &list},
    {"suppression", "add", "Let an account send nothing to an address", add_arguments, Needs::services, &add},
    {"suppression", "remove", "Let an account send to an address again", remove_arguments, Needs::services,
     &remove},
};

}  // namespace

std::span<const Command> suppression_commands() { return rows; }

}  // namespace hongyan::admin
