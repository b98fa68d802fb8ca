#include "reports/archive.h"

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/record.h"
#include "crypto/digest.h"
#include "reports/destinations.h"
#include "reports/giving_way.h"
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

// All of it is what the report says of itself, and anybody can say the same: the owner of the domain from
// which it came may be in it, too.
std::string id_of(const Outline& outline, std::optional<std::string_view> owner = {}) {
    std::string name;
    for (const auto text : {to_string(outline.kind), std::string_view(outline.organization),
                            std::string_view(outline.id), std::string_view(outline.domain)})
        bytes::put_text(name, text);
    if (owner) bytes::put_text(name, *owner);
    return to_hex(crypto::digest(crypto::Hash::sha256, name).substr(0, id_octets));
}

std::string outline_key(std::string_view id) { return std::string(keys::outlines).append(id); }
std::string piece_keys(std::string_view id) { return std::string(keys::pieces).append(id); }
std::string piece_key(std::string_view id, std::uint16_t number) {
    auto key = piece_keys(id);
    bytes::put_big_endian(key, number);
    return key;
}

Result<std::uint64_t> how_many(const engine::Reader& reader) {
    TRY(const auto octets, reader.get(keys::kept));
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

struct MakingRoom {
    const Filing& filing;
    std::uint64_t most;
    const std::optional<GivingWay>& giving_way;  // nothing: nobody has looked
};

// Those of them that are still what they were when they were looked for.
Result<std::vector<std::string>> still_there(const Transaction& transaction, const GivingWay& found) {
    std::vector<std::string> ids;
    for (const auto& each : found) {
        TRY(const auto now, transaction.get(outline_key(each.kept.id)));
        if (now == each.record) ids.push_back(each.kept.id);
    }
    return ids;
}

// False: somebody is to look for those who give way, perhaps again.
Result<bool> make_room(Transaction& transaction, const MakingRoom& room, Keeping& keeping) {
    if (!room.giving_way) return false;
    const auto& newer = room.filing.kept.arrival;
    if (room.giving_way->empty()) {
        keeping.filed = Filed::no_room;
        TRY(add_loss(transaction, {Loss::refused, 1, newer.when}));
        return true;
    }
    TRY(const auto ids, still_there(transaction, *room.giving_way));
    if (ids.empty()) return false;
    for (const auto& each : *room.giving_way)
        if (std::ranges::find(ids, each.kept.id) != ids.end()) keeping.displaced.push_back(each.kept);
    TRY(add_loss(transaction, {Loss::displaced, ids.size(), newer.when}));
    TRY(remove(transaction, ids));
    return true;
}

// What is damaged is nobody's report, and is put aside.
Result<std::optional<Kept>> take_up(Transaction& transaction, const std::string& id, Instant now) {
    TRY(const auto record, transaction.get(outline_key(id)));
    if (!record) return std::nullopt;
    auto kept = kept_from_record(*record);
    if (kept) return *std::move(kept);
    TRY(add_loss(transaction, {Loss::damaged, 1, now}));
    TRY(remove(transaction, {id}));
    return std::nullopt;
}

// Under which id it is kept; nothing: it is there already, as well vouched for. Nobody keeps a report of
// another away, or drives it out, by guessing its id: each owner has a place of his own beside the first. In
// it who is vouched for takes the place of who is not, and only says to be of there.
Result<std::optional<std::string>> place_for(Transaction& transaction, const Kept& newer) {
    const auto when = newer.arrival.when;
    const auto owner = owner_of(newer.arrival.author);
    const auto own_id = id_of(newer.outline, owner);
    TRY(const auto there, take_up(transaction, newer.id, when));
    TRY(const auto beside, take_up(transaction, own_id, when));
    const bool is_first = there && owner_of(there->arrival.author) == owner;
    if (!beside && !is_first) return there ? own_id : newer.id;
    const auto& [same, place] = beside ? std::tie(*beside, own_id) : std::tie(*there, newer.id);
    if (same.arrival.vouched || !newer.arrival.vouched) return std::nullopt;
    TRY(remove(transaction, {place}));
    return place;
}

void put(Transaction& transaction, const std::string& id, const Filing& filing) {
    transaction.put(outline_key(id), to_record(filing.kept));
    std::uint16_t number = 0;
    for (std::string_view rest = filing.packed; !rest.empty(); ++number) {
        const auto piece = rest.substr(0, piece_size);
        transaction.put(piece_key(id, number), piece);
        rest.remove_prefix(piece.size());
    }
}

// Nothing: somebody is to look for those who give way, perhaps again.
Result<std::optional<Keeping>> put_into(Transaction& transaction, const MakingRoom& room) {
    TRY(const auto id, place_for(transaction, room.filing.kept));
    if (!id) return Keeping{.filed = Filed::known};
    TRY(auto count, how_many(transaction));
    Keeping keeping;
    if (count >= room.most) {
        TRY(const auto has_looked, make_room(transaction, room, keeping));
        if (!has_looked) return std::nullopt;
        if (keeping.filed == Filed::no_room) return keeping;
        TRY(count, how_many(transaction));
    }
    put_how_many(transaction, count + 1);
    keeping.id = *id;
    put(transaction, *id, room.filing);
    return keeping;
}

// All are looked at for it: so not for every new one, where there are many, and never within a transaction,
// for which everybody's commits wait.
Result<GivingWay> look_for_room(engine::Engine& engine, const Arrival& newer, std::uint64_t most) {
    constexpr std::uint64_t part_of_all = 400;
    return who_gives_way(*engine.snapshot(Scope::global()), newer,
                         std::max<std::uint64_t>(most / part_of_all, 1));
}

// Another one may have the id by now.
Result<std::vector<std::string>> still_old(const Transaction& transaction, std::span<const std::string> ids,
                                           Instant before) {
    std::vector<std::string> old;
    for (const auto& id : ids) {
        TRY(const auto record, transaction.get(outline_key(id)));
        if (!record) continue;
        const auto kept = kept_from_record(*record);
        if (kept && kept->arrival.when < before) old.push_back(id);
    }
    return old;
}

}  // namespace

Result<Filing> file_report(std::string_view octets, Arrival arrival) {
    TRY(const auto text, unpack(octets));
    TRY(const auto report, read_report(text));
    Filing filing{.kept = {.id = {}, .outline = outline_of(report), .arrival = std::move(arrival)},
                  .packed = tls_policy::gzip(text)};
    if (kind_of(report) == Kind::tls) {
        const auto is_signed = filing.kept.arrival.is_signed;
        if (is_signed == false)
            return fail(Error::Kind::denied,
                        "a report of TLS counts only if its author's domain has signed it (RFC 8460 §3)");
        filing.kept.arrival.vouched = is_signed.value_or(false);
    }
    filing.kept.id = id_of(filing.kept.outline);
    filing.kept.size = text.size();
    if (filing.packed.size() > largest_kept)
        return fail(Error::Kind::too_large, "compressed the report has more than {} bytes", largest_kept);
    return filing;
}

Result<Keeping> keep(engine::Engine& engine, const Filing& filing, std::uint64_t most) {
    constexpr int most_tries = 5;  // others may keep reports, too
    std::optional<GivingWay> giving_way;
    for (int tries = 0; tries < most_tries; ++tries) {
        std::optional<Keeping> keeping;
        TRY(engine.transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
            TRY(keeping, put_into(transaction, {filing, most, giving_way}));
            return {};
        }));
        if (keeping) return *std::move(keeping);
        TRY(giving_way, look_for_room(engine, filing.kept.arrival, most));
    }
    return fail(Error::Kind::conflict, "others took the room for the report again and again");
}

Result<engine::Part> part_to_keep(engine::Engine& engine, Filing filing, std::uint64_t most) {
    TRY(const auto count, how_many(*engine.snapshot(Scope::global())));
    std::optional<GivingWay> giving_way;
    if (count >= most) {
        TRY(giving_way, look_for_room(engine, filing.kept.arrival, most));
    }
    return engine::Part{
        Scope::global(),
        [filing = std::move(filing), most, giving_way](Transaction& transaction) -> Result<void> {
            TRY(const auto keeping, put_into(transaction, {filing, most, giving_way}));
            if (keeping) return {};
            return add_loss(transaction, {Loss::refused, 1, filing.kept.arrival.when});
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
        const auto some = std::span(ids).subspan(first, std::min(forgotten_at_once, ids.size() - first));
        std::uint64_t removed = 0;
        TRY(engine.transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
            TRY(const auto old, still_old(transaction, some, before));
            TRY(removed, remove(transaction, old));
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
