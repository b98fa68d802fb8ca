// The directory's records as values, read through a snapshot or a transaction and written through the latter.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "directory/directory.h"
#include "directory/records.h"

namespace hongyan::directory {

// Looks at a reader that the caller keeps.
class Tables {
public:
    explicit Tables(const engine::Reader& reader) : reader_(reader) {}

    Result<std::optional<Domain>> domain(const DomainName& name) const;
    // Also an account of which only the record is left.
    Result<std::optional<Account>> account(AccountId id) const;
    Result<std::optional<Entry>> entry(const Name& name) const;
    // The account that a certificate is bound to.
    Result<std::optional<AccountId>> owner(std::string_view fingerprint) const;
    // The id for the next account.
    Result<AccountId> next_account() const;

    // What happens with each; false ends the walk.
    template <typename Value>
    using Visit = std::function<Result<bool>(const Value&)>;
    struct NamedEntry {
        Name name;
        Entry entry;
    };
    Result<void> for_each_domain(const Visit<Domain>& visit) const;
    Result<void> for_each_account(const Visit<Account>& visit) const;
    struct Binding {
        std::string fingerprint;
        AccountId account;
    };
    Result<void> for_each_binding(const Visit<Binding>& visit) const;
    Result<void> for_each_entry(const Page& page, const Visit<NamedEntry>& visit) const;

    // Not found, unless the domain is here and takes names.
    Result<void> expect_open(const DomainName& domain) const;
    // Not found, unless the account is here and not removed.
    Result<Account> expect_account(AccountId id) const;

private:
    using VisitRecord = std::function<Result<bool>(std::string_view key, std::string_view value)>;
    Result<void> walk(const engine::Range& range, const VisitRecord& visit) const;

    const engine::Reader& reader_;
};

void put(engine::Transaction& transaction, const Domain& domain);
void put(engine::Transaction& transaction, const Account& account);
void put(engine::Transaction& transaction, const Name& name, const Entry& entry);
// Binds a certificate to an account whose record names it.
void put_binding(engine::Transaction& transaction, std::string_view fingerprint, AccountId account);
// What is left of a removed account: that there was one. Its certificates are free.
void put_tombstone(engine::Transaction& transaction, const Account& account, Instant now);

}  // namespace hongyan::directory
