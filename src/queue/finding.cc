#include "queue/finding.h"

#include "base/ascii.h"
#include "base/bytes.h"
#include "queue/fresh_leases.h"
#include "queue/keys.h"
#include "queue/reading.h"
#include "queue/tally.h"

namespace hongyan::queue {

namespace {

using engine::Range;

constexpr std::size_t most_keys = 50'000;    // looked at for one page: some 50 ms
constexpr std::size_t most_entries = 2'000;  // read for one page: some 30 ms

bool has_one_that_fits(const Selection& selection, const Entry& entry) {
    return std::ranges::any_of(entry.recipients, [&](const Recipient& recipient) {
        return !is_final(recipient.state) && fits(selection, entry, recipient);
    });
}

// Which index leads to the fewest: what is about a recipient before what is about a sender.
std::optional<std::string> prefix_for(const Selection& selection) {
    if (!selection.domain.empty()) return by_destination_prefix(selection.domain);
    const auto at = selection.recipient.rfind('@');
    if (at != std::string::npos)
        return by_destination_prefix(std::string_view(selection.recipient).substr(at + 1));
    if (!selection.sender.empty()) return by_sender_prefix(selection.sender);
    if (!selection.account.empty()) return by_sender_prefix(selection.account);
    return std::nullopt;
}

// Those that may fit: of an index, and of those that are in none yet, in the order of arrival.
class Candidates {
public:
    Candidates(const engine::Reader& reader, std::string prefix, EntryId first)
        : prefix_(std::move(prefix)), listed_(reader.scan(range_from(first))), fresh_(reader, first) {}

    // The entry of the next one, and its address in `address` if that is known. Nothing at the end.
    Result<std::optional<EntryId>> next(std::string& address) {
        address.clear();
        std::optional<EntryId> listed;
        if (listed_->valid()) {
            TRY(listed, id_behind(prefix_, listed_->key()));
        }
        if (fresh_.valid() && (!listed || fresh_.who().id < *listed)) {
            const auto id = fresh_.who().id;
            fresh_.next();
            return id;
        }
        if (!listed) {
            TRY(listed_->status());
            TRY(fresh_.status());
            return std::nullopt;
        }
        address = listed_->value();
        listed_->next();
        return listed;
    }

private:
    Range range_from(EntryId first) const {
        auto range = Range::starting_with(prefix_);
        bytes::put_big_endian(range.first = prefix_, first.value());
        return range;
    }

    std::string prefix_;
    std::unique_ptr<engine::Cursor> listed_;
    FreshLeases fresh_;
};

// Candidates of one entry come behind each other.
Result<Found> find_by_index(const engine::Reader& reader, const Selection& selection, const Queue::Page& page,
                            const std::string& prefix) {
    Candidates candidates(reader, prefix, page.after == EntryId{} ? EntryId{} : page.after.next());
    Found found;
    EntryId last = page.after;
    std::size_t seen = 0, entries = 0;
    std::string address;
    for (;;) {
        TRY(const auto id, candidates.next(address));
        if (!id) return found;
        const bool is_full =
            found.entries.size() == page.limit || ++seen > most_keys || entries == most_entries;
        if (is_full && *id != last) {
            found.next = last;
            return found;
        }
        const bool is_wanted =
            selection.recipient.empty() || address.empty() || ascii::iequals(address, selection.recipient);
        const bool is_known = !found.entries.empty() && found.entries.back().id == *id;
        last = *id;
        if (!is_wanted || is_known) continue;
        ++entries;
        auto entry = read_entry(reader, *id);
        // An older program, which knew of no index, has removed it.
        if (!entry && entry.error().kind == Error::Kind::not_found) continue;
        if (!entry) return std::unexpected(std::move(entry).error());
        if (has_one_that_fits(selection, *entry)) found.entries.push_back(*std::move(entry));
    }
}

Result<Found> find_by_walking(const engine::Reader& reader, const Selection& selection,
                              const Queue::Page& page) {
    auto range = Range::starting_with(key_prefix);
    if (page.after != EntryId{}) range.first = entry_key(page.after.next());
    const auto most = std::min(page.limit, most_entries);
    TRY(auto entries, read_entries(reader, range, most));
    Found found;
    if (entries.size() == most) found.next = entries.back().id;
    std::erase_if(entries, [&](const Entry& entry) { return !has_one_that_fits(selection, entry); });
    found.entries = std::move(entries);
    return found;
}

}  // namespace

Result<Found> find(engine::Engine& engine, const Selection& selection, const Queue::Page& page) {
    const auto snapshot = engine.snapshot(engine::Scope::global());
    if (selection.id) {
        TRY(auto one, read_entry(*snapshot, *selection.id));
        Found found;
        if (has_one_that_fits(selection, one)) found.entries.push_back(std::move(one));
        return found;
    }
    TRY(const auto counted, snapshot->get(keys::ordered));
    const auto prefix = prefix_for(selection);
    if (!prefix || counted != all_is_counted) return find_by_walking(*snapshot, selection, page);
    return find_by_index(*snapshot, selection, page, *prefix);
}

}  // namespace hongyan::queue
