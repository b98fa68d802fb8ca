// A scope seen through its prefix: keys go in and come out without it, and nothing outside can be reached.
#pragma once

#include "engine/engine.h"

namespace hongyan::engine {

// Must not outlive the reader below it.
class ScopedReader final : public Reader {
public:
    ScopedReader(const Reader& below, const Scope& scope) : below_(below), prefix_(scope.prefix()) {}

    Result<std::optional<std::string>> get(std::string_view key) const override;
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override;
    std::unique_ptr<Cursor> scan(const Range& range) const override;

    std::string whole(std::string_view key) const { return prefix_ + std::string(key); }

private:
    const Reader& below_;
    std::string prefix_;
};

// Owns a snapshot of everything and shows one scope of it, which is of that version.
std::unique_ptr<Snapshot> scoped(std::unique_ptr<Snapshot> everything, const Scope& scope,
                                 std::optional<std::uint64_t> version = std::nullopt);

}  // namespace hongyan::engine
