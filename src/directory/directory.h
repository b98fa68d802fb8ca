// Who has mail here: domains, accounts, aliases, and where an address leads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/seal.h"
#include "directory/login_memory.h"
#include "directory/resolution.h"
#include "directory/resolution_memory.h"
#include "directory/signing_keys.h"
#include "directory/types.h"
#include "message/address.h"

namespace hongyan::directory {

// What a reload may change.
struct Options {
    std::string separator = "+";  // between account and detail (RFC 5233 §4); empty: no sub-addresses
    Quota quota = {};             // of accounts that have none of their own
    std::string postmaster = {};  // a login name; see resolve()
    MemoryLimits remembered = {};
};

// A hash that another system made; see crypto/password_hash.h. What it left unhashed is hashed now.
struct ImportedHash {
    std::string text;
};
// Nothing: an account that cannot log in until it is given a password.
using NewPassword = std::variant<std::monostate, crypto::Secret, ImportedHash>;

// Whether the password is also kept so that we can read it again, sealed. CRAM-MD5 and APOP cannot do
// without; nothing else needs it.
enum class Recoverable { no, yes };

struct NewAccount {
    std::string name;  // local@domain
    NewPassword password;
    std::string display_name = {};
    std::string language = {};
    std::optional<Quota> quota = {};
    Recoverable recoverable = Recoverable::no;
};

// What is to change; nothing leaves a field as it is.
struct AccountChange {
    std::optional<std::string> display_name = {};
    std::optional<std::string> language = {};
    std::optional<std::optional<Quota>> quota = {};
    std::optional<bool> disabled = {};
};

// A page of a listing, in the order of domains and local parts.
struct Page {
    std::optional<DomainName> domain = {};
    std::string prefix = {};         // of the local part, in any case
    std::optional<Name> after = {};  // the last name of the page before
    std::size_t limit = 1000;
};

enum class Force { no, yes };
enum class KeepSender { no, yes };

struct LogIn {
    AccountId account;
    bool rehashed = false;          // the credentials were brought up to date with the password at hand
    std::string app_password = {};  // the name of the one that fitted; empty: it was the account's password
};

struct NewSigningKey {
    std::string selector;
    crypto::PrivateKey key;
};
struct SigningKeyChange {
    std::string selector;
    std::optional<KeyState> state;  // nothing: it is not kept
};

inline constexpr std::size_t max_alias_depth = 10;     // aliases that lead to aliases
inline constexpr std::size_t max_alias_targets = 500;  // of one alias
inline constexpr std::size_t max_certificates = 32;    // of one account
inline constexpr std::size_t max_expansion = 10'000;   // names that one address may lead to

// The directory in the engine's global scope. May be used from any thread. Calls that change something return
// when it is durable; those that take a password work for tens of milliseconds.
class Directory {
public:
    // Without a key to seal them with, no password can be kept recoverably.
    Directory(engine::Engine& engine, const Clock& clock, Random& random, Options options = {},
              std::optional<crypto::Seal> seal = {});

    // Also forgets which passwords were right, and where addresses led.
    void apply(Options options);

    // Errors: exists.
    Result<void> add_domain(const DomainName& name);
    // With its aliases. Conflict if it has accounts, unless forced; then they are removed too. What a failure
    // leaves half done takes neither mail nor names, and is finished by the same call.
    Result<void> remove_domain(const DomainName& name, Force force);
    Result<std::vector<Domain>> domains() const;

    // Errors: invalid name, password or hash, also for a hash that shall be recoverable; not_found for the
    // domain; exists; unsupported without a key.
    Result<AccountId> add_account(const NewAccount& account);
    // Hashes on all cores, commits many at once. An outcome for each, in their order; a few may fail.
    std::vector<Result<AccountId>> add_accounts(std::span<const NewAccount> accounts);
    Result<void> change_account(AccountId id, const AccountChange& change);
    // What was kept of the password before is gone, in every form.
    Result<void> change_password(AccountId id, const NewPassword& password,
                                 Recoverable recoverable = Recoverable::no);
    // The password stays, the form that we can read goes.
    Result<void> forget_recoverable_password(AccountId id);
    // The name becomes free, the id does not. What the store has of the account is the caller's to remove.
    Result<void> remove_account(AccountId id);

    // Errors: not_found, also for an account that was removed.
    Result<Account> account(AccountId id) const;
    Result<Account> account(std::string_view name) const;
    Result<std::vector<Account>> accounts(const Page& page) const;
    // The account's own limits, or else the server's.
    Quota quota_of(const Account& account) const;

    // `name` is local@domain, or @domain for what no other name of the domain takes. Errors: invalid name or
    // target, too many targets, an alias for itself; not_found for the domain; exists.
    // With KeepSender::yes, what goes on to targets elsewhere keeps its reverse-path (no SRS).
    Result<void> add_alias(std::string_view name, std::span<const std::string> targets,
                           KeepSender keep_sender = KeepSender::no);
    Result<void> remove_alias(std::string_view name);
    Result<std::vector<Alias>> aliases(const Page& page) const;

    // Where mail goes that is addressed to local_part@domain; the local part comes without its quotes. Tries,
    // in this order: the name itself; the name before the separator; the domain's catch-all; and for
    // postmaster (RFC 5321 §4.5.1) the account of Options, the domain's first account, any first account.
    // Without a domain only postmaster is known. too_large: a list of which only a part could be reached.
    Result<Resolution> resolve(std::string_view local_part, std::string_view domain) const;
    Result<Resolution> resolve(const message::Address& address) const;

    // Denied, after the same time, whether the name is unknown or the password wrong; and if the account is
    // disabled.
    Result<LogIn> authenticate(std::string_view name, std::string_view password);

    // By an app password that is good for the protocol ("imap"). Denied if none is.
    Result<LogIn> authenticate_app(std::string_view name, std::string_view password,
                                   std::string_view protocol);
    // The new password, which nobody can read again. Errors: invalid, exists, too_large.
    Result<std::string> add_app_password(AccountId id, const NewAppPassword& wanted);
    // Errors: not_found.
    Result<void> remove_app_password(AccountId id, std::string_view name);

    // The prepared password of an account that opted in. Denied, after the same time, if there is none;
    // corrupt if it was sealed with another key than ours.
    Result<crypto::Secret> recover_password(const Account& account) const;

    // Certificates that stand for an account, by their fingerprints (crypto/certificate.h). Errors of adding:
    // exists, too_large; of the others: not_found.
    Result<void> add_certificate(AccountId id, std::string_view fingerprint);
    Result<void> remove_certificate(AccountId id, std::string_view fingerprint);
    Result<Account> account_of_certificate(std::string_view fingerprint) const;

    // The keys by which domains sign their mail, which need not be domains of accounts. All of a call or
    // nothing. Errors: exists, not_found, too_large; unsupported without a key to seal them with. New ones
    // are pending.
    Result<void> add_signing_keys(const DomainName& domain, std::span<const NewSigningKey> keys);
    Result<void> change_signing_keys(const DomainName& domain, std::span<const SigningKeyChange> changes);
    // Of one domain, or of all.
    Result<std::vector<SigningKey>> signing_keys(const std::optional<DomainName>& domain) const;
    // Corrupt if it was sealed with another key than ours, or for another place.
    Result<crypto::PrivateKey> private_key(const SigningKey& key) const;
    // The active ones, from memory once they have been asked for; perhaps none.
    Result<std::shared_ptr<const Signers>> signers(const DomainName& domain) const;

    // Every broken invariant, in words; empty if all is well. For `store check`.
    Result<std::vector<std::string>> check_records() const;

private:
    std::shared_ptr<const Options> options() const;
    Result<void> transact(engine::Work work);
    std::unique_ptr<engine::Snapshot> snapshot() const;
    Result<std::size_t> remove_some_names(const DomainName& domain);
    bool bring_up_to_date(const Account& account, std::string_view password);

    engine::Engine& engine_;
    const Clock& clock_;
    Random& random_;
    const std::optional<crypto::Seal> seal_;
    std::string nobodys_sealed_password_;
    mutable std::mutex mutex_;  // guards:
    std::shared_ptr<const Options> options_;
    mutable std::map<DomainName, std::shared_ptr<const Signers>> signers_;
    std::uint64_t signers_version_ = 0;
    LoginMemory recent_;
    mutable ResolutionMemory resolutions_;
};

}  // namespace hongyan::directory
