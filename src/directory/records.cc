#include "directory/records.h"

#include "base/record.h"

namespace hongyan::directory {

namespace {

constexpr std::uint32_t version = 1;

namespace domain_tag {
enum : FieldTag { created = 1, closing = 2 };
}
namespace account_tag {
enum : FieldTag {
    local_part = 1,
    domain = 2,
    display_name = 3,
    language = 4,
    hash = 5,
    scram = 6,
    quota_bytes = 7,
    quota_messages = 8,
    disabled = 9,
    // 10 was reserved and never written
    created = 11,
    removed = 12,
    sealed_password = 13,
    certificate = 14,
    app_password = 15,
};
}
namespace entry_tag {
enum : FieldTag { account = 1, target = 2, created = 3, keeps_sender = 4 };
}
namespace counter_tag {
enum : FieldTag { next = 1 };
}

std::uint64_t to_number(Instant when) { return static_cast<std::uint64_t>(when.time_since_epoch().count()); }
Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Error::Kind::corrupt, "the directory's record of {} is damaged", what);
}

Result<AccountId> to_account_id(std::uint64_t number) {
    if (number == 0 || number > UINT32_MAX) return corrupt("an account's id");
    return AccountId(static_cast<std::uint32_t>(number));
}

// Keys of a mechanism we do not know are kept as they are; the password works without them.
void take_scram(Account& account, const RecordReader& in) {
    if (auto keys = crypto::parse_scram_keys(in.text()))
        account.credentials.scram.push_back(*std::move(keys));
    else
        account.unknown += in.field();
}

void take_app_password(Account& account, const RecordReader& in) {
    if (auto password = decode_app_password(in.text()))
        account.app_passwords.push_back(*std::move(password));
    else
        account.unknown += in.field();
}

void take_account_field(Account& account, RecordReader& in, Quota& quota, bool& has_quota) {
    switch (in.tag()) {
        case account_tag::local_part:
            account.name.local_part = in.text();
            break;
        case account_tag::domain:
            account.name.domain = DomainName::stored(in.text());
            break;
        case account_tag::display_name:
            account.display_name = in.text();
            break;
        case account_tag::language:
            account.language = in.text();
            break;
        case account_tag::hash:
            account.credentials.hash = in.text();
            break;
        case account_tag::scram:
            take_scram(account, in);
            break;
        case account_tag::quota_bytes:
            quota.bytes = in.number();
            has_quota = true;
            break;
        case account_tag::quota_messages:
            quota.messages = in.number();
            has_quota = true;
            break;
        case account_tag::disabled:
            account.disabled = in.number() != 0;
            break;
        case account_tag::created:
            account.created = to_instant(in.number());
            break;
        case account_tag::removed:
            account.removed = to_instant(in.number());
            break;
        case account_tag::sealed_password:
            account.sealed_password = in.text();
            break;
        case account_tag::certificate:
            account.certificates.emplace_back(in.text());
            break;
        case account_tag::app_password:
            take_app_password(account, in);
            break;
        default:
            account.unknown += in.field();
    }
}

std::string encode_entry(const AccountId& account) {
    return RecordWriter(version).number(entry_tag::account, account.value()).take();
}

std::string encode_entry(const Alias& alias) {
    RecordWriter out(version);
    for (const auto& target : alias.targets) out.text(entry_tag::target, target);
    return out.number(entry_tag::created, to_number(alias.created))
        .number_unless_zero(entry_tag::keeps_sender, alias.keeps_sender ? 1 : 0)
        .fields(alias.unknown)
        .take();
}

}  // namespace

std::string domain_key(const DomainName& domain) {
    return fmt::format("{}{}", domain_prefix, domain.ascii());
}
std::string names_key(const DomainName& domain) {
    return fmt::format("{}{}{}", name_prefix, domain.ascii(), '\0');
}
std::string name_key(const Name& name) { return names_key(name.domain) + name.local_part; }
std::string account_key(AccountId id) {
    std::string key(account_prefix);
    bytes::put_big_endian(key, id.value());
    return key;
}

std::string seal_context(const Name& name) {
    return fmt::format("{}@{}", name.local_part, name.domain.ascii());
}

std::string certificate_key(std::string_view fingerprint) {
    return fmt::format("{}{}", certificate_prefix, fingerprint);
}

Result<Name> name_of_key(std::string_view key) {
    const auto nul = key.find('\0');
    if (!key.starts_with(name_prefix) || nul == key.npos) return corrupt("a name");
    return Name{std::string(key.substr(nul + 1)),
                DomainName::stored(key.substr(name_prefix.size(), nul - name_prefix.size()))};
}

Result<AccountId> account_of_key(std::string_view key) {
    if (!key.starts_with(account_prefix)) return corrupt("an account");
    key.remove_prefix(account_prefix.size());
    const auto number = bytes::take_big_endian<std::uint32_t>(key);
    if (!number || !key.empty()) return corrupt("an account");
    return to_account_id(*number);
}

std::string encode(const Domain& domain) {
    return RecordWriter(version)
        .number(domain_tag::created, to_number(domain.created))
        .number_unless_zero(domain_tag::closing, domain.closing ? 1 : 0)
        .fields(domain.unknown)
        .take();
}

std::string encode(const Account& account) {
    RecordWriter out(version);
    out.text(account_tag::local_part, account.name.local_part)
        .text(account_tag::domain, account.name.domain.ascii())
        .text_unless_empty(account_tag::display_name, account.display_name)
        .text_unless_empty(account_tag::language, account.language)
        .text_unless_empty(account_tag::hash, account.credentials.hash);
    for (const auto& keys : account.credentials.scram) out.text(account_tag::scram, to_string(keys));
    if (account.quota)
        out.number(account_tag::quota_bytes, account.quota->bytes)
            .number(account_tag::quota_messages, account.quota->messages);
    out.number_unless_zero(account_tag::disabled, account.disabled ? 1 : 0)
        .text_unless_empty(account_tag::sealed_password, account.sealed_password)
        .number(account_tag::created, to_number(account.created));
    for (const auto& fingerprint : account.certificates) out.text(account_tag::certificate, fingerprint);
    for (const auto& password : account.app_passwords) out.text(account_tag::app_password, encode(password));
    if (account.removed) out.number(account_tag::removed, to_number(*account.removed));
    return out.fields(account.unknown).take();
}

std::string encode(const Entry& entry) {
    return std::visit([](const auto& kind) { return encode_entry(kind); }, entry);
}

std::string encode_counter(AccountId next) {
    return RecordWriter(version).number(counter_tag::next, next.value()).take();
}

Result<Domain> decode_domain(const DomainName& name, std::string_view record) {
    Domain domain{.name = name, .created = {}, .closing = false, .unknown = {}};
    RecordReader in(record);
    while (in.next()) {
        switch (in.tag()) {
            case domain_tag::created:
                domain.created = to_instant(in.number());
                break;
            case domain_tag::closing:
                domain.closing = in.number() != 0;
                break;
            default:
                domain.unknown += in.field();
        }
    }
    if (in.failed()) return corrupt(fmt::format("the domain {}", name.ascii()));
    return domain;
}

Result<Account> decode_account(AccountId id, std::string_view record) {
    Account account;
    account.id = id;
    Quota quota;
    bool has_quota = false;
    RecordReader in(record);
    while (in.next()) take_account_field(account, in, quota, has_quota);
    if (in.failed()) return corrupt(fmt::format("account {}", id));
    if (has_quota) account.quota = quota;
    return account;
}

Result<Entry> decode_entry(const Name& name, std::string_view record) {
    Alias alias{.name = name, .targets = {}, .created = {}, .keeps_sender = false, .unknown = {}};
    std::uint64_t account = 0;
    RecordReader in(record);
    while (in.next()) {
        switch (in.tag()) {
            case entry_tag::account:
                account = in.number();
                break;
            case entry_tag::target:
                alias.targets.emplace_back(in.text());
                break;
            case entry_tag::created:
                alias.created = to_instant(in.number());
                break;
            case entry_tag::keeps_sender:
                alias.keeps_sender = in.number() != 0;
                break;
            default:
                alias.unknown += in.field();
        }
    }
    if (in.failed() || (account == 0 && alias.targets.empty()))
        return corrupt(fmt::format("the name {}@{}", name.local_part, name.domain.ascii()));
    if (account == 0) return alias;
    return to_account_id(account);
}

Result<AccountId> decode_counter(std::string_view record) {
    std::uint64_t next = 0;
    RecordReader in(record);
    while (in.next())
        if (in.tag() == counter_tag::next) next = in.number();
    if (in.failed()) return corrupt("the next account");
    return to_account_id(next);
}

}  // namespace hongyan::directory
