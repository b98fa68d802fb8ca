#include "store/store.h"

#include <algorithm>

#include "store/edit.h"
#include "store/keys.h"
#include "store/listeners.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/roll.h"

namespace hongyan::store {
namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::size_t accounts_at_once = 64;  // as many as make a commit's two syncs cheap

void create_mailbox(Edit& edit, std::string_view name, SpecialUse use, Instant now) {
    MailboxState mailbox;
    mailbox.level = name;
    mailbox.use = use;
    mailbox.subscribed = true;
    mailbox.uid_validity = edit.next_uid_validity(now);
    mailbox.created = edit.modseq();
    mailbox.highest_modseq = edit.modseq();
    const auto id = edit.add(std::move(mailbox));
    edit.transaction().put(keys::name(no_mailbox, name), encode_id(id));
    edit.log(id, Change::joined);
}

Result<void> begin_account(Transaction& transaction, const Quota& quota, Instant now) {
    TRY(const auto present, transaction.get(keys::account()));
    if (present) return fail(Error::Kind::exists, "the account has a mail store already");
    AccountState account;
    account.quota = quota;
    transaction.put(keys::account(), encode(account));
    TRY(auto edit, Edit::begin(transaction));
    create_mailbox(edit, "INBOX", SpecialUse::none, now);
    for (const auto& row : special_uses)
        if (!row.name.empty()) create_mailbox(edit, row.name, row.use, now);
    return edit.finish();
}

}  // namespace

Store::Store(engine::Engine& engine, const Clock& clock, const Limits& limits)
    : engine_(engine),
      clock_(clock),
      limits_(limits),
      listeners_(std::make_shared<Listeners>()),
      rolls_(std::make_unique<Rolls>(limits.memory_of_mailboxes)) {}

Store::~Store() = default;

Result<void> Store::create_account(AccountId id, const Quota& quota) {
    const Opening one{id, quota};
    return std::move(create_accounts({&one, 1}).front());
}

std::vector<Result<void>> Store::create_accounts(std::span<const Opening> openings) {
    std::vector<Result<void>> outcomes;
    for (std::size_t first = 0; first < openings.size(); first += accounts_at_once) {
        std::vector<std::future<Result<void>>> under_way;
        for (const auto& opening :
             openings.subspan(first, std::min(accounts_at_once, openings.size() - first)))
            under_way.push_back(submit(opening));
        for (auto& outcome : under_way) outcomes.push_back(outcome.get());
    }
    return outcomes;
}

// Each by itself, so that one which is there already spoils no other; the committer joins them.
std::future<Result<void>> Store::submit(const Opening& opening) {
    const auto begin = [quota = opening.quota, now = clock_.now()](Transaction& transaction) {
        return begin_account(transaction, quota, now);
    };
    const auto enlist = [id = opening.account](Transaction& transaction) -> Result<void> {
        transaction.put(keys::holder(id), {});
        return {};
    };
    const auto promise = std::make_shared<std::promise<Result<void>>>();
    engine_.submit({{Scope::account(opening.account), begin}, {Scope::global(), enlist}},
                   engine::Together::all_or_none, [promise](const std::vector<Result<void>>& parts) {
                       const auto failed = std::ranges::find_if(
                           parts, [](const Result<void>& part) { return !part.has_value(); });
                       promise->set_value(failed == parts.end() ? Result<void>() : *failed);
                   });
    return promise->get_future();
}

Result<std::vector<AccountId>> Store::accounts() const {
    std::vector<AccountId> ids;
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(each_below(*snapshot, keys::holders, [&](auto key, auto) -> Result<void> {
        if (const auto id = keys::number_at<AccountId>(key, keys::holders.size())) ids.push_back(*id);
        return {};
    }));
    return ids;
}

Result<void> Store::edit(AccountId account, const std::function<Result<void>(Edit&)>& work) {
    ModSeq modseq;
    TRY(engine_.transact(Scope::account(account), [&](Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(work(edit));
        modseq = edit.modseq_taken();
        return edit.finish();
    }));
    if (modseq != ModSeq()) announce(account, modseq);
    return {};
}

engine::Part Store::part_of(Delivery delivery, std::shared_ptr<Placed> placed) const {
    const auto account = delivery.account;
    auto shared = std::make_shared<const Delivery>(std::move(delivery));
    auto work = [shared, placed, now = clock_.now()](Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(*placed, place_once(edit, shared->mailbox, shared->message, now));
        return edit.finish();
    };
    return {Scope::account(account), std::move(work)};
}

void Store::deliver(std::vector<Delivery> deliveries, std::function<void(Outcomes)> done) {
    struct Recipient {
        AccountId account;
        std::shared_ptr<Placed> placed;
    };
    std::vector<Recipient> recipients;
    std::vector<engine::Part> parts;
    for (auto& delivery : deliveries) {
        recipients.push_back({delivery.account, std::make_shared<Placed>()});
        parts.push_back(part_of(std::move(delivery), recipients.back().placed));
    }
    auto finish = [this, recipients = std::move(recipients),
                   done = std::move(done)](std::vector<Result<void>> results) {
        Outcomes outcomes;
        for (std::size_t i = 0; i < results.size(); ++i) {
            const auto& [account, placed] = recipients[i];
            if (results[i] && !placed->seen_before) announce(account, placed->modseq);
            outcomes.push_back(results[i] ? Result<Placed>(*placed) : std::unexpected(results[i].error()));
        }
        done(std::move(outcomes));
    };
    engine_.submit(std::move(parts), engine::Together::each_by_itself, std::move(finish));
}

Store::Outcomes Store::deliver(std::vector<Delivery> deliveries) {
    std::promise<Outcomes> promise;
    auto outcomes = promise.get_future();
    deliver(std::move(deliveries), [&promise](Outcomes all) { promise.set_value(std::move(all)); });
    return outcomes.get();
}

Store::Subscription Store::on_change(Listener listener) {
    return {listeners_, listeners_->add(std::move(listener))};
}

void Store::announce(AccountId account, ModSeq modseq) const { listeners_->call(account, modseq); }

Store::Subscription::Subscription(std::shared_ptr<Listeners> listeners, std::uint64_t number)
    : listeners_(std::move(listeners)), number_(number) {}

Store::Subscription::~Subscription() {
    if (listeners_) listeners_->remove(number_);
}

}  // namespace hongyan::store
