#include "directory/tables.h"

namespace hongyan::directory {

namespace {

Result<engine::Range> range_of(const Page& page) {
    TRY(const auto prefix, normalise_local_part(page.prefix));
    auto range = page.domain ? engine::Range::starting_with(names_key(*page.domain) + prefix)
                             : engine::Range::starting_with(name_prefix);
    // The first key that sorts after the given one has a NUL more.
    if (page.after) range.first = std::max(range.first, name_key(*page.after) + '\0');
    return range;
}

}  // namespace

Result<std::optional<Domain>> Tables::domain(const DomainName& name) const {
    TRY(const auto record, reader_.get(domain_key(name)));
    if (!record) return std::nullopt;
    return decode_domain(name, *record);
}

Result<std::optional<Account>> Tables::account(AccountId id) const {
    TRY(const auto record, reader_.get(account_key(id)));
    if (!record) return std::nullopt;
    return decode_account(id, *record);
}

Result<std::optional<Entry>> Tables::entry(const Name& name) const {
    TRY(const auto record, reader_.get(name_key(name)));
    if (!record) return std::nullopt;
    return decode_entry(name, *record);
}

Result<std::optional<AccountId>> Tables::owner(std::string_view fingerprint) const {
    TRY(const auto record, reader_.get(certificate_key(fingerprint)));
    if (!record) return std::nullopt;
    return decode_counter(*record);
}

Result<AccountId> Tables::next_account() const {
    TRY(const auto record, reader_.get(counter_key));
    return record ? decode_counter(*record) : AccountId(1);
}

Result<void> Tables::walk(const engine::Range& range, const VisitRecord& visit) const {
    const auto cursor = reader_.scan(range);
    for (; cursor->valid(); cursor->next()) {
        TRY(const auto go_on, visit(cursor->key(), cursor->value()));
        if (!go_on) break;
    }
    return cursor->status();
}

Result<void> Tables::for_each_domain(const Visit<Domain>& visit) const {
    return walk(engine::Range::starting_with(domain_prefix),
                [&](std::string_view key, std::string_view record) -> Result<bool> {
                    const auto name = DomainName::stored(key.substr(domain_prefix.size()));
                    TRY(const auto domain, decode_domain(name, record));
                    return visit(domain);
                });
}

Result<void> Tables::for_each_binding(const Visit<Binding>& visit) const {
    return walk(engine::Range::starting_with(certificate_prefix),
                [&](std::string_view key, std::string_view record) -> Result<bool> {
                    TRY(const auto account, decode_counter(record));
                    key.remove_prefix(certificate_prefix.size());
                    return visit({.fingerprint = std::string(key), .account = account});
                });
}

Result<void> Tables::for_each_account(const Visit<Account>& visit) const {
    return walk(engine::Range::starting_with(account_prefix),
                [&](std::string_view key, std::string_view record) -> Result<bool> {
                    TRY(const auto id, account_of_key(key));
                    TRY(const auto account, decode_account(id, record));
                    return visit(account);
                });
}

Result<void> Tables::for_each_entry(const Page& page, const Visit<NamedEntry>& visit) const {
    TRY(const auto range, range_of(page));
    TRY(const auto prefix, normalise_local_part(page.prefix));
    return walk(range, [&](std::string_view key, std::string_view record) -> Result<bool> {
        TRY(auto name, name_of_key(key));
        if (!name.local_part.starts_with(prefix)) return true;
        TRY(auto entry, decode_entry(name, record));
        return visit({std::move(name), std::move(entry)});
    });
}

Result<void> Tables::expect_open(const DomainName& name) const {
    TRY(const auto found, domain(name));
    if (!found) return fail(Error::Kind::not_found, "the domain {} is not here", name.unicode());
    if (found->closing) return fail(Error::Kind::not_found, "the domain {} is being removed", name.unicode());
    return {};
}

Result<Account> Tables::expect_account(AccountId id) const {
    TRY(auto found, account(id));
    if (!found || found->removed) return fail(Error::Kind::not_found, "there is no account {}", id);
    return *std::move(found);
}

void put(engine::Transaction& transaction, const Domain& domain) {
    transaction.put(domain_key(domain.name), encode(domain));
}
void put(engine::Transaction& transaction, const Account& account) {
    transaction.put(account_key(account.id), encode(account));
}
void put(engine::Transaction& transaction, const Name& name, const Entry& entry) {
    transaction.put(name_key(name), encode(entry));
}
void put_binding(engine::Transaction& transaction, std::string_view fingerprint, AccountId account) {
    transaction.put(certificate_key(fingerprint), encode_counter(account));
}

void put_tombstone(engine::Transaction& transaction, const Account& account, Instant now) {
    Account left;
    left.id = account.id;
    left.name = account.name;
    left.created = account.created;
    left.removed = now;
    put(transaction, left);
    for (const auto& fingerprint : account.certificates) transaction.erase(certificate_key(fingerprint));
}

}  // namespace hongyan::directory
