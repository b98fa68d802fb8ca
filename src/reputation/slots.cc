#include "reputation/slots.h"

#include <array>

#include "crypto/digest.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag { digest = 2, first = 3, last = 4, count = 5 };
}

constexpr std::size_t digest_octets = 12;

// A million of them: two whole octets and half of the third.
constexpr unsigned half_of_an_octet = 0xf0;

// Kept for the names that a thread has asked about last: whoever sends a message is asked about several
// times.
std::string digest_of(std::string_view name) {
    struct Known {
        std::string name, digest;
    };
    thread_local std::array<Known, 64> lately;
    auto& known = lately[std::hash<std::string_view>()(name) % lately.size()];
    if (known.digest.empty() || known.name != name)
        known = {std::string(name), crypto::digest(crypto::Hash::sha256, name).substr(0, digest_octets)};
    return known.digest;
}

}  // namespace

std::string Slots::key_of(std::string_view digest) const {
    std::string key{'r', 's', kind_};
    key += digest.substr(0, 2);
    return key + static_cast<char>(static_cast<unsigned char>(digest[2]) & half_of_an_octet);
}

std::string encode(const Slots::Mark& mark, std::string_view digest, Instant expires) {
    return RecordWriter(record_version)
        .number(expires_tag, to_number(expires))
        .text(tag::digest, digest)
        .number(tag::first, to_number(mark.first))
        .number(tag::last, to_number(mark.last))
        .number_unless_zero(tag::count, mark.count)
        .take();
}

Result<MarkedSlot> decode_slot(std::string_view record) {
    MarkedSlot slot;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == expires_tag) slot.expires = to_instant(in.number());
        if (in.tag() == tag::digest) slot.digest = in.text();
        if (in.tag() == tag::first) slot.mark.first = to_instant(in.number());
        if (in.tag() == tag::last) slot.mark.last = to_instant(in.number());
        if (in.tag() == tag::count) slot.mark.count = in.number();
    }
    if (in.failed()) return corrupt("a mark");
    return slot;
}

Result<std::optional<Slots::Mark>> Slots::find(std::string_view name) const {
    const auto digest = digest_of(name);
    TRY(const auto record, notebook_.read_lately(key_of(digest)));
    if (!record) return std::nullopt;
    const auto slot = decode_slot(*record);
    const bool is_ours = slot && slot->digest == digest && notebook_.clock().now() < slot->expires;
    return is_ours ? std::optional(slot->mark) : std::nullopt;
}

void Slots::put(std::string_view name, const Mark& mark, Instant expires) {
    const auto digest = digest_of(name);
    notebook_.put(key_of(digest), encode(mark, digest, expires));
}

// From now on find() finds nothing. Another thing's mark that comes into the place just now may go, too, as
// it does where a third one comes.
void Slots::erase(std::string_view name) {
    if (const auto mark = find(name); mark && *mark) notebook_.erase(key_of(digest_of(name)));
}

}  // namespace hongyan::reputation
