#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr Argument account{"account", Kind::required, "The account's login name, as ann@example.test"};

Result<void> list(const Call& call) {
    TRY(const auto owner, account_named(call, call.values.text(account.name)));
    TRY(const auto mailboxes, owner.view().mailboxes());
    Listing listing(
        {"name", "messages", "unseen", "bytes", "use", "subscribed", "uidvalidity", "uidnext", "modseq"});
    for (const auto& mailbox : mailboxes) {
        const auto* use = row_of(mailbox.use);
        listing.add({mailbox.name.text(), mailbox.counts.messages, mailbox.counts.unseen,
                     mailbox.counts.bytes, std::string(use != nullptr ? use->attribute : ""),
                     mailbox.subscribed, std::uint64_t{mailbox.uid_validity.value()},
                     std::uint64_t{mailbox.uid_next.value()}, mailbox.highest_modseq.value()});
    }
    call.show(listing);
    return {};
}

Result<store::SpecialUse> parse_use(const std::string& word) {
    const auto use = store::special_use_of("\\" + word);
    if (!use) return fail(Error::Kind::invalid, "\"{}\" is no special use of RFC 6154", word);
    return *use;
}

Result<void> create(const Call& call) {
    TRY(const auto owner, account_named(call, call.values.text(account.name)));
    TRY(const auto name, store::MailboxName::parse(call.values.text("name")));
    store::NewMailbox wanted{.use = store::SpecialUse::none, .subscribed = true};
    if (call.values.given("use")) {
        TRY(wanted.use, parse_use(call.values.text("use")));
    }
    TRY(owner.create(name, wanted));
    return {};
}

Result<void> rename(const Call& call) {
    TRY(const auto owner, account_named(call, call.values.text(account.name)));
    TRY(const auto mailbox, mailbox_named(owner.view(), call.values.text("name")));
    TRY(const auto name, store::MailboxName::parse(call.values.text("new-name")));
    return owner.rename(mailbox.id, name);
}

Result<void> remove(const Call& call) {
    TRY(const auto owner, account_named(call, call.values.text(account.name)));
    TRY(const auto mailbox, mailbox_named(owner.view(), call.values.text("name")));
    if (mailbox.counts.messages > 0 && !call.values.given("force"))
        return fail(Error::Kind::conflict, "{} holds {} messages; --force removes them with it",
                    mailbox.name.text(), mailbox.counts.messages);
    return owner.remove(mailbox.id);
}

constexpr Argument list_arguments[] = {account, json_flag};
constexpr Argument create_arguments[] = {
    account,
    {"name", Kind::required, "The mailbox, levels separated by /; what is missing above it is created too"},
    {"use", Kind::option,
     "Its special use (RFC 6154): archive, drafts, flagged, important, junk, sent, trash, all"},
};
constexpr Argument rename_arguments[] = {
    account,
    {"name", Kind::required, "The mailbox as it is called now"},
    {"new-name", Kind::required, "What it is to be called; mailboxes below it move along"},
};
constexpr Argument remove_arguments[] = {
    account,
    {"name", Kind::required, "The mailbox"},
    {"force", Kind::flag, "Remove it even if it holds messages"},
};

constexpr Command rows[] = {
    {"mailbox", "list", "List an account's mailboxes with their counts", list_arguments, Needs::services,
     &list},
    {"mailbox", "create", "Create a mailbox, subscribed", create_arguments, Needs::services, &create},
    {"mailbox", "rename", "Rename a mailbox with all that is below it", rename_arguments, Needs::services,
     &rename},
    {"mailbox", "remove", "Remove a mailbox with its messages", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> mailbox_commands() { return rows; }

}  // namespace hongyan::admin
