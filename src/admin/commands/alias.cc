#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<void> add(const Call& call) {
    const auto keep =
        call.values.given("keep-sender") ? directory::KeepSender::yes : directory::KeepSender::no;
    return call.services.kept->directory.add_alias(call.values.text("alias"), call.values.texts("target"),
                                                   keep);
}

Result<void> list(const Call& call) {
    directory::Page page;
    Listing listing({"alias", "targets"});
    for (;;) {
        TRY(const auto aliases, call.services.kept->directory.aliases(page));
        if (aliases.empty()) break;
        for (const auto& alias : aliases) listing.add({to_string(alias.name), alias.targets});
        page.after = aliases.back().name;
    }
    call.show(listing);
    return {};
}

Result<void> remove(const Call& call) {
    return call.services.kept->directory.remove_alias(call.values.text("alias"));
}

constexpr Argument alias{"alias", Kind::required,
                         "The address, as info@example.test; @example.test takes the rest of the domain"};
constexpr Argument add_arguments[] = {
    alias,
    {"target", Kind::one_or_more, "Where its mail goes: addresses here or elsewhere"},
    {"keep-sender", Kind::flag, "Leave the sender of mail that goes on to elsewhere as it is (no SRS)"}};
constexpr Argument list_arguments[] = {json_flag};
constexpr Argument remove_arguments[] = {alias};

constexpr Command rows[] = {
    {"alias", "add", "Let an address stand for others", add_arguments, Needs::services, &add},
    {"alias", "list", "List the aliases", list_arguments, Needs::services, &list},
    {"alias", "remove", "Remove an alias", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> alias_commands() { return rows; }

}  // namespace hongyan::admin
