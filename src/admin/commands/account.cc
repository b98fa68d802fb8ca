#include "admin/account_life.h"
#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "base/ascii.h"
#include "base/file.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

directory::NewPassword password_of(std::string text) {
    // A hash of another system stands behind its scheme, as in Dovecot's passwd files: {SHA512-CRYPT}$6$…
    if (text.starts_with('{')) return directory::ImportedHash{std::move(text)};
    return crypto::Secret(text);
}

// The first line of what was typed or piped in.
Result<directory::NewPassword> password_from_input(const Call& call) {
    if (call.values.given("no-password")) return directory::NewPassword{};
    auto line = call.console.input.substr(0, call.console.input.find_first_of("\r\n"));
    if (line.empty()) return fail(Error::Kind::invalid, "no password came on standard input");
    return password_of(std::move(line));
}

directory::Recoverable recoverable_from(const Values& values) {
    return values.given("recoverable") ? directory::Recoverable::yes : directory::Recoverable::no;
}

Result<std::optional<directory::Quota>> quota_from(const Values& values) {
    if (!values.given("quota-bytes") && !values.given("quota-messages")) return std::nullopt;
    TRY(const auto bytes, values.number_or("quota-bytes", 0));
    TRY(const auto messages, values.number_or("quota-messages", 0));
    return directory::Quota{.bytes = bytes, .messages = messages};
}

Result<void> add(const Call& call) {
    directory::NewAccount account{.name = call.values.text("account"),
                                  .password = {},
                                  .display_name = call.values.text_or("display-name", ""),
                                  .language = call.values.text_or("language", "")};
    TRY(account.password, password_from_input(call));
    account.recoverable = recoverable_from(call.values);
    TRY(account.quota, quota_from(call.values));
    TRY(const auto id, call.services.kept->directory.add_account(account));
    return ensure_mailboxes(*call.services.kept, id);
}

// name ":" password, a line each; empty lines and lines that begin with # are passed over.
Result<std::vector<directory::NewAccount>> parse_accounts(std::string_view text) {
    std::vector<directory::NewAccount> accounts;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = ascii::trim(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const auto colon = line.find(':');
        if (colon == line.npos)
            return fail(Error::Kind::invalid, "line {}: no colon between name and password", number);
        accounts.push_back({.name = std::string(line.substr(0, colon)),
                            .password = password_of(std::string(line.substr(colon + 1)))});
    }
    return accounts;
}

// As many at a time as are lost when somebody stops us; what was added stays.
constexpr std::size_t accounts_at_once = 200;

std::vector<Result<void>> add_with_mailboxes(const Kept& kept,
                                             std::span<const directory::NewAccount> accounts) {
    const auto added = kept.directory.add_accounts(accounts);
    std::vector<directory::AccountId> ids;
    for (const auto& outcome : added)
        if (outcome) ids.push_back(*outcome);
    auto with_mailboxes = ensure_mailboxes(kept, ids);
    auto next = with_mailboxes.begin();
    std::vector<Result<void>> outcomes;
    for (const auto& outcome : added)
        outcomes.push_back(outcome ? std::move(*next++) : std::unexpected(outcome.error()));
    return outcomes;
}

std::vector<Result<void>> add_all(const Kept& kept, std::span<const directory::NewAccount> accounts) {
    std::vector<Result<void>> outcomes;
    for (std::size_t first = 0; first < accounts.size(); first += accounts_at_once) {
        const auto some = accounts.subspan(first, std::min(accounts_at_once, accounts.size() - first));
        std::ranges::move(add_with_mailboxes(kept, some), std::back_inserter(outcomes));
    }
    return outcomes;
}

Result<void> import(const Call& call) {
    const auto& name = call.values.text("file");
    TRY(const auto text, name == "-" ? Result<std::string>(call.console.input) : read_file(call.path(name)));
    TRY(const auto accounts, parse_accounts(text));
    auto outcomes = add_all(*call.services.kept, accounts);
    std::size_t added = 0;
    Result<void> first_failure;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        auto& done = outcomes[i];
        if (done) {
            ++added;
            continue;
        }
        call.console.err(fmt::format("{}: {}\n", accounts[i].name, done.error().message));
        if (first_failure) first_failure = std::move(done);
    }
    call.say(fmt::format("added {} of {} accounts", added, accounts.size()));
    return first_failure;
}

Result<void> list(const Call& call) {
    auto& kept = *call.services.kept;
    directory::Page page;
    if (call.values.given("domain")) {
        TRY(page.domain, directory::DomainName::parse(call.values.text("domain")));
    }
    Listing listing({"account", "id", "display_name", "messages", "bytes", "quota_bytes", "quota_messages",
                     "disabled", "recoverable"});
    for (;;) {
        TRY(const auto accounts, kept.directory.accounts(page));
        if (accounts.empty()) break;
        for (const auto& account : accounts) {
            const auto state = kept.store.account(account.id).view().state();
            const auto usage = state ? state->usage : store::Usage{};
            const auto quota = kept.directory.quota_of(account);
            listing.add({to_string(account.name), std::uint64_t{account.id.value()}, account.display_name,
                         usage.messages, usage.bytes, quota.bytes, quota.messages, account.disabled,
                         !account.sealed_password.empty()});
        }
        page.after = accounts.back().name;
    }
    call.show(listing);
    return {};
}

Result<directory::AccountId> id_of(const Call& call) {
    TRY(const auto account, call.services.kept->directory.account(call.values.text("account")));
    return account.id;
}

Result<void> passwd(const Call& call) {
    TRY(const auto id, id_of(call));
    TRY(const auto password, password_from_input(call));
    return call.services.kept->directory.change_password(id, password, recoverable_from(call.values));
}

Result<void> unrecoverable(const Call& call) {
    TRY(const auto id, id_of(call));
    return call.services.kept->directory.forget_recoverable_password(id);
}

Result<void> disable(const Call& call) {
    TRY(const auto id, id_of(call));
    return call.services.kept->directory.change_account(id, {.disabled = !call.values.given("undo")});
}

Result<void> set_language(const Call& call) {
    TRY(const auto id, id_of(call));
    return call.services.kept->directory.change_account(id,
                                                        {.language = call.values.text_or("language", "")});
}

Result<void> set_quota(const Call& call) {
    TRY(const auto id, id_of(call));
    TRY(const auto quota, quota_from(call.values));
    auto& kept = *call.services.kept;
    TRY(kept.directory.change_account(id, {.quota = quota}));
    TRY(const auto account, kept.directory.account(id));
    const auto effective = kept.directory.quota_of(account);
    return kept.store.account(id).set_quota({.bytes = effective.bytes, .messages = effective.messages});
}

Result<void> remove(const Call& call) {
    TRY(const auto id, id_of(call));
    return remove_account(*call.services.kept, id);
}

constexpr Argument account{"account", Kind::required, "The login name, as ann@example.test"};
constexpr Argument no_password{"no-password", Kind::flag,
                               "Without a password: nobody can log in until one is set"};
constexpr Argument recoverable{"recoverable", Kind::flag,
                               "Keep the password so that the server can read it, for CRAM-MD5 and APOP"};
constexpr Argument quota_bytes{"quota-bytes", Kind::option,
                               "How many bytes of mail it may hold; 0 is no limit"};
constexpr Argument quota_messages{"quota-messages", Kind::option,
                                  "How many messages it may hold; 0 is no limit"};

constexpr Argument add_arguments[] = {
    account,
    no_password,
    recoverable,
    {"display-name", Kind::option, "The person's name"},
    {"language", Kind::option, "The language of texts we write to the person, as zh-CN"},
    quota_bytes,
    quota_messages,
};
constexpr Argument import_arguments[] = {
    {"file", Kind::required, "Lines of NAME:PASSWORD or NAME:{SCHEME}HASH; - is standard input"}};
constexpr Argument list_arguments[] = {{"domain", Kind::option, "Only those of this domain"}, json_flag};
constexpr Argument passwd_arguments[] = {account, no_password, recoverable};
constexpr Argument unrecoverable_arguments[] = {account};
constexpr Argument disable_arguments[] = {account, {"undo", Kind::flag, "Enable it again"}};
constexpr Argument language_arguments[] = {
    account, {"language", Kind::optional, "As zh-CN or en; without one, that of the server"}};
constexpr Argument quota_arguments[] = {account, quota_bytes, quota_messages};
constexpr Argument remove_arguments[] = {account};

constexpr Command rows[] = {
    {"account", "add", "Add an account; its password is read from standard input", add_arguments,
     Needs::services, &add, Reads::password},
    {"account", "import", "Add many accounts from a file", import_arguments, Needs::services, &import,
     Reads::where_dash},
    {"account", "list", "List accounts with what they hold", list_arguments, Needs::services, &list},
    {"account", "passwd", "Set a password, read from standard input", passwd_arguments, Needs::services,
     &passwd, Reads::password},
    {"account", "unrecoverable",
     "Forget the form of the password that the server can read; the password stays", unrecoverable_arguments,
     Needs::services, &unrecoverable},
    {"account", "disable", "Let nobody log in and take no mail; what it holds stays", disable_arguments,
     Needs::services, &disable},
    {"account", "language", "Set the language of texts we write to the person: notifications, say",
     language_arguments, Needs::services, &set_language},
    {"account", "quota", "Set the account's limits; without any, those of the server", quota_arguments,
     Needs::services, &set_quota},
    {"account", "remove", "Remove an account with all its mail", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> account_commands() { return rows; }

}  // namespace hongyan::admin
