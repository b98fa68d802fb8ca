#include "reputation/tally.h"

#include <cmath>

#include "crypto/digest.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag { name = 2, at = 3, level = 4 };
}

constexpr double parts = 1'000;  // of one, as levels lie on disk
constexpr double most = 1e9;     // of a level, so that what is damaged stays a number

std::string prefix_of(char kind) { return {'r', 'm', kind}; }

}  // namespace

std::string encode(const Tally::Kept& kept) {
    return RecordWriter(record_version)
        .number(expires_tag, to_number(kept.empty_at))
        .text(tag::name, kept.name)
        .number(tag::at, to_number(kept.at))
        .number(tag::level, static_cast<std::uint64_t>(std::llround(std::min(kept.level, most) * parts)))
        .take();
}

Result<Tally::Kept> decode_tally(std::string_view record) {
    Tally::Kept kept;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == expires_tag) kept.empty_at = to_instant(in.number());
        if (in.tag() == tag::name) kept.name = in.text();
        if (in.tag() == tag::at) kept.at = to_instant(in.number());
        if (in.tag() == tag::level) kept.level = std::min(static_cast<double>(in.number()) / parts, most);
    }
    if (in.failed()) return corrupt("a count");
    return kept;
}

Tally::Tally(Notebook& notebook, char kind) : notebook_(notebook), kind_(kind) {
    const auto now = notebook.clock().now();
    (void)notebook.walk(prefix_of(kind), [&](std::string_view /*key*/, std::string_view value) {
        const auto kept = decode_tally(value);
        if (kept && now < kept->empty_at) meter_.restore(kept->name, kept->level, kept->at, kept->empty_at);
        return true;
    });
}

std::string Tally::key_of(std::string_view name) const {
    constexpr std::size_t octets = 2;
    return prefix_of(kind_) + crypto::digest(crypto::Hash::sha256, name).substr(0, octets);
}

double Tally::add(std::string_view name, double amount, const Rate& rate, Instant now) {
    const auto level = meter_.add(name, amount, rate, now);
    if (rate.most <= 0) return level;
    const std::chrono::milliseconds lasts(
        static_cast<std::int64_t>(level / rate.most * static_cast<double>(rate.time.count())));
    notebook_.put(key_of(name),
                  encode({.name = std::string(name), .level = level, .at = now, .empty_at = now + lasts}));
    return level;
}

void Tally::forget(std::string_view name) {
    meter_.forget(name);
    notebook_.note([key = key_of(name), name = std::string(name)](engine::Transaction& transaction) {
        const auto record = transaction.get(key);
        if (!record || !*record) return;
        if (const auto kept = decode_tally(**record); !kept || kept->name == name) transaction.erase(key);
    });
}

}  // namespace hongyan::reputation
