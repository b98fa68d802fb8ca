#include "reports/archive.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/record.h"
#include "crypto/digest.h"
#include "reports/keys.h"
#include "reports/losses.h"
#include "reports/unpack.h"
#include "tls_policy/tls_report.h"

namespace hongyan::reports {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::uint32_t record_version = 1;
constexpr std::size_t id_octets = 6;
constexpr std::size_t piece_size = 60'000;  // bytes; engine::max_value_size
constexpr std::size_t forgotten_at_once = 50;

enum Tag : FieldTag {
    tag_kind = 1,
    tag_organization,
    tag_report_id,
    tag_domain,
    tag_begin,
    tag_end,
    tag_good,
    tag_bad,
    tag_when,
    tag_author,
    tag_vouched,
    tag_size,
};

std::string id_of(const Outline& outline) {
    std::string name;
    for (const auto text : {to_string(outline.kind), std::string_view(outline.organization),
                            std::string_view(outline.id), std::string_view(outline.domain)})
        bytes::put_text(name, text);
    return to_hex(crypto::digest(crypto::Hash::sha256, name).substr(0, id_octets));
}

std::string outline_key(std::string_view id) { return std::string(keys::outlines).append(id); }
std::string piece_keys(std::string_view id) { return std::string(keys::pieces).append(id); }
std::string piece_key(std::string_view id, std::uint16_t number) {
    auto key = piece_keys(id);
    bytes::put_big_endian(key, number);
    return key;
}

Result<std::uint64_t> how_many(const Transaction& transaction) {
    TRY(const auto octets, transaction.get(keys::kept));
    std::string_view in = octets ? std::string_view(*octets) : std::string_view();
    return bytes::take_varint(in).value_or(0);
}

void put_how_many(Transaction& transaction, std::uint64_t count) {
    std::string octets;
    bytes::put_varint(octets, count);
    transaction.put(keys::kept, octets);
}

// How many of these there were.
Result<std::uint64_t> remove(Transaction& transaction, const std::vector<std::string>& ids) {
    std::uint64_t removed = 0;
    for (const auto& id : ids) {
        TRY(const auto known, transaction.get(outline_key(id)));
        if (!known) continue;
        ++removed;
        transaction.erase(outline_key(id));
        std::vector<std::string> pieces;
        const auto at = transaction.scan(engine::Range::starting_with(piece_keys(id)));
        for (; at->valid(); at->next()) pieces.emplace_back(at->key());
        TRY(at->status());
        for (const auto& piece : pieces) transaction.erase(piece);
    }
    TRY(const auto count, how_many(transaction));
    put_how_many(transaction, count - std::min(count, removed));
    return removed;
}

std::vector<Kept> oldest_of(std::vector<Kept> all, std::size_t most) {
    std::ranges::sort(all, {}, [](const Kept& kept) { return std::tie(kept.arrival.when, kept.id); });
    if (all.size() > most) all.resize(most);
    return all;
}

// Of the author from whom most has come, half of it at most; of several such authors his who waits longest.
std::vector<Kept> oldest_of_the_busiest(std::vector<Kept> all, std::size_t most) {
    std::map<std::string, std::size_t> counts;
    for (const auto& kept : all) ++counts[kept.arrival.author];
    const auto highest = std::ranges::max(counts | std::views::values);
    const auto count = all.size();
    const auto by_age = oldest_of(std::move(all), count);
    const auto busiest = std::ranges::find(
        by_age, highest, [&counts](const Kept& kept) { return counts.at(kept.arrival.author); });
    std::vector<Kept> his;
    std::ranges::copy_if(by_age, std::back_inserter(his), [&busiest](const Kept& kept) {
        return kept.arrival.author == busiest->arrival.author;
    });
    return oldest_of(std::move(his), std::min(most, (highest + 1) / 2));
}

// Who gives way to a new one, `most` of them at most; empty: nobody.
Result<std::vector<Kept>> who_gives_way(const Transaction& transaction, const Arrival& newer,
                                        std::size_t most) {
    std::vector<Kept> vouched, unvouched;
    TRY(each_kept(transaction, [&](const Kept& kept) {
        (kept.arrival.vouched ? vouched : unvouched).push_back(kept);
        return true;
    }));
    if (!unvouched.empty()) return oldest_of(std::move(unvouched), most);
    if (!newer.vouched || vouched.empty()) return std::vector<Kept>();
    return oldest_of_the_busiest(std::move(vouched), most);
}

Result<std::vector<Kept>> make_room(Transaction& transaction, const Arrival& newer, std::uint64_t most) {
    // All are looked at for it: so not for every new one, where there are many.
    constexpr std::uint64_t part_of_all = 400;
    TRY(auto displaced, who_gives_way(transaction, newer, std::max<std::uint64_t>(most / part_of_all, 1)));
    const auto what = displaced.empty() ? Loss::refused : Loss::displaced;
    TRY(add_loss(transaction, {what, std::max<std::uint64_t>(displaced.size(), 1), newer.when}));
    std::vector<std::string> ids;
    for (const auto& kept : displaced) ids.push_back(kept.id);
    if (!ids.empty()) TRY(remove(transaction, ids));
    return displaced;
}

Result<Keeping> put_into(Transaction& transaction, const Filing& filing, std::uint64_t most) {
    const auto key = outline_key(filing.kept.id);
    TRY(const auto before, transaction.get(key));
    if (before) {
        TRY(const auto there, kept_from_record(*before));
        // Nobody keeps a report away by guessing its id.
        if (there.arrival.vouched || !filing.kept.arrival.vouched) return Keeping{.filed = Filed::known};
        TRY(remove(transaction, {filing.kept.id}));
    }
    TRY(auto count, how_many(transaction));
    Keeping keeping;
    if (count >= most) {
        TRY(keeping.displaced, make_room(transaction, filing.kept.arrival, most));
        if (keeping.displaced.empty()) return Keeping{.filed = Filed::no_room};
        TRY(count, how_many(transaction));
    }
    put_how_many(transaction, count + 1);
    transaction.put(key, to_record(filing.kept));
    std::uint16_t number = 0;
    for (std::string_view rest = filing.packed; !rest.empty(); ++number) {
        const auto piece = rest.substr(0, piece_size);
        transaction.put(piece_key(filing.kept.id, number), piece);
        rest.remove_prefix(piece.size());
    }
    return keeping;
}

}  // namespace

Result<Filing> file_report(std::string_view octets, Arrival arrival) {
    TRY(const auto text, unpack(octets));
    TRY(const auto report, read_report(text));
    Filing filing{.kept = {.id = {}, .outline = outline_of(report), .arrival = std::move(arrival)},
                  .packed = tls_policy::gzip(text)};
    filing.kept.id = id_of(filing.kept.outline);
    filing.kept.size = text.size();
    if (filing.packed.size() > largest_kept)
        return fail(Error::Kind::too_large, "compressed the report has more than {} bytes", largest_kept);
    return filing;
}

Result<Keeping> keep(engine::Engine& engine, const Filing& filing, std::uint64_t most) {
    Keeping keeping;
    TRY(engine.transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
        TRY(keeping, put_into(transaction, filing, most));
        return {};
    }));
    return keeping;
}

engine::Part part_to_keep(Filing filing, std::uint64_t most) {
    return {Scope::global(), [filing = std::move(filing), most](Transaction& transaction) -> Result<void> {
                TRY(put_into(transaction, filing, most));
                return {};
            }};
}

Result<void> each_kept(const engine::Reader& reader, const std::function<bool(const Kept&)>& visit) {
    const auto at = reader.scan(engine::Range::starting_with(keys::outlines));
    for (; at->valid(); at->next()) {
        auto kept = kept_from_record(at->value());
        if (!kept) continue;
        kept->id = at->key().substr(keys::outlines.size());
        if (!visit(*kept)) return {};
    }
    return at->status();
}

Result<Report> read_kept(const engine::Reader& reader, std::string_view id) {
    std::string packed;
    const auto at = reader.scan(engine::Range::starting_with(piece_keys(id)));
    for (; at->valid(); at->next())
        if (at->key().size() == piece_keys(id).size() + sizeof(std::uint16_t)) packed += at->value();
    TRY(at->status());
    if (packed.empty()) return fail(Error::Kind::not_found, "there is no report {}", id);
    return read_report(packed);
}

Result<std::uint64_t> forget_kept(engine::Engine& engine, Instant before) {
    std::vector<std::string> ids;
    TRY(each_kept(*engine.snapshot(Scope::global()), [&](const Kept& kept) {
        if (kept.arrival.when < before) ids.push_back(kept.id);
        return true;
    }));
    std::uint64_t all = 0;
    for (std::size_t first = 0; first < ids.size(); first += forgotten_at_once) {
        const auto end = std::min(first + forgotten_at_once, ids.size());
        const std::vector<std::string> some(ids.begin() + static_cast<std::ptrdiff_t>(first),
                                            ids.begin() + static_cast<std::ptrdiff_t>(end));
        std::uint64_t removed = 0;
        TRY(engine.transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
            TRY(removed, remove(transaction, some));
            return {};
        }));
        all += removed;
    }
    return all;
}

std::string to_record(const Kept& kept) {
    const auto& [kind, organization, id, domain, begin, end, good, bad] = kept.outline;
    return RecordWriter(record_version)
        .number_unless_zero(tag_kind, static_cast<std::uint64_t>(kind))
        .text(tag_organization, organization)
        .text(tag_report_id, id)
        .text(tag_domain, domain)
        .number_unless_zero(tag_begin, begin)
        .number_unless_zero(tag_end, end)
        .number_unless_zero(tag_good, good)
        .number_unless_zero(tag_bad, bad)
        .number(tag_when, static_cast<std::uint64_t>(kept.arrival.when.time_since_epoch().count()))
        .text_unless_empty(tag_author, kept.arrival.author)
        .number_unless_zero(tag_vouched, kept.arrival.vouched ? 1 : 0)
        .number(tag_size, kept.size)
        .take();
}

Result<Kept> kept_from_record(std::string_view record) {
    Kept kept;
    auto& outline = kept.outline;
    std::uint64_t kind = 0;
    RecordReader in(record);
    while (in.next()) switch (in.tag()) {
            case tag_kind:
                kind = in.number();
                break;
            case tag_organization:
                outline.organization = in.text();
                break;
            case tag_report_id:
                outline.id = in.text();
                break;
            case tag_domain:
                outline.domain = in.text();
                break;
            case tag_begin:
                outline.begin = in.number();
                break;
            case tag_end:
                outline.end = in.number();
                break;
            case tag_good:
                outline.good = in.number();
                break;
            case tag_bad:
                outline.bad = in.number();
                break;
            case tag_when:
                kept.arrival.when = Instant(std::chrono::milliseconds(in.number()));
                break;
            case tag_author:
                kept.arrival.author = in.text();
                break;
            case tag_vouched:
                kept.arrival.vouched = in.number() != 0;
                break;
            case tag_size:
                kept.size = in.number();
                break;
            default:
                break;
        }
    if (in.failed() || kind > static_cast<std::uint64_t>(Kind::tls))
        return fail(Error::Kind::corrupt, "the record of a report is damaged");
    outline.kind = static_cast<Kind>(kind);
    return kept;
}

}  // namespace hongyan::reports
