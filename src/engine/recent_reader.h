// What the committer has read lately, kept for the next batch: the records of an account and its mailboxes
// are read and written again with each message that comes.
#pragma once

#include <map>
#include <string>

#include "engine/backend.h"

namespace hongyan::engine {

// Belongs to the committer's thread, which alone writes: so what is remembered is what is stored, as long as
// each write is told. Only what is there is remembered; keys that were not found seldom come again.
class RecentReader final : public Reader {
public:
    static constexpr std::size_t usual_limit = std::size_t{4} << 20U;

    // Keeps about `limit` bytes of what was used last. Must not outlive `stored`.
    explicit RecentReader(const Reader& stored, std::size_t limit = usual_limit)
        : stored_(&stored), limit_(limit) {}

    Result<std::optional<std::string>> get(std::string_view key) const override;
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        return stored_->get_many(keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override { return stored_->scan(range); }

    // These are stored now.
    void wrote(const Writes& writes);
    // After a write that failed, nobody knows what is stored.
    void forget();

private:
    using Values = std::map<std::string, std::string, std::less<>>;

    // Nothing if the key is in neither half.
    std::string* find(std::string_view key) const;
    void keep(std::string_view key, std::string_view value) const;

    const Reader* stored_;
    std::size_t limit_;
    // The younger half becomes the older one when it is full, and what was the older one is thrown away.
    mutable Values young_, old_;
    mutable std::size_t young_bytes_ = 0;
};

}  // namespace hongyan::engine
