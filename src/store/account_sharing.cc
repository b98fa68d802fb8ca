// What an account shares with others, and takes from what others share with it.
#include "store/account.h"
#include "store/edit.h"
#include "store/grants.h"
#include "store/keys.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/store.h"

namespace hongyan::store {
namespace {

// Bytes of records in one transaction; the engine permits twice as much.
constexpr std::size_t bytes_at_once = std::size_t{400} * 1024;
constexpr std::size_t messages_taken_at_once = 250;
constexpr std::size_t bytes_beside = 300;  // keys, places, its share of the log

// A message of another account, kept while it is on its way.
struct Foreign {
    Entry entry;
    MessageView message;  // looks at the texts below
    std::string prefix;
    std::string summary;
};

std::size_t size_of(const Foreign& one) { return one.prefix.size() + one.summary.size() + bytes_beside; }

// Places them all, those left out that are gone meanwhile.
Result<Copied> take_some(Edit& edit, MailboxId to, AccountId from, const std::vector<Foreign>& some,
                         Instant now) {
    Copied copied;
    for (const auto& one : some) {
        auto message = one.message;
        message.prefix = one.prefix;
        message.summary = one.summary;
        const auto placed = place_foreign(edit, to, from, one.entry, message, now);
        if (!placed && placed.error().kind == Error::Kind::not_found) continue;
        TRY(placed);
        copied.from.push_back(one.entry.uid);
        copied.to.push_back(placed->uid);
        copied.modseq = placed->modseq;
    }
    return copied;
}

}  // namespace

Result<void> Account::change_rights(MailboxId mailbox, AccountId grantee, const RightsChange& change) const {
    struct Outcome {
        ModSeq modseq;
        bool gives_anything = false;
    };
    const auto outcome = std::make_shared<Outcome>();
    auto change_list = [=](engine::Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(edit.mailbox(mailbox));
        TRY(const auto grants, read_grants(transaction, mailbox));
        const auto present = std::ranges::find(grants, grantee, &Grant::grantee);
        const auto before = present == grants.end() ? Rights() : present->rights;
        const auto now = change.applied_to(before);
        if (present == grants.end() && grants.size() >= max_grants)
            return fail(Error::Kind::too_large, "the mailbox is shared with {} already", grants.size());
        if (now.empty())
            transaction.erase(keys::grant(mailbox, grantee));
        else
            put_grant(edit, mailbox, {grantee, now});
        if (now != before) edit.log(mailbox, Change::changed);
        TRY(outcome->gives_anything, store::gives_anything(transaction, grantee));
        outcome->modseq = edit.modseq_taken();
        return edit.finish();
    };
    // Whoever asks which accounts share something with it reads this.
    auto enlist = [=, owner = id_](engine::Transaction& transaction) -> Result<void> {
        if (outcome->gives_anything)
            transaction.put(keys::sharer(grantee, owner), {});
        else
            transaction.erase(keys::sharer(grantee, owner));
        return {};
    };
    const auto outcomes = store_->engine().transact(
        {{engine::Scope::account(id_), change_list}, {engine::Scope::global(), enlist}},
        engine::Together::all_or_none);
    for (const auto& each : outcomes) TRY(each);
    if (outcome->modseq != ModSeq()) store_->announce(id_, outcome->modseq);
    return {};
}

Result<std::vector<AccountId>> Store::sharers(AccountId user) const {
    std::vector<AccountId> owners;
    const auto snapshot = engine_.snapshot(engine::Scope::global());
    for (const auto grantee : {anyone, user})
        TRY(each_below(*snapshot, keys::sharers(grantee), [&](auto key, auto) -> Result<void> {
            const auto owner = keys::number_at<AccountId>(key, keys::sharers(grantee).size());
            if (owner && *owner != user && std::ranges::find(owners, *owner) == owners.end())
                owners.push_back(*owner);
            return {};
        }));
    return owners;
}

Result<void> Account::subscribe_elsewhere(std::string_view name, bool subscribed) const {
    return store_->edit(id_, [&](Edit& edit) -> Result<void> {
        const auto key = keys::subscription_elsewhere(name);
        if (key.size() > keys::max_name_key)
            return fail(Error::Kind::invalid, "the name has {} bytes", name.size());
        if (subscribed)
            edit.transaction().put(key, {});
        else
            edit.transaction().erase(key);
        return {};
    });
}

Result<Copied> Account::take(const View& from, MailboxId mailbox, const UidSet& uids, MailboxId to,
                             const Permitted& permitted) const {
    TRY(const auto target, view().mailbox(to));
    Copied copied{.uid_validity = target.uid_validity, .from = {}, .to = {}, .modseq = {}};
    std::vector<Foreign> waiting;
    std::size_t size = 0;
    const auto flush = [&, now = store_->clock().now()]() -> Result<void> {
        if (waiting.empty()) return {};
        Copied some;
        TRY(store_->edit(id_, [&](Edit& edit) -> Result<void> {
            TRY(edit.selectable(to));
            TRY(some, take_some(edit, to, from.account(), waiting, now));
            return {};
        }));
        copied.from.insert(copied.from.end(), some.from.begin(), some.from.end());
        copied.to.insert(copied.to.end(), some.to.begin(), some.to.end());
        if (some.modseq != ModSeq()) copied.modseq = some.modseq;
        waiting.clear();
        size = 0;
        return {};
    };
    const auto keep = [&](const Entry& entry, const MessageView& message) -> Result<void> {
        Foreign one{entry, message, std::string(message.prefix), std::string(message.summary)};
        if (permitted) one.entry.flags = permitted(entry.flags);
        size += size_of(one);
        waiting.push_back(std::move(one));
        if (waiting.size() < messages_taken_at_once && size < bytes_at_once) return {};
        return flush();
    };
    auto outcome = from.each_message(mailbox, uids, keep);
    if (outcome) outcome = flush();
    if (outcome) return copied;
    UidSet back;
    for (const auto uid : copied.to) back.add(uid);
    if (!expunge(to, back, Which::all))
        return fail(std::move(outcome).error(), "some messages have been copied, but not all");
    return std::unexpected(std::move(outcome).error());
}

}  // namespace hongyan::store
