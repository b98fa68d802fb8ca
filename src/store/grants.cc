#include "store/grants.h"

#include <set>

#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"

namespace hongyan::store {
namespace {

Result<Rights> read_grant(const engine::Reader& reader, MailboxId mailbox, AccountId grantee) {
    TRY(const auto bytes, reader.get(keys::grant(mailbox, grantee)));
    if (!bytes) return Rights();
    return decode_rights(*bytes);
}

std::string all_grants() { return std::string(1, keys::grant_letter); }

}  // namespace

Result<std::vector<Grant>> read_grants(const engine::Reader& reader, MailboxId mailbox) {
    std::vector<Grant> grants;
    TRY(each_below(reader, keys::grants(mailbox), [&](auto key, auto value) -> Result<void> {
        const auto grantee = keys::number_at<AccountId>(key, keys::after_mailbox);
        TRY(const auto rights, decode_rights(value));
        if (grantee) grants.push_back({*grantee, rights});
        return {};
    }));
    return grants;
}

Result<Rights> read_rights(const engine::Reader& reader, MailboxId mailbox, AccountId user) {
    TRY(const auto own, read_grant(reader, mailbox, user));
    TRY(const auto everybodys, read_grant(reader, mailbox, anyone));
    return own.with(everybodys);
}

void put_grant(Edit& edit, MailboxId mailbox, const Grant& grant) {
    edit.transaction().put(keys::grant(mailbox, grant.grantee), encode(grant.rights));
}

Result<void> inherit_grants(Edit& edit, MailboxId parent, MailboxId mailbox) {
    if (parent == no_mailbox) return {};
    TRY(const auto grants, read_grants(edit.transaction(), parent));
    for (const auto& grant : grants) put_grant(edit, mailbox, grant);
    return {};
}

Result<void> erase_grants(Edit& edit, MailboxId mailbox) {
    TRY(const auto grants, read_grants(edit.transaction(), mailbox));
    for (const auto& grant : grants) edit.transaction().erase(keys::grant(mailbox, grant.grantee));
    return {};
}

Result<bool> gives_anything(const engine::Reader& reader, AccountId grantee) {
    TRY(const auto grantees, all_grantees(reader));
    return std::ranges::find(grantees, grantee) != grantees.end();
}

Result<std::vector<AccountId>> all_grantees(const engine::Reader& reader) {
    std::set<AccountId> grantees;
    TRY(each_below(reader, all_grants(), [&](auto key, auto) -> Result<void> {
        if (const auto grantee = keys::number_at<AccountId>(key, keys::after_mailbox))
            grantees.insert(*grantee);
        return {};
    }));
    return std::vector(grantees.begin(), grantees.end());
}

}  // namespace hongyan::store
