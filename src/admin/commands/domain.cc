#include "admin/account_life.h"
#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<void> add(const Call& call) {
    TRY(const auto name, directory::DomainName::parse(call.values.text("domain")));
    return call.services.kept->directory.add_domain(name);
}

Result<void> list(const Call& call) {
    TRY(const auto domains, call.services.kept->directory.domains());
    Listing listing({"domain", "ascii", "created"});
    for (const auto& domain : domains)
        listing.add({domain.name.unicode(), domain.name.ascii(), shown(domain.created)});
    call.show(listing);
    return {};
}

Result<void> remove(const Call& call) {
    auto& directory = call.services.kept->directory;
    TRY(const auto name, directory::DomainName::parse(call.values.text("domain")));
    const auto force = call.values.given("force") ? directory::Force::yes : directory::Force::no;
    directory::Page page{.domain = name};
    TRY(auto accounts, directory.accounts(page));
    if (force == directory::Force::yes) {
        while (!accounts.empty()) {
            for (const auto& account : accounts) TRY(remove_account(*call.services.kept, account.id));
            TRY(accounts, directory.accounts(page));
        }
    }
    return directory.remove_domain(name, force);
}

constexpr Argument domain{"domain", Kind::required, "The domain, as example.test or 例子.测试"};
constexpr Argument add_arguments[] = {domain};
constexpr Argument list_arguments[] = {json_flag};
constexpr Argument remove_arguments[] = {
    domain, {"force", Kind::flag, "Remove its accounts too, with all their mail"}};

constexpr Command rows[] = {
    {"domain", "add", "Take mail for a domain", add_arguments, Needs::services, &add},
    {"domain", "list", "List the domains", list_arguments, Needs::services, &list},
    {"domain", "remove", "Take no more mail for a domain", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> domain_commands() { return rows; }

}  // namespace hongyan::admin
