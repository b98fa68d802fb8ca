// Writes that are not there yet, laid over what is: readers see both as one.
#pragma once

#include "engine/backend.h"

namespace hongyan::engine {

// Belongs to the committer's thread. Cursors go on working while there are further writes; whether they show
// keys written ahead of them later is what one would expect: they do.
class Overlay final : public Reader {
public:
    // `below` must outlive this, and not change while there are cursors.
    explicit Overlay(const Reader& below) : below_(below) {}
    Overlay(const Overlay&) = delete;  // one laid over another is Overlay(static_cast<const Reader&>(other))
    Overlay& operator=(const Overlay&) = delete;

    void put(std::string key, std::string_view value) { set(std::move(key), std::string(value)); }
    void erase(std::string key) { set(std::move(key), std::nullopt); }
    // Takes all that is written above into itself.
    void absorb(Overlay&& above);

    const Writes& writes() const { return writes_; }

    Result<std::optional<std::string>> get(std::string_view key) const override;
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override;
    std::unique_ptr<Cursor> scan(const Range& range) const override;

private:
    // Work on many messages writes in the order of the keys: then there is nothing to look for.
    void set(std::string key, std::optional<std::string> value) {
        const bool comes_last = writes_.empty() || writes_.rbegin()->first < key;
        const auto place = comes_last ? writes_.end() : writes_.lower_bound(key);
        writes_.insert_or_assign(place, std::move(key), std::move(value));
    }

    const Reader& below_;
    Writes writes_;
};

}  // namespace hongyan::engine
