#include "net/caching_resolver.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace hongyan::net {

namespace {

// What an answer takes beside its texts, roughly.
constexpr std::uint64_t overhead = 300;

// Of what is kept, whatever its TTL says; a mistake of days is then over.
constexpr std::chrono::seconds longest_life = std::chrono::hours(24);

std::uint64_t size_of(const dns::Question& question, const dns::RawAnswer& answer) {
    const auto add = [](std::uint64_t sum, const std::string& record) {
        return sum + record.size() + sizeof record;
    };
    return std::accumulate(answer.records.begin(), answer.records.end(),
                           overhead + 2 * question.name.text().size() + answer.canonical.text().size(), add);
}

}  // namespace

std::size_t CachingResolver::Hash::operator()(const dns::Question& question) const {
    constexpr std::size_t spread = 0x9e37'79b9;  // so that types of one name lie apart
    return std::hash<dns::Name>{}(question.name) ^ (static_cast<std::size_t>(question.type) * spread);
}

CachingResolver::Shard& CachingResolver::shard_of(const dns::Question& question) {
    constexpr unsigned other_bits = 40;  // than the tables use
    return shards_[(Hash{}(question) >> other_bits) % shards];
}

Task<dns::RawAnswer> CachingResolver::ask(dns::Question question, Deadline deadline) {
    if (auto answer = known(question)) co_return *std::move(answer);
    auto answer = co_await next_.ask(question, deadline);
    if (!answer.is_trouble() && answer.ttl.count() > 0) keep(question, answer);
    co_return answer;
}

std::optional<dns::RawAnswer> CachingResolver::known(const dns::Question& question) {
    const auto now = now_();
    auto& shard = shard_of(question);
    const std::lock_guard lock(shard.mutex);
    auto found = shard.newer.answers.find(question);
    if (found == shard.newer.answers.end()) {
        const auto old = shard.older.answers.find(question);
        if (old == shard.older.answers.end()) return std::nullopt;
        auto kept = std::move(old->second);
        shard.older.bytes -= size_of(question, kept.answer);
        shard.older.answers.erase(old);
        put(shard, question, std::move(kept));
        found = shard.newer.answers.find(question);
    }
    const auto left = std::chrono::floor<std::chrono::seconds>(found->second.expires - now);
    if (left.count() <= 0) return std::nullopt;  // the new answer takes its place
    auto answer = found->second.answer;
    answer.ttl = left;
    return answer;
}

void CachingResolver::keep(const dns::Question& question, const dns::RawAnswer& answer) {
    if (size_of(question, answer) > bytes_of_a_half_) return;
    auto& shard = shard_of(question);
    Kept kept{.answer = answer, .expires = now_() + std::min(answer.ttl, longest_life)};
    const std::lock_guard lock(shard.mutex);
    put(shard, question, std::move(kept));
}

// The lock is held.
void CachingResolver::put(Shard& shard, const dns::Question& question, Kept kept) const {
    const auto size = size_of(question, kept.answer);
    if (const auto before = shard.newer.answers.find(question); before != shard.newer.answers.end()) {
        shard.newer.bytes -= size_of(question, before->second.answer);
        shard.newer.answers.erase(before);
    }
    if (shard.newer.bytes + size > bytes_of_a_half_) shard.older = std::exchange(shard.newer, {});
    shard.newer.bytes += size;
    shard.newer.answers.insert_or_assign(question, std::move(kept));
}

std::uint64_t CachingResolver::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum += shard.newer.bytes + shard.older.bytes;
    }
    return sum;
}

}  // namespace hongyan::net
