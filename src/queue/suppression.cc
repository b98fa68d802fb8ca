#include "queue/suppression.h"

#include "base/ascii.h"
#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

using engine::Scope;

namespace tag {
enum : FieldTag { since = 1, reason = 2, by_bounce = 3 };
}

constexpr std::size_t longest = 320;  // bytes: RFC 5321 §4.5.3.1, local part and domain

void take_field(Suppression& suppression, RecordReader& in, bool& /*damaged*/) {
    if (in.tag() == tag::since) suppression.since = to_instant(in.number());
    if (in.tag() == tag::reason) suppression.reason = in.text();
    if (in.tag() == tag::by_bounce) suppression.by_bounce = in.number() != 0;
}

}  // namespace

std::string suppression_prefix(std::string_view account) {
    auto key = std::string(keys::suppressed) + ascii::to_lower(account.substr(0, longest));
    key += '\0';
    return key;
}
std::string suppression_key(std::string_view account, std::string_view address) {
    return suppression_prefix(account) + ascii::to_lower(address.substr(0, longest));
}

std::string encode(const Suppression& suppression) {
    return RecordWriter(record_version)
        .number(tag::since, to_number(suppression.since))
        .text_unless_empty(tag::reason, kept_of_reply(suppression.reason))
        .number_unless_zero(tag::by_bounce, suppression.by_bounce ? 1 : 0)
        .take();
}

Result<Suppression> decode_suppression(std::string_view key, std::string_view value) {
    const auto end = key.find('\0');
    if (!key.starts_with(keys::suppressed) || end == key.npos) return corrupt("key");
    TRY(auto suppression, decode_record<Suppression>(value, "suppression",
                                                     [](Suppression& out, RecordReader& in, bool& damaged) {
                                                         take_field(out, in, damaged);
                                                     }));
    suppression.address = key.substr(end + 1);
    return suppression;
}

Result<void> Queue::suppress(std::string_view account, std::string_view address, std::string_view reason) {
    if (account.empty() || address.empty() || address.size() > longest || !address.contains('@'))
        return fail(Error::Kind::invalid, "\"{}\" is no address", address);
    return transact([&](Book& book) -> Result<void> {
        book.transaction().put(suppression_key(account, address),
                               encode(Suppression{.since = book.now(), .reason = std::string(reason)}));
        return {};
    });
}

Result<void> Queue::unsuppress(std::string_view account, std::string_view address) {
    return transact([&](Book& book) -> Result<void> {
        const auto key = suppression_key(account, address);
        TRY(const auto present, book.transaction().get(key));
        if (!present) return fail(Error::Kind::not_found, "{} does not suppress {}", account, address);
        book.transaction().erase(key);
        return {};
    });
}

Result<std::optional<Suppression>> Queue::suppression(std::string_view account,
                                                      std::string_view address) const {
    const auto key = suppression_key(account, address);
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(const auto record, snapshot->get(key));
    if (!record) return std::nullopt;
    return decode_suppression(key, *record);
}

Result<std::vector<Suppression>> Queue::suppressions(std::string_view account, std::string_view after,
                                                     std::size_t limit) const {
    std::vector<Suppression> all;
    auto range = engine::Range::starting_with(suppression_prefix(account));
    if (!after.empty()) range.first = suppression_key(account, after) + '\0';
    const auto snapshot = engine_.snapshot(Scope::global());
    const auto cursor = snapshot->scan(range);
    for (; cursor->valid() && all.size() < limit; cursor->next()) {
        TRY(all.emplace_back(), decode_suppression(cursor->key(), cursor->value()));
    }
    TRY(cursor->status());
    return all;
}

}  // namespace hongyan::queue
