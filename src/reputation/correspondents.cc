#include "reputation/correspondents.h"

#include "base/ascii.h"
#include "crypto/digest.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag { digests = 2 };
}

constexpr std::size_t digest_octets = 5;
constexpr std::chrono::milliseconds remembered = std::chrono::hours(24 * 365);

std::string digest_of(std::string_view address) {
    return crypto::digest(crypto::Hash::sha256, ascii::to_lower(address)).substr(0, digest_octets + 1);
}

// The first octet of a digest chooses the shelf, the others are put there.
std::string key_of(std::string_view account, std::string_view digest) {
    auto key = "rc" + ascii::to_lower(account);
    key += '\0';
    return key + static_cast<char>('a' + static_cast<unsigned char>(digest.front()) % 16);
}

std::size_t find(std::string_view shelf, std::string_view digest) {
    for (std::size_t at = 0; at + digest_octets <= shelf.size(); at += digest_octets)
        if (shelf.substr(at, digest_octets) == digest) return at;
    return shelf.npos;
}

void put_first(std::string& shelf, std::string_view digest) {
    if (const auto at = find(shelf, digest); at != shelf.npos) shelf.erase(at, digest_octets);
    shelf.insert(0, digest);
    if (shelf.size() > correspondents_of_a_shelf * digest_octets)
        shelf.resize(correspondents_of_a_shelf * digest_octets);
}

}  // namespace

std::string encode_shelf(std::string_view digests, Instant expires) {
    return RecordWriter(record_version)
        .number(expires_tag, to_number(expires))
        .text(tag::digests, digests)
        .take();
}

Result<std::string> decode_shelf(std::string_view record) {
    std::string digests;
    RecordReader in(record);
    while (in.next())
        if (in.tag() == tag::digests) digests = in.text();
    if (in.failed() || digests.size() % digest_octets != 0) return corrupt("correspondents");
    return digests;
}

bool Correspondents::knows(std::string_view account, std::string_view address) const {
    const auto digest = digest_of(address);
    const auto record = notebook_.read(key_of(account, digest));
    if (!record || !*record) return false;
    const auto shelf = decode_shelf(**record);
    return shelf && find(*shelf, std::string_view(digest).substr(1)) != shelf->npos;
}

void Correspondents::remember(std::string_view account, std::span<const std::string> addresses) {
    const auto expires = notebook_.clock().now() + remembered;
    for (const auto& address : addresses) {
        const auto digest = digest_of(address);
        notebook_.note([key = key_of(account, digest), digest, expires](engine::Transaction& transaction) {
            const auto record = transaction.get(key);
            if (!record) return;
            auto shelf = *record ? decode_shelf(**record).value_or(std::string()) : std::string();
            put_first(shelf, std::string_view(digest).substr(1));
            transaction.put(key, encode_shelf(shelf, expires));
        });
    }
}

}  // namespace hongyan::reputation
