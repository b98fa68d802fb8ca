#include "imap/commands/fetch.h"

#include <algorithm>
#include <iterator>

#include "engine/without_waiting.h"
#include "imap/commands/commands.h"
#include "imap/commands/fetch_rows.h"
#include "imap/effort.h"
#include "imap/message_data.h"

namespace hongyan::imap::commands {
namespace {

using wire::FetchItem;
using wire::MessageItem;

// Messages that are looked up in one go, at most.
constexpr std::size_t messages_at_once = 1'000;
// Octets of them: of some all is read whatever is asked for, since what is kept of them apart has no room for
// it.
constexpr std::uint64_t sizes_at_once = std::uint64_t{16} << 20U;

// What an answer repeats of the question: names of sections with the fields that they list.
std::uint64_t octets_of_names(std::span<const FetchItem> items) {
    constexpr std::uint64_t usual = 40;
    std::uint64_t octets = usual;
    for (const auto& item : items) {
        octets += usual;
        if (const auto* const body = std::get_if<wire::BodyItem>(&item))
            for (const auto& name : body->section.names) octets += name.size() + 1;
    }
    return octets;
}

bool contains(const std::vector<FetchItem>& items, MessageItem item) {
    return std::ranges::find(items, FetchItem(item)) != items.end();
}
// What the client did not ask for stands before what it did: some (Mail::IMAPClient, imaplib) take what
// follows a literal for the end of the response.
void add_first(std::vector<FetchItem>& items, MessageItem item) {
    if (!contains(items, item)) items.insert(items.begin(), item);
}

// What is asked for twice is told once.
void drop_repeated(std::vector<FetchItem>& items) {
    for (auto item = items.begin(); item != items.end(); ++item)
        items.erase(std::remove(std::next(item), items.end(), *item), items.end());
}

// A FETCH under way, from one portion of what it says to the next.
class Fetching {
public:
    explicit Fetching(ToFetch wanted) : wanted_(std::move(wanted)) {}

    Step operator()(Desk& desk) {
        const auto mail = desk.account.view();
        if (!begun_) {
            const auto uids = wanted_.messages.in(desk.mailbox());
            if (!uids) return beyond_mailbox();
            if (const auto most = desk.here.message_limits.any; is_range_beyond(most)) return too_many(most);
            TRY(begin(desk, mail, *uids));
        }
        Effort effort;  // not all that is looked at is told
        while (next_ < left_.size() && desk.out.size() < enough_said && !effort.is_enough()) {
            if (const auto some = fetch_some(desk, mail, take_portion(), effort); !some)
                return failure(some.error());
        }
        if (next_ < left_.size()) return std::nullopt;
        return ended(desk.out, unless_gone(all_fetched(), found_ < left_.size(), wanted_.messages.of), cut_);
    }

private:
    // RFC 6858 §3: of which messages the client has got surrogates.
    Completion all_fetched() const {
        if (surrogates_.empty()) return ok("Fetched");
        return ok(wire::Code::downgraded, imap::to_text(surrogates_),
                  "Fetched, without what you cannot read");
    }

    // RFC 3516 §4.3
    static Completion failure(const Error& error) {
        if (error.kind != Error::Kind::unsupported) return refusal(error);
        return no(wire::Code::unknown_cte, "Not possible: " + error.message);
    }

    Result<void> begin(Desk& desk, const store::View& mail, UidSet uids) {
        begun_ = true;
        auto& items = wanted_.arguments.items;
        drop_repeated(items);
        if (wanted_.arguments.changed_since) add_first(items, MessageItem::modseq);
        // UIDFETCH names the message by its UID (RFC 9586 §3).
        if (wanted_.messages.of == SetOf::uids && !desk.here.uid_only) add_first(items, MessageItem::uid);
        if (contains(items, MessageItem::modseq)) count_on_modseq(desk);
        if (wanted_.arguments.partial) uids = part_of(uids, *wanted_.arguments.partial);
        if (wanted_.arguments.changed_since && wanted_.messages.of == SetOf::uids)
            TRY(look_into_changes(desk, mail, uids));
        items_ = imap::wanted(items);
        seeing_items_ = imap::wanted(with_news(desk.here, items));
        depth_ = depth_of(items);
        for (const auto& item : items) texts_ += depth_of(item) == Depth::text ? 1 : 0;
        said_of_each_ = octets_of_names(items);
        marks_seen_ = marks_seen(items) && !desk.mailbox().is_read_only() &&
                      desk.mailbox().rights().contains(Right::seen);
        if (wanted_.has_limit) cut_ = cut_short(uids, desk.here.message_limits.any);
        left_ = uids.uids();
        if (cut_) std::ranges::reverse(left_);
        return {};
    }

    // What is told with a message that becomes \Seen by it.
    static std::vector<FetchItem> with_news(const Standing& here, std::vector<FetchItem> items) {
        add_first(items, MessageItem::flags);
        if (here.condstore) add_first(items, MessageItem::modseq);
        if ((here.condstore || here.rev2) && !here.uid_only) add_first(items, MessageItem::uid);
        return items;
    }

    // RFC 9738 §3.1: then nothing is fetched.
    bool is_range_beyond(std::uint32_t most) const {
        const auto& range = wanted_.arguments.partial;
        if (!range || most == 0) return false;
        const auto [low, high] = std::minmax<std::uint64_t>({range->first, range->last});
        return high - low + 1 > most;
    }

    // The first or last of those that the set names (RFC 9394 §3.3); of these CHANGEDSINCE tells (§3.4).
    static UidSet part_of(const UidSet& uids, const wire::PartialRange& range) {
        const auto all = uids.uids();
        const auto [low, high] = std::minmax<std::size_t>({range.first, range.last});
        UidSet part;
        if (low > all.size()) return part;
        const auto count = std::min(high, all.size()) - low + 1;
        const auto first = range.from_end ? all.size() - (low - 1) - count : low - 1;
        for (const auto uid : std::span(all).subspan(first, count)) part.add(uid);
        return part;
    }

    // What the log of changes knows need not be looked for. Removals are told before any FETCH response
    // (RFC 7162 §3.2.6), those that the client hears of as news left out.
    Result<void> look_into_changes(Desk& desk, const store::View& mail, UidSet& uids) const {
        const auto& mailbox = desk.mailbox();
        TRY(const auto changes, mail.changes(mailbox.id(), ModSeq(*wanted_.arguments.changed_since)));
        uids = in_both(uids, changes.changed);
        if (!wanted_.arguments.vanished) return {};
        const auto last = Uid(mailbox.uid_next().value() - 1);
        auto vanished = in_both(changes.vanished, named_uids(wanted_.messages.set, last));
        vanished = vanished.from(wanted_.known_removals.next());
        vanished.remove(mailbox.view().uids());
        if (!vanished.empty())
            fmt::format_to(std::back_inserter(desk.out), "* VANISHED (EARLIER) {}\r\n",
                           imap::to_text(vanished));
        return {};
    }

    UidSet take_portion() {
        const auto end = std::min(next_ + at_once_, left_.size());
        UidSet portion;
        while (next_ < end) portion.add(left_[next_++]);
        return portion;
    }

    Result<void> fetch_some(Desk& desk, const store::View& mail, const UidSet& uids, Effort& effort) {
        const auto id = desk.mailbox().id();
        effort.spend(uids.size() * Effort::of_a_record);
        if (depth_ == Depth::entry && !cut_)
            return mail.each_entry(id, uids,
                                   [&](const store::Entry& entry) { return put_entry(desk, mail, entry); });
        if (left_.size() == 1)
            return mail.each_message(id, uids,
                                     [&](const store::Entry& entry, const store::MessageView& message) {
                                         return put_message(desk, mail, entry, message);
                                     });
        TRY(auto entries, mail.entries(id, uids));
        if (cut_) std::ranges::reverse(entries);
        if (depth_ == Depth::entry) return put_entries(desk, mail, entries);
        put_off_what_is_too_much(entries);
        found_ += entries.size();
        TRY(const auto rows, rows_of(desk, entries));
        FetchTally tally;
        TRY(const auto there, put_rows(desk, {entries, rows}, depth_, tally));
        take_as_told(desk);
        effort.spend(Effort::of_making_text * tally.octets_read);
        surrogates_.add(tally.surrogates);
        found_ -= rows.size() - there;
        return {};
    }

    Result<void> put_entries(Desk& desk, const store::View& mail, std::span<const store::Entry> entries) {
        for (const auto& entry : entries) TRY(put_entry(desk, mail, entry));
        return {};
    }

    Result<void> put_entry(Desk& desk, const store::View& mail, const store::Entry& entry) {
        ++found_;
        const auto number = number_of(desk, entry);
        if (!number) return {};
        const auto named_by = desk.here.uid_only ? SetOf::uids : SetOf::numbers;
        return MessageData(mail, entry, nullptr, is_recent(desk, entry), named_by)
            .put(desk.out, *number, items_);
    }

    Result<void> put_message(Desk& desk, const store::View& mail, const store::Entry& entry,
                             const store::MessageView& message) {
        std::vector<store::Entry> entries{entry};
        TRY(const auto rows, rows_of(desk, entries));
        bool is_there = true;
        FetchTally tally;
        for (const auto& row : rows) {
            TRY(is_there,
                put_row(desk.out, mail, entries.front(), row, &message, manner_for(desk.here), tally));
        }
        take_as_told(desk);
        surrogates_.add(tally.surrogates);
        if (is_there) ++found_;
        return {};
    }

    // What would be too much to say, or perhaps to read, at this time begins the next portion.
    void put_off_what_is_too_much(std::vector<store::Entry>& entries) {
        std::uint64_t said = 0, sizes = 0;
        const auto too_much = std::ranges::find_if(entries, [&](const store::Entry& entry) {
            const bool is_first = said == 0;
            const auto read = texts_ + (entry.has_nul ? 1 : 0);  // whatever is told of it
            said += read * entry.size + said_of_each_;
            sizes += entry.size;
            return !is_first && (said > enough_said || sizes > sizes_at_once);
        });
        if (too_much == entries.end()) {
            at_once_ = std::min(2 * at_once_, messages_at_once);
            return;
        }
        const auto is_put_off = [&](Uid uid) { return cut_ ? uid <= too_much->uid : uid >= too_much->uid; };
        while (next_ > 0 && is_put_off(left_[next_ - 1])) --next_;
        entries.erase(too_much, entries.end());
        at_once_ = 2 * entries.size();
    }

    // Nothing of a message of which there is nothing to tell.
    std::optional<SequenceNumber> number_of(const Desk& desk, const store::Entry& entry) const {
        if (entry.modseq.value() <= wanted_.arguments.changed_since.value_or(0)) return std::nullopt;
        return desk.mailbox().view().number_of(entry.uid);
    }
    static bool is_recent(const Desk& desk, const store::Entry& entry) {
        return desk.here.tells_recent() && desk.mailbox().is_recent(entry.uid);
    }

    // Leaves out entries of which there is nothing to tell; the others are as they are when those that this
    // shows to a person have become \Seen.
    Result<std::vector<FetchRow>> rows_of(Desk& desk, std::vector<store::Entry>& entries) {
        std::vector<FetchRow> rows;
        rows.reserve(entries.size());
        auto kept = entries.begin();
        for (auto& entry : entries) {
            const auto number = number_of(desk, entry);
            if (!number) continue;
            rows.push_back({*number, is_recent(desk, entry), items_});
            if (&*kept != &entry) *kept = std::move(entry);
            ++kept;
        }
        entries.erase(kept, entries.end());
        if (marks_seen_) TRY(mark_seen(desk, entries, rows));
        return rows;
    }

    // A message that has gone meanwhile stays as it was; so do all where the disk is full: mail can be read
    // then too.
    Result<void> mark_seen(Desk& desk, std::span<store::Entry> entries, std::span<FetchRow> rows) {
        UidSet unseen;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].flags.contains(store::Flag::seen)) continue;
            unseen.add(entries[i].uid);
            rows[i].items = seeing_items_;
        }
        if (unseen.empty()) return {};
        if (engine::WithoutWaiting::is_asked_for()) return engine::WithoutWaiting::miss();
        store::FlagChange change;
        change.flags.add(store::Flag::seen);
        auto changed = desk.account.change_flags(desk.mailbox().id(), unseen, change);
        if (!changed && changed.error().kind != Error::Kind::no_space)
            return std::unexpected(changed.error());
        if (!changed) return {};
        if (cut_) std::ranges::reverse(changed->entries);
        for (auto entry = entries.begin(); const auto& now : changed->entries) {
            entry = std::ranges::find(entry, entries.end(), now.uid, &store::Entry::uid);
            *entry = now;
            just_seen_.emplace_back(now.uid, now.modseq);
        }
        return {};
    }

    // That they are \Seen now the client has heard with them; where that failed it is news like any other.
    void take_as_told(Desk& desk) {
        for (const auto& [uid, modseq] : std::exchange(just_seen_, {}))
            desk.mailbox().has_been_told(uid, modseq);
    }

    ToFetch wanted_;
    std::vector<WantedItem> items_;
    std::vector<WantedItem> seeing_items_;  // where a message becomes \Seen by it
    Depth depth_ = Depth::entry;
    bool marks_seen_ = false;
    bool begun_ = false;
    std::vector<Uid> left_;                   // ascending; where there are too many, from the highest down
    std::optional<CutShort> cut_;             // there were too many
    std::size_t next_ = 0;                    // of left_
    std::size_t at_once_ = messages_at_once;  // to be looked up: not many more than will be told
    std::size_t found_ = 0;                   // of left_
    UidSet surrogates_;                       // what the client has got of these
    std::uint64_t texts_ = 0;                 // items that are texts
    std::uint64_t said_of_each_ = 0;          // octets, besides texts
    std::vector<std::pair<Uid, ModSeq>> just_seen_;
};

// One message, and nothing that makes another client of this one (RFC 7162 §3.1).
bool is_little(const ToFetch& wanted, bool counts_on_modseq) {
    const auto& set = wanted.messages.set;
    if (set.size() != 1 || set.front().first != set.front().last || wanted.arguments.changed_since)
        return false;
    return counts_on_modseq || !contains(wanted.arguments.items, MessageItem::modseq);
}

}  // namespace

Job fetching(ToFetch wanted) { return Fetching(std::move(wanted)); }

// SP sequence-set fetch-arguments
Reaction fetch(Session& session, const Arguments& arguments) {
    ToFetch wanted;
    wanted.messages = read_messages(arguments);
    wanted.arguments = arguments.in.fetch_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    // RFC 7162 §3.2.6
    if (wanted.arguments.vanished && !(session.standing().qresync && arguments.of == SetOf::uids))
        return bad("VANISHED is for UID FETCH, after ENABLE QRESYNC");
    if (wanted.arguments.partial && arguments.of != SetOf::uids) return bad("PARTIAL is for UID FETCH");
    if (!is_little(wanted, session.standing().condstore)) return fetching(std::move(wanted));
    return Glance{[wanted = std::move(wanted)] { return fetching(wanted); }};
}

}  // namespace hongyan::imap::commands
