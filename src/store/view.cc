#include "store/view.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/without_waiting.h"
#include "store/grants.h"
#include "store/history.h"
#include "store/index_record.h"
#include "store/keys.h"
#include "store/notes.h"
#include "store/reading.h"
#include "store/roll.h"

namespace hongyan::store {
namespace {

// So few messages are read as fast from the disk's cache.
constexpr std::uint64_t worth_a_roll = 8;

// Who names so many UIDs wants whatever there is.
constexpr std::uint64_t wants_all = UINT32_MAX / 2;

bool is_seen(const MailboxState& mailbox) { return mailbox.kind != MailboxState::Kind::leaving; }

Result<std::map<MailboxId, MailboxState>> read_all(const engine::Reader& reader) {
    std::map<MailboxId, MailboxState> all;
    TRY(each_below(reader, std::string(1, keys::mailbox_letter), [&](auto key, auto value) -> Result<void> {
        TRY(auto mailbox, decode_mailbox(value));
        const auto id = keys::number_at<MailboxId>(key, keys::after_letter);
        if (id && is_seen(mailbox)) all.emplace(*id, std::move(mailbox));
        return {};
    }));
    return all;
}

// Those that are on their way to the disk too.
void mind_claims(Rolls* rolls, AccountId account, Mailbox& mailbox) {
    if (rolls == nullptr || mailbox.first_recent == mailbox.uid_next) return;
    const auto first = rolls->first_recent(account, mailbox.id, mailbox.first_recent);
    mailbox.first_recent = std::min(first, mailbox.uid_next);
}

Result<MailboxName> name_of(const std::map<MailboxId, MailboxState>& all, const MailboxState& mailbox) {
    std::vector<std::string> levels{mailbox.level};
    for (auto above = all.find(mailbox.parent); above != all.end(); above = all.find(above->second.parent)) {
        if (levels.size() > max_levels)
            return fail(Error::Kind::corrupt, "the mailbox \"{}\" has no way to the top", mailbox.level);
        levels.push_back(above->second.level);
    }
    std::ranges::reverse(levels);
    return MailboxName::of_levels(std::move(levels));
}

}  // namespace

View::View(engine::Engine& engine, AccountId account, Rolls* rolls)
    : engine_(engine),
      account_(account),
      snapshot_(engine.snapshot(engine::Scope::account(account))),
      rolls_(rolls) {}

Result<AccountState> View::state() const { return read_account(*snapshot_); }

Result<std::vector<Mailbox>> View::mailboxes() const {
    TRY(read_account(*snapshot_));
    TRY(const auto all, read_all(*snapshot_));
    std::vector<Mailbox> list;
    for (const auto& [id, state] : all) {
        TRY(auto name, name_of(all, state));
        list.push_back({state, id, std::move(name)});
        mind_claims(rolls_, account_, list.back());
    }
    std::ranges::sort(list, {}, &Mailbox::name);
    // A child follows its parent at once in this order.
    for (std::size_t i = 0; i + 1 < list.size(); ++i)
        list[i].has_children = list[i + 1].name.is_below(list[i].name);
    return list;
}

Result<Mailbox> View::mailbox(MailboxId id) const {
    TRY(auto state, read_mailbox(*snapshot_, id));
    if (!is_seen(state)) return fail(Error::Kind::not_found, "the mailbox {} has been removed", id);
    TRY(auto name, read_name(*snapshot_, state));
    Mailbox mailbox{std::move(state), id, std::move(name)};
    mind_claims(rolls_, account_, mailbox);
    return mailbox;
}

Result<ModSeq> View::highest_modseq(MailboxId id) const {
    TRY(const auto state, read_mailbox(*snapshot_, id));
    if (!is_seen(state)) return fail(Error::Kind::not_found, "the mailbox {} has been removed", id);
    confirm_roll(id, state.highest_modseq);
    return state.highest_modseq;
}

Result<Mailbox> View::find(const MailboxName& name) const {
    TRY(const auto id, read_path(*snapshot_, name));
    if (!id) return fail(Error::Kind::not_found, "there is no mailbox \"{}\"", name.text());
    return mailbox(*id);
}

Result<std::vector<Grant>> View::grants(MailboxId mailbox) const { return read_grants(*snapshot_, mailbox); }

Result<Rights> View::rights(MailboxId mailbox, AccountId user) const {
    if (user == account_) return Rights::all();
    return read_rights(*snapshot_, mailbox, user);
}

Result<std::vector<Annotation>> View::annotations(MailboxId mailbox, AccountId of) const {
    return read_annotations(*snapshot_, mailbox, of);
}

Result<std::vector<std::string>> View::subscriptions_elsewhere() const {
    std::vector<std::string> names;
    TRY(each_below(*snapshot_, keys::subscription_elsewhere({}), [&](auto key, auto) -> Result<void> {
        names.emplace_back(key.substr(keys::after_letter));
        return {};
    }));
    return names;
}

Result<std::vector<MailboxName>> View::lost_subscriptions() const {
    std::vector<MailboxName> names;
    TRY(each_below(*snapshot_, std::string(1, keys::subscription_letter),
                   [&](auto, auto value) -> Result<void> {
                       TRY(auto name, MailboxName::parse(value));
                       names.push_back(std::move(name));
                       return {};
                   }));
    return names;
}

namespace {

// Some 0.3 ms of work.
constexpr std::uint64_t soon_read = 1'000;

// Messages whose entries take no memory worth mentioning.
constexpr std::uint64_t at_once = 1'000;

// To look for so many messages is less work than to begin a walk.
constexpr std::uint64_t soon_looked_for = 2;

bool is_soon_read(const Roll* older, const MailboxState& state) {
    if (older == nullptr || older->is_void()) return state.counts.messages <= soon_read;
    return state.highest_modseq.value() - older->modseq().value() <= soon_read;
}

}  // namespace

// One that is older is brought up to date, whoever asks; one that is not here is read only for who wants most
// of it anyway.
Result<std::shared_ptr<const Roll>> View::roll_for(MailboxId mailbox, std::uint64_t wanted) const {
    if (rolls_ == nullptr || wanted < worth_a_roll) return nullptr;
    auto roll = rolls_->find(account_, mailbox);
    if (!roll && wanted < wants_all) return nullptr;
    TRY(const auto state, read_mailbox(*snapshot_, mailbox));
    confirm_roll(mailbox, state.highest_modseq);
    if (roll && roll->modseq() == state.highest_modseq) return roll->is_void() ? nullptr : roll;
    if (roll && roll->modseq() > state.highest_modseq) return nullptr;
    if (!rolls_->has_room_for(state.counts.messages)) return nullptr;
    if (engine::WithoutWaiting::is_asked_for() && !is_soon_read(roll.get(), state))
        return engine::WithoutWaiting::miss();
    if (roll && !roll->is_void()) {
        TRY(roll, roll->brought_to(*snapshot_, mailbox, state));
    }
    if (!roll) {
        TRY(roll, Roll::read(*snapshot_, mailbox, state));
    }
    rolls_->keep(account_, mailbox, roll);
    confirm_roll(mailbox, state.highest_modseq);
    return roll->is_void() ? nullptr : roll;
}

void View::confirm_roll(MailboxId mailbox, ModSeq modseq) const {
    if (rolls_ != nullptr && version()) rolls_->confirm(account_, mailbox, modseq, *version());
}

std::shared_ptr<const Roll> View::roll_at_hand(MailboxId mailbox) const {
    return rolls_ != nullptr && version() ? rolls_->find(account_, mailbox, *version()) : nullptr;
}

Result<Outline> View::outline(MailboxId mailbox) const {
    TRY(const auto roll, roll_for(mailbox, UidSet::all().size()));
    if (roll) return roll->outline();
    if (engine::WithoutWaiting::is_asked_for()) return engine::WithoutWaiting::miss();
    Outline outline;
    std::set<std::string> keywords;
    std::uint32_t count = 0;
    TRY(each_entry(mailbox, UidSet::all(), [&](const Entry& entry) -> Result<void> {
        outline.uids.add(entry.uid);
        const auto used = entry.flags.keywords();
        keywords.insert(used.begin(), used.end());
        if (!outline.before_first_unseen && !entry.flags.contains(Flag::seen))
            outline.before_first_unseen = count;
        ++count;
        return {};
    }));
    outline.keywords.assign(keywords.begin(), keywords.end());
    return outline;
}

Result<void> View::each_of_few(MailboxId mailbox, const UidSet& uids, const EachEntry& each) const {
    for (const auto uid : uids.uids()) {
        TRY(const auto entry, this->entry(mailbox, uid));
        if (entry) TRY(each(*entry));
    }
    return {};
}

Result<void> View::each_entry(MailboxId mailbox, const UidSet& uids, const EachEntry& each) const {
    if (const auto roll = roll_at_hand(mailbox)) return roll->each(uids, each);
    TRY(const auto roll, roll_for(mailbox, uids.size()));
    if (roll) return roll->each(uids, each);
    if (uids.size() <= soon_looked_for) return each_of_few(mailbox, uids, each);
    EntryWalk walk(*snapshot_, mailbox, uids);
    while (true) {
        TRY(const auto* entry, walk.next());
        if (!entry) return {};
        TRY(each(*entry));
    }
}

Result<std::vector<Entry>> View::entries(MailboxId mailbox, const UidSet& uids) const {
    std::vector<Entry> all;
    all.reserve(std::min(uids.size(), at_once));
    TRY(each_entry(mailbox, uids, [&](const Entry& entry) -> Result<void> {
        all.push_back(entry);
        return {};
    }));
    return all;
}

Result<std::optional<Entry>> View::entry(MailboxId mailbox, Uid uid) const {
    return read_entry(*snapshot_, mailbox, uid);
}

// For one message two searches are cheaper than two walks that begin.
Result<void> View::one_message(MailboxId mailbox, const UidSet& uid, const EachMessage& each) const {
    return each_entry(mailbox, uid, [&](const Entry& entry) -> Result<void> {
        TRY(const auto bytes, get_message(*snapshot_, entry.message));
        TRY(const auto message, decode_message(entry.message, bytes));
        return each(entry, message);
    });
}

Result<void> View::each_message(MailboxId mailbox, const UidSet& uids, const EachMessage& each) const {
    if (uids.size() == 1) return one_message(mailbox, uids, each);
    MessageWalk messages(*snapshot_);
    return each_entry(mailbox, uids, [&](const Entry& entry) -> Result<void> {
        TRY(const auto message, messages.at(entry.message));
        return each(entry, message);
    });
}

Result<void> View::each_message(MailboxId mailbox, std::span<const Entry> entries,
                                const EachMessage& each) const {
    MessageWalk messages(*snapshot_);
    for (const auto& entry : entries) {
        const auto message = messages.at(entry.message);
        if (message) {
            TRY(each(entry, *message));
            continue;
        }
        TRY(const auto still, this->entry(mailbox, entry.uid));
        if (still) return std::unexpected(message.error());
    }
    return {};
}

Result<Message> View::message(MessageId id) const {
    TRY(const auto bytes, get_message(*snapshot_, id));
    TRY(const auto view, decode_message(id, bytes));
    TRY(auto homes, read_homes(*snapshot_, id));
    return Message{.id = id,
                   .blob = view.blob,
                   .blob_size = view.blob_size,
                   .received = view.received,
                   .prefix = std::string(view.prefix),
                   .summary = std::string(view.summary),
                   .homes = std::move(homes.homes),
                   .origin = view.origin};
}

Result<Origin> View::origin(const Entry& entry) const {
    const Origin here{account_, entry.message};
    if (!entry.foreign) return here;
    TRY(const auto bytes, get_message(*snapshot_, entry.message));
    TRY(const auto kept, decode_message(entry.message, bytes));
    return kept.origin.value_or(here);
}

Result<std::string> View::read(const MessageView& message) const {
    return engine_.read_blob_after(message.prefix, message.blob);
}

Result<std::string> View::read(MessageId id) const {
    TRY(const auto bytes, get_message(*snapshot_, id));
    TRY(const auto message, decode_message(id, bytes));
    return read(message);
}

// A record that is damaged is no record: then nothing is indexed.
Result<TextIndex> View::text_index() const {
    TRY(const auto account, read_account(*snapshot_));
    auto state = read_index(*snapshot_);
    if (!state && state.error().kind != Error::Kind::corrupt) return std::unexpected(state.error());
    return TextIndex(*snapshot_, state.value_or(IndexState{}), account.next_message);
}

Result<void> View::each_change(MailboxId mailbox, ModSeq since, const EachChange& each) const {
    return store::each_change(*snapshot_, mailbox, since, each);
}

Result<MailboxChanges> View::changes(MailboxId mailbox, ModSeq since) const {
    return mailbox_changes_since(*snapshot_, mailbox, since);
}

Result<std::optional<MessageChanges>> View::message_changes(ModSeq since) const {
    return message_changes_since(*snapshot_, since);
}

Result<std::optional<MailboxListChanges>> View::mailbox_changes(ModSeq since) const {
    return mailbox_list_changes_since(*snapshot_, since);
}

}  // namespace hongyan::store
