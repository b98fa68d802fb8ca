#include <algorithm>
#include <set>

#include "directory/tables.h"

namespace hongyan::directory {

namespace {

// Walks all three tables and holds each against the others.
class Checker {
public:
    Checker(const Directory& directory, const Tables& tables) : directory_(directory), tables_(tables) {}

    Result<std::vector<std::string>> run() {
        TRY(tables_.for_each_domain([&](const Domain& domain) -> Result<bool> {
            domains_.insert(domain.name);
            return true;
        }));
        TRY(tables_.for_each_account([&](const Account& account) { return check(account); }));
        TRY(tables_.for_each_entry({}, [&](const Tables::NamedEntry& named) { return check(named); }));
        TRY(tables_.for_each_binding([&](const Tables::Binding& bound) { return check(bound); }));
        TRY(check_signing_keys());
        TRY(const auto next, tables_.next_account());
        if (last_ >= next) complain("account {} exists, but the next would be {}", last_, next);
        return std::move(complaints_);
    }

private:
    template <typename... Arguments>
    void complain(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        complaints_.push_back(fmt::format(text, std::forward<Arguments>(arguments)...));
    }

    Result<bool> check(const Account& account) {
        last_ = std::max(last_, account.id);
        TRY(const auto entry, tables_.entry(account.name));
        const auto* id = entry ? std::get_if<AccountId>(&*entry) : nullptr;
        const bool is_named = id != nullptr && *id == account.id;
        if (is_named == account.removed.has_value())
            complain("account {} is {}, and its name {} {} to it", account.id,
                     account.removed ? "removed" : "there", to_string(account.name),
                     is_named ? "leads" : "does not lead");
        if (!account.sealed_password.empty() && !directory_.recover_password(account))
            complain("the recoverable password of {} cannot be read with the key that is here",
                     to_string(account.name));
        for (const auto& fingerprint : account.certificates) {
            TRY(const auto owner, tables_.owner(fingerprint));
            if (owner != account.id)
                complain("the certificate {} of {} does not lead to it", fingerprint,
                         to_string(account.name));
        }
        return true;
    }

    Result<void> check_signing_keys() {
        TRY(const auto keys, directory_.signing_keys({}));
        for (const auto& key : keys)
            if (!directory_.private_key(key))
                complain("the key {} of {} cannot be opened with the key that is here", key.selector,
                         key.domain.unicode());
        return {};
    }

    Result<bool> check(const Tables::Binding& bound) {
        TRY(const auto account, tables_.account(bound.account));
        if (!account ||
            std::ranges::find(account->certificates, bound.fingerprint) == account->certificates.end())
            complain("the certificate {} is bound to account {}, which does not know it", bound.fingerprint,
                     bound.account);
        return true;
    }

    Result<bool> check(const Tables::NamedEntry& named) {
        if (!domains_.contains(named.name.domain))
            complain("the domain of {} is not here", to_string(named.name));
        if (const auto* id = std::get_if<AccountId>(&named.entry)) {
            TRY(const auto account, tables_.account(*id));
            if (!account || account->name != named.name)
                complain("{} leads to account {}, which has another name", to_string(named.name), *id);
        }
        return true;
    }

    const Directory& directory_;
    const Tables& tables_;
    std::set<DomainName> domains_;
    AccountId last_;
    std::vector<std::string> complaints_;
};

}  // namespace

Result<std::vector<std::string>> Directory::check_records() const {
    const auto now = snapshot();
    const Tables tables(*now);
    return Checker(*this, tables).run();
}

}  // namespace hongyan::directory
