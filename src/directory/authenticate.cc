#include "crypto/prepare_password.h"
#include "directory/tables.h"

namespace hongyan::directory {

namespace {

// Nobody's, where there are none, so that the check takes as long.
const crypto::Credentials& credentials_of(const Result<Account>& account) {
    const bool has_password = account && !account->credentials.hash.empty();
    return has_password ? account->credentials : crypto::nobodys_credentials();
}

// Nothing may tell a stranger whether the name or the password was wrong.
bool is_no_such_account(const Error& error) {
    return error.kind == Error::Kind::not_found || error.kind == Error::Kind::invalid;
}

}  // namespace

Result<LogIn> Directory::authenticate(std::string_view name, std::string_view password) {
    const auto found = account(name);
    if (!found && !is_no_such_account(found.error())) return std::unexpected(found.error());
    const auto& credentials = credentials_of(found);
    const bool was_right = recent_.knows(credentials.hash, password);
    const auto verdict = was_right ? crypto::Verdict::right : crypto::verify(credentials, password);
    if (!found || verdict == crypto::Verdict::wrong)
        return fail(Error::Kind::denied, "the name or the password is wrong");
    if (found->disabled)
        return fail(Error::Kind::denied, "the account {} is disabled", to_string(found->name));
    if (verdict == crypto::Verdict::outdated)
        return LogIn{.account = found->id, .rehashed = bring_up_to_date(*found, password)};
    recent_.remember(credentials.hash, password);
    return LogIn{.account = found->id, .rehashed = false};
}

// Something is opened in any case, so that the time does not tell who opted in.
Result<crypto::Secret> Directory::recover_password(const Account& account) const {
    const bool has_one = !account.sealed_password.empty();
    if (!seal_) return fail(Error::Kind::denied, "there is no key to read passwords with");
    auto opened = has_one ? seal_->open(account.sealed_password, seal_context(account.name))
                          : seal_->open(nobodys_sealed_password_, {});
    if (!has_one) return fail(Error::Kind::denied, "{} has no recoverable password", to_string(account.name));
    if (!opened)
        return fail(std::move(opened).error(), fmt::format("the password of {}", to_string(account.name)));
    return opened;
}

// The log-in stands even if this fails; the next one tries again. A password that was changed meanwhile wins.
bool Directory::bring_up_to_date(const Account& account, std::string_view password) {
    const auto prepared = crypto::prepare_password(password);
    if (!prepared) return false;
    const auto fresh = crypto::Credentials::make(*prepared, random_);
    return transact([&](engine::Transaction& transaction) -> Result<void> {
               TRY(auto now, Tables(transaction).expect_account(account.id));
               if (now.credentials != account.credentials)
                   return fail(Error::Kind::conflict, "the password was changed meanwhile");
               now.credentials = fresh;
               put(transaction, now);
               return {};
           })
        .has_value();
}

}  // namespace hongyan::directory
