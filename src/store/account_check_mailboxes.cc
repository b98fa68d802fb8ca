// Mailboxes, their names and their logs.
#include <algorithm>
#include <set>

#include "store/account_check.h"
#include "store/history.h"
#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"

namespace hongyan::store {

// Mailboxes

Result<void> AccountCheck::read_mailboxes() {
    return each_below(
        *snapshot_, std::string(1, keys::mailbox_letter), [&](auto key, auto value) -> Result<void> {
            const auto id = keys::number_at<MailboxId>(key, keys::after_letter).value_or(no_mailbox);
            auto mailbox = decode_mailbox(value);
            if (mailbox) mailboxes_[id] = *std::move(mailbox);
            facts_[id];
            return {};
        });
}

MailboxState AccountCheck::recovered_mailbox(MailboxId id) {
    found(id, "the mailbox has no readable record; it is named anew");
    MailboxState mailbox;
    mailbox.level = id == inbox ? "INBOX" : fmt::format("Recovered {}", id);
    mailbox.subscribed = true;
    account_.last_uid_validity = account_.last_uid_validity.next();
    mailbox.uid_validity = account_.last_uid_validity;
    mailbox.created = account_.modseq;
    mailbox.highest_modseq = account_.modseq;
    log_is_wrong_ = true;
    return mailbox;
}

void AccountCheck::compare_mailboxes() {
    facts_[inbox];
    for (const auto& [id, facts] : facts_) {
        if (!mailboxes_.contains(id)) mailboxes_[id] = recovered_mailbox(id);
        compare_mailbox(id, mailboxes_[id], facts);
    }
    compare_parents();
    for (const auto& [id, mailbox] : mailboxes_) records_[keys::mailbox(id)] = encode(mailbox);
}

void AccountCheck::compare_mailbox(MailboxId id, MailboxState& state, const MailboxFacts& facts) {
    if (state.counts != facts.counts) {
        found(id, fmt::format(
                      "{} messages ({} unseen, {} deleted, {} bytes) are counted, there are {} ({}, {}, {})",
                      state.counts.messages, state.counts.unseen, state.counts.deleted, state.counts.bytes,
                      facts.counts.messages, facts.counts.unseen, facts.counts.deleted, facts.counts.bytes));
        state.counts = facts.counts;
    }
    if (state.uid_next <= facts.last) {
        found(id, fmt::format("UIDNEXT is {}, but UID {} is in use", state.uid_next, facts.last));
        state.uid_next = facts.last.next();
    }
    if (state.first_recent > state.uid_next) {
        found(id, "messages that have not come yet are no longer recent");
        state.first_recent = state.uid_next;
    }
    if (state.highest_modseq < facts.highest) {
        found(id,
              fmt::format("HIGHESTMODSEQ is {}, but a message has {}", state.highest_modseq, facts.highest));
        state.highest_modseq = facts.highest;
    }
    if (state.uid_validity == UidValidity()) {
        found(id, "the mailbox has no UIDVALIDITY");
        account_.last_uid_validity = account_.last_uid_validity.next();
        state.uid_validity = account_.last_uid_validity;
    }
}

bool AccountCheck::has_way_to_the_top(const MailboxState& mailbox) const {
    auto parent = mailbox.parent;
    for (std::size_t depth = 0; depth <= max_levels; ++depth) {
        if (parent == no_mailbox) return true;
        const auto above = mailboxes_.find(parent);
        if (above == mailboxes_.end() || above->second.kind == MailboxState::Kind::leaving) return false;
        parent = above->second.parent;
    }
    return false;
}

// No two of the same name below the same parent, no two of the same use, and a parent for all.
void AccountCheck::compare_parents() {
    std::set<std::pair<MailboxId, std::string>> names;
    std::set<SpecialUse> uses{SpecialUse::none};
    for (auto& [id, mailbox] : mailboxes_) {
        if (mailbox.kind == MailboxState::Kind::leaving) continue;
        if (!has_way_to_the_top(mailbox)) {
            found(id, fmt::format("\"{}\" has no way to the top; it goes there", mailbox.level));
            mailbox.parent = no_mailbox;
        }
        if (!names.emplace(mailbox.parent, mailbox.level).second) {
            found(id, fmt::format("there is another mailbox \"{}\"", mailbox.level));
            mailbox.level = fmt::format("Recovered {}", id);
            names.emplace(mailbox.parent, mailbox.level);
        }
        if (mailbox.use != SpecialUse::none && !uses.insert(mailbox.use).second) {
            found(id, fmt::format("another mailbox is used for {} too", row_of(mailbox.use)->role));
            mailbox.use = SpecialUse::none;
        }
    }
}

Result<void> AccountCheck::compare_names() {
    std::map<std::string, std::string> expected;
    for (const auto& [id, mailbox] : mailboxes_)
        if (mailbox.kind != MailboxState::Kind::leaving)
            expected[keys::name(mailbox.parent, mailbox.level)] = encode_id(id);
    TRY(each_below(*snapshot_, std::string(1, keys::name_letter), [&](auto key, auto value) -> Result<void> {
        const auto wanted = expected.find(std::string(key));
        if (wanted != expected.end() && wanted->second == value) {
            expected.erase(wanted);
        } else if (wanted == expected.end()) {
            found(fmt::format("the name \"{}\" leads to no mailbox", key.substr(keys::after_mailbox)));
            records_[std::string(key)] = std::nullopt;
        }
        return {};
    }));
    for (const auto& [key, id] : expected) {
        found(fmt::format("the name \"{}\" does not lead to its mailbox", key.substr(keys::after_mailbox)));
        records_[key] = id;
    }
    return {};
}

// Logs: what they say is needed by clients only, and they can do without. So where a log is wrong, history
// begins anew.

Result<void> AccountCheck::compare_logs() {
    TRY(const auto mailboxes, mailboxes_with_log(*snapshot_));
    for (const auto mailbox : mailboxes) {
        if (compare_log(mailbox)) continue;
        found(mailbox, "the log of changes is damaged; history begins anew");
        log_is_wrong_ = true;
    }
    return {};
}

// corrupt where the log does not agree with what is there.
Result<void> AccountCheck::compare_log(MailboxId mailbox) {
    const auto wrong = [] { return fail(Error::Kind::corrupt, "the log does not agree with the mailbox"); };
    std::map<Uid, ModSeq> changed;
    UidSet gone;
    TRY(each_change(*snapshot_, mailbox, account_.history_floor,
                    [&](ModSeq modseq, const ChangeRecord& record) -> Result<void> {
                        if (modseq > account_.modseq) return wrong();
                        if (mailbox == no_mailbox) return {};
                        for (const auto& run : record.runs) {
                            const bool is_gone =
                                run.change == Change::left || run.change == Change::destroyed;
                            for (std::uint32_t i = 0; i < run.count; ++i) {
                                const Uid uid(run.first.value() + i);
                                changed[uid] = modseq;
                                if (is_gone) gone.add(uid);
                            }
                        }
                        return {};
                    }));
    const auto facts = facts_.find(mailbox);
    if (facts == facts_.end()) return {};
    for (const auto& [uid, modseq] : facts->second.entries) {
        const auto logged = changed.find(uid);
        const bool is_logged = logged != changed.end() && logged->second == modseq;
        const bool must_be = modseq > account_.history_floor;
        if (gone.contains(uid) || is_logged != must_be) return wrong();
    }
    return {};
}

Result<void> AccountCheck::compare_deliveries() {
    return each_below(*snapshot_, std::string(1, keys::delivery_letter),
                      [&](auto key, auto value) -> Result<void> {
                          if (decode_delivery(value)) return {};
                          found("the memory of a delivery is damaged");
                          records_[std::string(key)] = std::nullopt;
                          return {};
                      });
}

}  // namespace hongyan::store
