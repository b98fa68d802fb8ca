#include "imap/message_keys.h"

#include <algorithm>

#include "message/address.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/message_ids.h"
#include "message/text_search.h"
#include "message/thread.h"

namespace hongyan::imap {
namespace {

// Of an address list that is looked at for its first address.
constexpr std::size_t first_address_size = 1'000;

// Mailboxes whose keys are kept, whatever their size: they are searched one by one.
constexpr std::size_t most_mailboxes = 500;

constexpr std::array text_kinds{KeyKind::subject, KeyKind::cc,           KeyKind::from,
                                KeyKind::to,      KeyKind::display_from, KeyKind::display_to};

std::string decoded(std::string_view text) { return message::decode_header_text(text); }

std::optional<message::ListedAddress> first_address(std::string_view list) {
    auto addresses = message::parse_address_list(list.substr(0, first_address_size));
    if (addresses.empty()) return std::nullopt;
    return std::move(addresses.front());
}

// addr-mailbox: of a group its name (RFC 3501 §7.4.2)
std::string mailbox_key(std::string_view list) {
    const auto address = first_address(list);
    if (!address) return {};
    return address->kind == message::ListedAddress::Kind::mailbox ? address->local_part : address->name;
}

// RFC 5957 §3
std::string display_key(std::string_view list) {
    const auto address = first_address(list);
    if (!address) return {};
    if (auto name = decoded(address->name); !name.empty()) return name;
    if (address->local_part.empty() || address->domain.empty()) return address->local_part;
    return address->local_part + '@' + address->domain;
}

std::string text_key(KeyKind kind, const message::SummaryView& summary) {
    switch (kind) {
        case KeyKind::cc:
            return mailbox_key(summary.cc());
        case KeyKind::from:
            return mailbox_key(summary.from());
        case KeyKind::to:
            return mailbox_key(summary.to());
        case KeyKind::display_from:
            return display_key(summary.from());
        case KeyKind::display_to:
            return display_key(summary.to());
        default:
            return {};
    }
}

bool is_text(KeyKind kind) { return std::ranges::find(text_kinds, kind) != text_kinds.end(); }

std::int64_t seconds(Instant moment) {
    return std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()).count();
}

// A References field that its summary has cut lacks its end, which counts most.
Result<std::string> whole_references(const store::View& mail, const store::MessageView& message,
                                     const message::SummaryView& summary) {
    TRY(const auto bytes, mail.read(message));
    const auto header = std::string_view(bytes).substr(0, message.prefix.size() + summary.header_size());
    for (const auto& field : message::Fields(header))
        if (field.is("References")) return message::unfold(field.value);
    return std::string();
}

}  // namespace

std::optional<std::chrono::sys_days> sent_day(const message::SummaryView& summary) {
    const auto date = summary.date();
    if (!date) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(*date + std::chrono::minutes(summary.zone()));
}

void TextColumn::add(std::string_view folded) {
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < 8; ++i)
        head = head << 8U | (i < folded.size() ? static_cast<unsigned char>(folded[i]) : 0U);
    heads_.push_back(head);
    bytes_ += folded;
    ends_.push_back(bytes_.size());
}

std::uint32_t ReferenceColumn::number_of(const std::string& id) {
    const auto [place, is_new] = numbers_.try_emplace(id, bound());
    if (is_new) bytes_ += id.size();
    return place->second;
}

void ReferenceColumn::add(const std::optional<std::string>& own, const std::vector<std::string>& references) {
    own_.push_back(own ? number_of(*own) : 0);
    for (const auto& id : references) references_.push_back(number_of(id));
    ends_.push_back(references_.size());
}

std::size_t ReferenceColumn::memory() const {
    constexpr std::size_t frame = 64;  // of a place in the table
    return bytes_ + numbers_.size() * frame + references_.capacity() * 4 + own_.capacity() * 12;
}

std::size_t MessageKeys::size_of(KeyKind kind) const {
    if (kind == KeyKind::sent) return sent_.size();
    if (kind == KeyKind::references) return references_.size();
    if (kind == KeyKind::sent_day) return sent_days_.size();
    return text(kind).size();
}

std::size_t MessageKeys::known(KeyKinds wanted) const {
    auto known = size();
    for (std::size_t i = 0; i < key_kinds; ++i)
        if (const auto kind = static_cast<KeyKind>(i); wanted.contains(kind))
            known = std::min(known, size_of(kind));
    return known;
}

Result<void> MessageKeys::read_entries(const store::View& mail, store::MailboxId mailbox) {
    const auto first = uids_.empty() ? Uid(1) : uids_.back().next();
    return mail.each_entry(mailbox, UidSet::all().from(first),
                           [this](const store::Entry& entry) -> Result<void> {
                               uids_.push_back(entry.uid);
                               received_.push_back(entry.received);
                               octets_.push_back(entry.size);
                               return {};
                           });
}

// Who has gone meanwhile has empty keys, so that the columns keep step.
Result<bool> MessageKeys::bring_forward(const store::View& mail, store::MailboxId mailbox, KeyKinds wanted,
                                        std::size_t most) {
    TRY(read_entries(mail, mailbox));
    auto at = known(wanted);
    auto end = at + std::min(most, size() - at);
    // What has come after the view was taken, and somebody else has enlisted, waits for a newer one.
    if (const auto seen = mail.mailbox(mailbox))
        end = std::min(
            end, static_cast<std::size_t>(std::ranges::lower_bound(uids_, seen->uid_next) - uids_.begin()));
    if (at >= end) return at == size();
    const message::SummaryView nothing;
    const auto add_all = [&](const store::MessageView* message,
                             const message::SummaryView& summary) -> Result<void> {
        for (std::size_t i = 0; i < key_kinds; ++i) {
            const auto kind = static_cast<KeyKind>(i);
            if (wanted.contains(kind) && size_of(kind) == at) TRY(add(kind, mail, message, summary));
        }
        ++at;
        return {};
    };
    const auto uids = UidSet::of({uids_[at], uids_[end - 1]});
    TRY(mail.each_message(mailbox, uids,
                          [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
                              while (at < end && uids_[at] < entry.uid) TRY(add_all(nullptr, nothing));
                              if (at == end || uids_[at] != entry.uid) return {};
                              TRY(const auto summary, message::SummaryView::of(message.summary));
                              return add_all(&message, summary);
                          }));
    while (at < end) TRY(add_all(nullptr, nothing));
    return end == size();
}

Result<void> MessageKeys::add(KeyKind kind, const store::View& mail, const store::MessageView* message,
                              const message::SummaryView& summary) {
    if (kind == KeyKind::references) return add_references(mail, message, summary);
    if (kind == KeyKind::sent)
        sent_.push_back(seconds(summary.date().value_or(received_[sent_.size()])));
    else if (kind == KeyKind::sent_day)
        add_sent_day(summary);
    else if (kind == KeyKind::subject)
        add_subject(summary);
    else if (is_text(kind))
        texts_[static_cast<std::size_t>(kind)].add(message::fold_for_search(text_key(kind, summary)));
    return {};
}

void MessageKeys::add_sent_day(const message::SummaryView& summary) {
    const auto day = imap::sent_day(summary);
    sent_days_.push_back(day ? static_cast<std::int32_t>(day->time_since_epoch().count()) : no_day);
}

void MessageKeys::add_subject(const message::SummaryView& summary) {
    const auto base = message::base_subject(decoded(summary.subject()));
    texts_[static_cast<std::size_t>(KeyKind::subject)].add(message::fold_for_search(base.text));
    is_reply_.push_back(base.is_reply_or_forward);
}

// RFC 5256 §3, REFERENCES: In-Reply-To counts where References names nobody, and its first one only.
Result<void> MessageKeys::add_references(const store::View& mail, const store::MessageView* message,
                                         const message::SummaryView& summary) {
    std::string whole(summary.references());
    const bool is_cut = summary.is_truncated() && whole.size() > message::max_summary_field_size / 2;
    if (is_cut && message != nullptr) {
        TRY(whole, whole_references(mail, *message, summary));
    }
    auto references = message::message_ids(whole);
    if (references.empty())
        if (auto parent = message::first_message_id(summary.in_reply_to()))
            references.push_back(*std::move(parent));
    references_.add(message::first_message_id(summary.message_id()), references);
    return {};
}

std::optional<std::size_t> MessageKeys::find(Uid uid, std::size_t from) const {
    if (from < uids_.size() && uids_[from] == uid) return from;
    const auto place = std::lower_bound(
        uids_.begin() + static_cast<std::ptrdiff_t>(std::min(from, uids_.size())), uids_.end(), uid);
    if (place == uids_.end() || *place != uid) return std::nullopt;
    return static_cast<std::size_t>(place - uids_.begin());
}

std::size_t MessageKeys::memory() const {
    std::size_t memory =
        uids_.capacity() * 20 + sent_.capacity() * 8 + sent_days_.capacity() * 4 + references_.memory();
    for (const auto& column : texts_) memory += column.memory();
    return memory;
}

std::shared_ptr<MessageKeys> KeyCache::keys_of(store::AccountId account, store::MailboxId mailbox) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        kept_, [&](const Kept& kept) { return kept.account == account && kept.mailbox == mailbox; });
    if (found != kept_.end())
        kept_.splice(kept_.begin(), kept_, found);
    else
        kept_.push_front({account, mailbox, std::make_shared<MessageKeys>()});
    if (kept_.size() > most_mailboxes) kept_.pop_back();
    return kept_.front().keys;
}

void KeyCache::has_grown(const MessageKeys& keys, std::size_t memory) {
    const std::lock_guard lock(mutex_);
    std::size_t all = 0;
    for (auto& kept : kept_) {
        if (kept.keys.get() == &keys) kept.memory = memory;
        all += kept.memory;
    }
    while (all > most_memory_ && !kept_.empty()) {
        all -= kept_.back().memory;
        kept_.pop_back();
    }
}

}  // namespace hongyan::imap
