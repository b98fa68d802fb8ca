#include "directory/tables.h"

namespace hongyan::directory {

namespace {

constexpr std::size_t names_per_transaction = 500;  // far below the engine's limit, whatever their length

Result<bool> has_accounts(const Tables& tables, const DomainName& domain) {
    bool found = false;
    TRY(tables.for_each_entry({.domain = domain}, [&](const Tables::NamedEntry& named) -> Result<bool> {
        found = std::holds_alternative<AccountId>(named.entry);
        return !found;
    }));
    return found;
}

}  // namespace

Result<void> Directory::add_domain(const DomainName& name) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(const auto found, Tables(transaction).domain(name));
        if (found) return fail(Error::Kind::exists, "the domain {} is here already", name.unicode());
        put(transaction, Domain{.name = name, .created = clock_.now(), .closing = false, .unknown = {}});
        return {};
    });
}

Result<void> Directory::remove_domain(const DomainName& name, Force force) {
    TRY(transact([&](engine::Transaction& transaction) -> Result<void> {
        const Tables tables(transaction);
        TRY(auto found, tables.domain(name));
        if (!found) return fail(Error::Kind::not_found, "the domain {} is not here", name.unicode());
        TRY(const auto in_use, has_accounts(tables, name));
        if (in_use && force == Force::no)
            return fail(Error::Kind::conflict, "the domain {} has accounts", name.unicode());
        found->closing = true;
        put(transaction, *found);
        return {};
    }));
    for (std::size_t removed = names_per_transaction; removed == names_per_transaction;) {
        TRY(removed, remove_some_names(name));
    }
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        transaction.erase(domain_key(name));
        return {};
    });
}

Result<std::size_t> Directory::remove_some_names(const DomainName& domain) {
    std::vector<Tables::NamedEntry> some;
    TRY(transact([&](engine::Transaction& transaction) -> Result<void> {
        const Tables tables(transaction);
        some.clear();
        TRY(tables.for_each_entry({.domain = domain}, [&](const Tables::NamedEntry& named) -> Result<bool> {
            some.push_back(named);
            return some.size() < names_per_transaction;
        }));
        for (const auto& [name, entry] : some) {
            if (const auto* id = std::get_if<AccountId>(&entry)) {
                TRY(const auto account, tables.expect_account(*id));
                put_tombstone(transaction, account, clock_.now());
            }
            transaction.erase(name_key(name));
        }
        return {};
    }));
    return some.size();
}

Result<std::vector<Domain>> Directory::domains() const {
    std::vector<Domain> out;
    const auto now = snapshot();
    TRY(Tables(*now).for_each_domain([&](const Domain& domain) -> Result<bool> {
        out.push_back(domain);
        return true;
    }));
    return out;
}

}  // namespace hongyan::directory
