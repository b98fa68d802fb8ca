#include "store/account_check.h"

#include <algorithm>

#include "message/summary.h"
#include "store/edit.h"
#include "store/keys.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/records.h"

namespace hongyan::store {
namespace {

constexpr std::size_t corrections_at_once = 200;

// What a mailbox would know of it.
Entry entry_of(MessageId id, const MessageFacts& message) {
    Entry entry;
    entry.message = id;
    entry.size = message.told_size;
    entry.received = message.received;
    entry.unended = message.unended;
    entry.foreign = message.foreign;
    entry.has_nul = message.has_nul;
    return entry;
}

}  // namespace

Result<void> AccountCheck::run(Repair repair) {
    TRY(read_account_record());
    TRY(read_messages());
    TRY(read_places());
    // What is left of an account that goes has nothing to agree with but its blobs.
    if (!account_.leaving) TRY(compare());
    const bool repairs = repair == Repair::yes && !findings_.empty();
    if (repairs) TRY(write());
    for (auto& finding : findings_) finding.repaired &= repairs;
    std::ranges::move(findings_, std::back_inserter(report_.findings));
    report_.accounts += 1;
    report_.mailboxes += mailboxes_.size();
    report_.messages += messages_.size();
    return {};
}

Result<void> AccountCheck::compare() {
    TRY(read_mailboxes());
    TRY(read_entries());
    compare_places();
    compare_mailboxes();
    TRY(compare_names());
    TRY(compare_logs());
    TRY(compare_deliveries());
    TRY(compare_grants());
    TRY(compare_annotations());
    TRY(compare_index());
    compare_account();
    return {};
}

// The account

Result<void> AccountCheck::read_account_record() {
    TRY(const auto bytes, snapshot_->get(keys::account()));
    account_before_ = bytes.value_or("");
    auto account = decode_account(account_before_);
    if (account)
        account_ = *std::move(account);
    else
        found("the account's record is missing or damaged; the quota is lost");
    return {};
}

void AccountCheck::compare_account() {
    Usage usage;
    for (const auto& [id, message] : messages_) {
        usage.messages += 1;
        usage.bytes += message.size;
    }
    auto expected = account_;
    expected.usage = usage;
    if (!messages_.empty()) raise(expected.next_message, messages_.rbegin()->first.next());
    if (!mailboxes_.empty()) raise(expected.next_mailbox, mailboxes_.rbegin()->first.next());
    raise(expected.modseq, highest_annotation_);
    for (const auto& [id, facts] : facts_) raise(expected.modseq, facts.highest);
    for (const auto& [id, mailbox] : mailboxes_) {
        raise(expected.last_uid_validity, mailbox.uid_validity);
        raise(expected.modseq, std::max(mailbox.highest_modseq, mailbox.created));
    }
    if (expected.usage != account_.usage)
        found(fmt::format("{} messages of {} bytes are counted, there are {} of {}", account_.usage.messages,
                          account_.usage.bytes, usage.messages, usage.bytes));
    account_.usage = usage;
    if (expected != account_) found("a number that the account would give out next is in use already");
    if (log_is_wrong_) expected.history_floor = expected.modseq;
    account_ = expected;
    records_[keys::account()] = encode(account_);
}

// Messages and their places

Result<void> AccountCheck::read_messages() {
    std::optional<MessageId> current;
    std::string record;
    const auto finish = [&]() -> Result<void> {
        if (!current) return {};
        return read_message(*current, record);
    };
    TRY(each_below(*snapshot_, std::string(1, keys::message_letter),
                   [&](auto key, auto value) -> Result<void> {
                       if (key.size() > keys::message_key_size) {
                           record += value;
                           return {};
                       }
                       TRY(finish());
                       current = keys::number_at<MessageId>(key, keys::after_letter);
                       record = value;
                       return {};
                   }));
    return finish();
}

Result<void> AccountCheck::read_message(MessageId id, std::string_view record) {
    const auto message = decode_message(id, record);
    if (!message) {
        messages_[id].readable = false;
        found(fmt::format("the record of message {} is damaged", id), Derivable::no);
        return {};
    }
    references_[message->blob] += 1;
    auto& facts = messages_[id];
    facts.size = message->size();
    facts.has_nul = message->told_size > 0;
    facts.told_size = facts.has_nul ? message->prefix.size() + message->told_size : facts.size;
    facts.received = message->received;
    facts.unended = message->unended;
    facts.foreign = message->origin.has_value();
    if (message::SummaryView::of(message->summary)) return {};
    found(fmt::format("the summary of message {} is damaged", id));
    corrections_.push_back([id, this, before = std::string(record)](Edit& edit) -> Result<void> {
        TRY(auto view, decode_message(id, before));
        TRY(const auto content, store_.engine().read_blob(view.blob));
        const auto summary = message::encode(message::summarize(content));
        view.summary = summary;
        erase_message(edit.transaction(), id, before.size());
        put_message(edit.transaction(), id, encode(view));
        return {};
    });
    return {};
}

Result<void> AccountCheck::read_places() {
    return each_below(
        *snapshot_, std::string(1, keys::homes_letter), [&](auto key, auto value) -> Result<void> {
            const auto id = keys::number_at<MessageId>(key, keys::after_letter).value_or(MessageId());
            const auto message = messages_.find(id);
            if (message == messages_.end()) {
                found(fmt::format("there are places of message {}, which is not there", id));
                records_[std::string(key)] = std::nullopt;
                return {};
            }
            auto homes = decode_homes(value);
            if (!homes) return {};  // shows as a difference from what is found
            for (const auto& home : homes->homes) recorded_[home] = id;
            message->second.recorded = std::move(homes->homes);
            return {};
        });
}

void AccountCheck::compare_places() {
    for (auto& [id, message] : messages_) {
        std::ranges::sort(message.recorded);
        std::ranges::sort(message.found);
        if (message.found.empty()) {
            found(fmt::format("message {} is in no mailbox; it goes to INBOX", id));
            const auto entry = entry_of(id, message);
            records_[keys::homes(id)] = encode(HomesRecord{});
            corrections_.push_back([this, entry](Edit& edit) -> Result<void> {
                TRY(place_copy(edit, id_, entry, inbox, entry.flags, store_.clock().now()));
                return {};
            });
        } else if (message.recorded != message.found) {
            found(fmt::format("message {} is not in the mailboxes that its record names", id));
            records_[keys::homes(id)] = encode(HomesRecord{message.found, {}});
        }
    }
}

// Messages in mailboxes

Result<void> AccountCheck::read_entries() {
    return each_below(*snapshot_, std::string(1, keys::entry_letter),
                      [&](auto key, auto value) -> Result<void> {
                          const auto mailbox = keys::number_at<MailboxId>(key, keys::after_letter);
                          const auto uid = keys::number_at<Uid>(key, keys::after_mailbox);
                          if (mailbox && uid) read_entry(*mailbox, *uid, value);
                          return {};
                      });
}

// The message is known from its places; its flags are lost.
std::optional<Entry> AccountCheck::rebuilt_entry(MailboxId mailbox, Uid uid) const {
    const auto recorded = recorded_.find({mailbox, uid});
    if (recorded == recorded_.end()) return std::nullopt;
    auto entry = entry_of(recorded->second, messages_.at(recorded->second));
    entry.uid = uid;
    entry.modseq = account_.modseq;
    entry.saved = entry.received;
    return entry;
}

void AccountCheck::read_entry(MailboxId mailbox, Uid uid, std::string_view record) {
    if (const auto entry = decode_entry(uid, record)) return compare_entry(mailbox, *entry);
    found(mailbox, fmt::format("the record of UID {} is damaged; its flags are lost", uid));
    log_is_wrong_ = true;
    const auto entry = rebuilt_entry(mailbox, uid);
    auto& correction = records_[keys::entry(mailbox, uid)];
    if (!entry) return;
    correction = encode(*entry);
    compare_entry(mailbox, *entry);
}

void AccountCheck::compare_entry(MailboxId mailbox, const Entry& read) {
    auto entry = read;
    auto& facts = facts_[mailbox];
    facts.last = std::max(facts.last, entry.uid);
    const auto message = messages_.find(entry.message);
    if (message == messages_.end()) {
        found(mailbox, fmt::format("UID {} shows message {}, which is not there", entry.uid, entry.message));
        records_[keys::entry(mailbox, entry.uid)] = std::nullopt;
        log_is_wrong_ = true;
        return;
    }
    message->second.found.push_back({mailbox, entry.uid});
    if (!message->second.readable) message->second.size = message->second.told_size = entry.size;
    if (entry.size != message->second.told_size) {
        found(mailbox,
              fmt::format("UID {} has {} bytes, not {}", entry.uid, message->second.told_size, entry.size));
        entry.size = message->second.told_size;
        records_[keys::entry(mailbox, entry.uid)] = encode(entry);
    }
    if (message->second.readable && entry.unended != message->second.unended) {
        found(mailbox, fmt::format("UID {} is wrong about the end of its last line", entry.uid));
        entry.unended = message->second.unended;
        records_[keys::entry(mailbox, entry.uid)] = encode(entry);
    }
    if (message->second.readable && entry.has_nul != message->second.has_nul) {
        found(mailbox, fmt::format("UID {} is wrong about NUL in its message", entry.uid));
        entry.has_nul = message->second.has_nul;
        records_[keys::entry(mailbox, entry.uid)] = encode(entry);
    }
    if (message->second.readable && entry.foreign != message->second.foreign) {
        found(mailbox, fmt::format("UID {} is wrong about where its message comes from", entry.uid));
        entry.foreign = message->second.foreign;
        records_[keys::entry(mailbox, entry.uid)] = encode(entry);
    }
    count(facts.counts, entry);
    raise(facts.highest, entry.modseq);
    facts.entries[entry.uid] = entry.modseq;
}

Result<void> AccountCheck::write() {
    const std::vector records(records_.begin(), records_.end());
    for (std::size_t start = 0; start < records.size(); start += corrections_at_once) {
        const auto some =
            std::span(records).subspan(start, std::min(corrections_at_once, records.size() - start));
        TRY(store_.engine().transact(
            engine::Scope::account(id_), [&](engine::Transaction& transaction) -> Result<void> {
                TRY(const auto account, transaction.get(keys::account()));
                if (start == 0 && account.value_or("") != account_before_)
                    return fail(Error::Kind::conflict, "the account {} has changed meanwhile", id_);
                for (const auto& [key, value] : some) {
                    if (value)
                        transaction.put(key, *value);
                    else
                        transaction.erase(key);
                }
                return {};
            }));
    }
    for (const auto& correct : corrections_) TRY(store_.edit(id_, correct));
    return {};
}

}  // namespace hongyan::store
