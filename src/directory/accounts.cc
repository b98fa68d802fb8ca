#include <atomic>
#include <thread>

#include "base/ascii.h"
#include "crypto/prepare_password.h"
#include "directory/tables.h"
#include "message/utf8.h"

namespace hongyan::directory {

namespace {

constexpr std::size_t max_text_size = 255;             // bytes of a display name
constexpr std::size_t max_hash_size = 1024;            // bytes; what crypt(5) makes is shorter than 400
constexpr std::size_t accounts_per_transaction = 200;  // of at most 3 KB each

Result<void> check_text(std::string_view what, std::string_view text) {
    if (text.size() > max_text_size)
        return fail(Error::Kind::invalid, "the {} has more than {} bytes", what, max_text_size);
    if (!message::valid_utf8(text) || std::ranges::any_of(text, ascii::is_control))
        return fail(Error::Kind::invalid, "the {} is UTF-8 without control characters", what);
    return {};
}

Result<crypto::Credentials> import_hash(const ImportedHash& hash) {
    TRY(crypto::check_hash(hash.text));
    if (hash.text.size() > max_hash_size)
        return fail(Error::Kind::invalid, "the password hash has more than {} bytes", max_hash_size);
    return crypto::Credentials{.hash = hash.text, .scram = {}};
}

// The password itself where it was given: typed, or in a hash that hides nothing.
std::optional<std::string_view> typed_in(const NewPassword& password) {
    if (const auto* typed = std::get_if<crypto::Secret>(&password)) return typed->reveal();
    const auto* hash = std::get_if<ImportedHash>(&password);
    return hash != nullptr ? crypto::plain_password(hash->text) : std::nullopt;
}

// What makes credentials of passwords.
struct Maker {
    Random& random;
    const std::optional<crypto::Seal>& seal;

    // The account has its name already.
    Result<void> set_password(Account& account, const NewPassword& password, Recoverable recoverable) const {
        account.credentials = {};
        account.sealed_password.clear();
        if (const auto typed = typed_in(password)) return set_typed(account, *typed, recoverable);
        if (recoverable == Recoverable::yes)
            return fail(Error::Kind::invalid, "no password was given that could be kept recoverably");
        if (const auto* hash = std::get_if<ImportedHash>(&password)) {
            TRY(account.credentials, import_hash(*hash));
        }
        return {};
    }

private:
    Result<void> set_typed(Account& account, std::string_view typed, Recoverable recoverable) const {
        TRY(const auto prepared, crypto::prepare_password(typed));
        account.credentials = crypto::Credentials::make(prepared, random);
        if (recoverable == Recoverable::no) return {};
        if (!seal) return fail(Error::Kind::unsupported, "there is no key to keep passwords with");
        account.sealed_password = seal->close(prepared.reveal(), seal_context(account.name), random);
        return {};
    }
};

// All of an account but its id.
Result<Account> make_account(const NewAccount& wanted, const Maker& maker, Instant now) {
    Account account;
    TRY(account.name, Name::parse(wanted.name));
    if (account.name.local_part.empty())
        return fail(Error::Kind::invalid, "\"{}\" has no local part", wanted.name);
    TRY(check_text("display name", wanted.display_name));
    TRY(check_text("language", wanted.language));
    TRY(maker.set_password(account, wanted.password, wanted.recoverable));
    account.display_name = wanted.display_name;
    account.language = wanted.language;
    account.quota = wanted.quota;
    account.created = now;
    return account;
}

// Calls work(i) for every i below `count`, on as many threads as there are cores.
template <typename Work>
void in_parallel(std::size_t count, const Work& work) {
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        for (auto i = next++; i < count; i = next++) work(i);
    };
    const auto helpers = std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency())) - 1;
    std::vector<std::jthread> threads;
    threads.reserve(helpers);
    for (std::size_t i = 0; i < helpers; ++i) threads.emplace_back(run);
    run();
}

// Refused for what the account itself is, so that others may still be added.
bool is_refusal(const Error& error) {
    using enum Error::Kind;
    return error.kind == invalid || error.kind == not_found || error.kind == exists;
}

Result<AccountId> insert(engine::Transaction& transaction, Account account) {
    const Tables tables(transaction);
    TRY(tables.expect_open(account.name.domain));
    TRY(const auto taken, tables.entry(account.name));
    if (taken) return fail(Error::Kind::exists, "{} is here already", to_string(account.name));
    TRY(account.id, tables.next_account());
    put(transaction, account);
    put(transaction, account.name, account.id);
    transaction.put(counter_key, encode_counter(account.id.next()));
    return account.id;
}

Result<void> insert_all(engine::Transaction& transaction, std::span<const Result<Account>> drafts,
                        std::span<Result<AccountId>> outcomes) {
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        outcomes[i] = drafts[i] ? insert(transaction, *drafts[i]) : std::unexpected(drafts[i].error());
        if (!outcomes[i] && !is_refusal(outcomes[i].error())) return std::unexpected(outcomes[i].error());
    }
    return {};
}

}  // namespace

Result<AccountId> Directory::add_account(const NewAccount& account) {
    return std::move(add_accounts({&account, 1}).front());
}

std::vector<Result<AccountId>> Directory::add_accounts(std::span<const NewAccount> accounts) {
    std::vector<Result<Account>> drafts(accounts.size());
    const auto now = clock_.now();
    const Maker maker{random_, seal_};
    in_parallel(accounts.size(), [&](std::size_t i) { drafts[i] = make_account(accounts[i], maker, now); });

    std::vector<Result<AccountId>> outcomes(accounts.size());
    for (std::size_t first = 0; first < accounts.size(); first += accounts_per_transaction) {
        const auto count = std::min(accounts_per_transaction, accounts.size() - first);
        const auto some = std::span(outcomes).subspan(first, count);
        const auto committed = transact([&](engine::Transaction& transaction) {
            return insert_all(transaction, std::span(drafts).subspan(first, count), some);
        });
        if (!committed) std::ranges::fill(some, Result<AccountId>(std::unexpected(committed.error())));
    }
    return outcomes;
}

Result<void> Directory::change_account(AccountId id, const AccountChange& change) {
    TRY(check_text("display name", change.display_name.value_or("")));
    TRY(check_text("language", change.language.value_or("")));
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        account.display_name = change.display_name.value_or(account.display_name);
        account.language = change.language.value_or(account.language);
        account.quota = change.quota.value_or(account.quota);
        account.disabled = change.disabled.value_or(account.disabled);
        put(transaction, account);
        return {};
    });
}

Result<void> Directory::change_password(AccountId id, const NewPassword& password, Recoverable recoverable) {
    TRY(auto wanted, account(id));
    TRY(Maker(random_, seal_).set_password(wanted, password, recoverable));
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        account.credentials = wanted.credentials;
        account.sealed_password = wanted.sealed_password;
        put(transaction, account);
        return {};
    });
}

Result<void> Directory::forget_recoverable_password(AccountId id) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(auto account, Tables(transaction).expect_account(id));
        account.sealed_password.clear();
        put(transaction, account);
        return {};
    });
}

Result<void> Directory::remove_account(AccountId id) {
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(const auto account, Tables(transaction).expect_account(id));
        put_tombstone(transaction, account, clock_.now());
        transaction.erase(name_key(account.name));
        return {};
    });
}

Result<Account> Directory::account(AccountId id) const {
    const auto now = snapshot();
    return Tables(*now).expect_account(id);
}

Result<Account> Directory::account(std::string_view text) const {
    TRY(const auto name, Name::parse(text));
    const auto now = snapshot();
    const Tables tables(*now);
    TRY(const auto entry, tables.entry(name));
    const auto* id = entry ? std::get_if<AccountId>(&*entry) : nullptr;
    if (id == nullptr) return fail(Error::Kind::not_found, "there is no account {}", to_string(name));
    return tables.expect_account(*id);
}

Result<std::vector<Account>> Directory::accounts(const Page& page) const {
    std::vector<Account> out;
    const auto now = snapshot();
    const Tables tables(*now);
    TRY(tables.for_each_entry(page, [&](const Tables::NamedEntry& named) -> Result<bool> {
        const auto* id = std::get_if<AccountId>(&named.entry);
        if (id == nullptr) return true;
        if (out.size() == page.limit) return false;
        TRY(auto account, tables.expect_account(*id));
        out.push_back(std::move(account));
        return true;
    }));
    return out;
}

}  // namespace hongyan::directory
