#include <algorithm>

#include "directory/tables.h"

namespace hongyan::directory {

Result<std::string> Directory::add_app_password(AccountId id, const NewAppPassword& wanted) {
    TRY(check(wanted));
    const auto password = make_app_password(random_);
    const auto made = hash_app_password(wanted, password, random_, clock_.now());
    TRY(transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        if (account.app_passwords.size() >= max_app_passwords)
            return fail(Error::Kind::too_large, "an account has at most {} app passwords", max_app_passwords);
        if (std::ranges::find(account.app_passwords, made.name, &AppPassword::name) !=
            account.app_passwords.end())
            return fail(Error::Kind::exists, "{} has an app password \"{}\" already", to_string(account.name),
                        made.name);
        account.app_passwords.push_back(made);
        put(transaction, account);
        return {};
    }));
    return password;
}

Result<void> Directory::remove_app_password(AccountId id, std::string_view name) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        const auto is_meant = [&](const AppPassword& each) { return each.name == name; };
        if (std::erase_if(account.app_passwords, is_meant) == 0)
            return fail(Error::Kind::not_found, "{} has no app password \"{}\"", to_string(account.name),
                        name);
        put(transaction, account);
        return {};
    });
}

Result<LogIn> Directory::authenticate_app(std::string_view name, std::string_view password,
                                          std::string_view protocol) {
    const auto denied = [] { return fail(Error::Kind::denied, "no app password fits"); };
    const auto found = account(name);
    if (!found &&
        (found.error().kind == Error::Kind::not_found || found.error().kind == Error::Kind::invalid))
        return denied();
    if (!found) return std::unexpected(found.error());
    const auto fitting = std::ranges::find_if(
        found->app_passwords, [&](const AppPassword& known) { return fits(known, password); });
    if (fitting == found->app_passwords.end() || !fitting->is_good_for(protocol, clock_.now()))
        return denied();
    if (found->disabled)
        return fail(Error::Kind::denied, "the account {} is disabled", to_string(found->name));
    return LogIn{.account = found->id, .rehashed = false, .app_password = fitting->name};
}

}  // namespace hongyan::directory
