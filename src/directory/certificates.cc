#include "directory/tables.h"

namespace hongyan::directory {

Result<void> Directory::add_certificate(AccountId id, std::string_view fingerprint) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        const Tables tables(transaction);
        TRY(auto account, tables.expect_account(id));
        TRY(const auto owner, tables.owner(fingerprint));
        if (owner) return fail(Error::Kind::exists, "the certificate is bound to an account already");
        if (account.certificates.size() >= max_certificates)
            return fail(Error::Kind::too_large, "an account has at most {} certificates", max_certificates);
        account.certificates.emplace_back(fingerprint);
        put(transaction, account);
        put_binding(transaction, fingerprint, id);
        return {};
    });
}

Result<void> Directory::remove_certificate(AccountId id, std::string_view fingerprint) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        if (std::erase(account.certificates, fingerprint) == 0)
            return fail(Error::Kind::not_found, "{} has no such certificate", to_string(account.name));
        put(transaction, account);
        transaction.erase(certificate_key(fingerprint));
        return {};
    });
}

Result<Account> Directory::account_of_certificate(std::string_view fingerprint) const {
    const auto now = snapshot();
    const Tables tables(*now);
    TRY(const auto owner, tables.owner(fingerprint));
    if (!owner) return fail(Error::Kind::not_found, "the certificate is bound to no account");
    return tables.expect_account(*owner);
}

}  // namespace hongyan::directory
