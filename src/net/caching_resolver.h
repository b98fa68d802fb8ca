// Answers that are known already.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "net/resolver.h"

namespace hongyan::net {

// Stands before a resolver that takes a thread's turn for each answer, as libunbound does with those in its
// own cache too. What there is and what there is not are kept as long as their TTL lasts (RFC 2181 §8, RFC
// 2308 §5), with the TTL that is left; failures are not. Bounded by bytes: what was not asked for the longest
// goes first, by halves. Any thread.
class CachingResolver final : public Resolver {
public:
    using Time = std::chrono::steady_clock::time_point;
    // `next` outlives this.
    CachingResolver(Resolver& next, std::uint64_t bytes,
                    std::function<Time()> now = &std::chrono::steady_clock::now)
        : next_(next), bytes_of_a_half_(bytes / shards / 2), now_(std::move(now)) {}

    Task<dns::RawAnswer> ask(dns::Question question, Deadline deadline) override;
    std::optional<dns::RawAnswer> known(const dns::Question& question) override;
    // How much is kept, as it is counted.
    std::uint64_t bytes() const;

private:
    static constexpr std::size_t shards = 16;  // so that loops seldom wait for each other
    struct Hash {
        std::size_t operator()(const dns::Question& question) const;
    };
    struct Kept {
        dns::RawAnswer answer;
        Time expires;
    };
    struct Half {
        std::unordered_map<dns::Question, Kept, Hash> answers = {};
        std::uint64_t bytes = 0;
    };
    // An answer moves to the newer half when it is asked for again; when that is full, the older one is
    // forgotten.
    struct Shard {
        mutable std::mutex mutex;  // guards what follows
        Half newer, older;
    };

    Shard& shard_of(const dns::Question& question);
    void keep(const dns::Question& question, const dns::RawAnswer& answer);
    void put(Shard& shard, const dns::Question& question, Kept kept) const;

    Resolver& next_;
    const std::uint64_t bytes_of_a_half_;
    const std::function<Time()> now_;
    std::array<Shard, shards> shards_;
};

}  // namespace hongyan::net
