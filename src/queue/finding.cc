#include "queue/finding.h"

#include "base/ascii.h"
#include "base/bytes.h"
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

// Keys of one entry lie behind each other.
Result<Found> find_by_index(const engine::Reader& reader, const Selection& selection, const Queue::Page& page,
                            const std::string& prefix) {
    auto range = Range::starting_with(prefix);
    if (page.after != EntryId{}) {
        range.first = prefix;
        bytes::put_big_endian(range.first, page.after.next().value());
    }
    Found found;
    EntryId last = page.after;
    std::size_t keys = 0, entries = 0;
    const auto cursor = reader.scan(range);
    for (; cursor->valid(); cursor->next()) {
        TRY(const auto id, id_behind(prefix, cursor->key()));
        const bool is_full =
            found.entries.size() == page.limit || ++keys > most_keys || entries == most_entries;
        if (is_full && id != last) {
            found.next = last;
            return found;
        }
        const auto address = cursor->value();
        const bool is_wanted =
            selection.recipient.empty() || address.empty() || ascii::iequals(address, selection.recipient);
        const bool is_known = !found.entries.empty() && found.entries.back().id == id;
        last = id;
        if (!is_wanted || is_known) continue;
        ++entries;
        auto entry = read_entry(reader, id);
        // An older program, which knew of no index, has removed it.
        if (!entry && entry.error().kind == Error::Kind::not_found) continue;
        if (!entry) return std::unexpected(std::move(entry).error());
        if (has_one_that_fits(selection, *entry)) found.entries.push_back(*std::move(entry));
    }
    TRY(cursor->status());
    return found;
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
