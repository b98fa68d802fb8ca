#include "engine/scoped.h"

#include "engine/keys.h"

namespace hongyan::engine {

namespace {

class ScopedCursor final : public Cursor {
public:
    ScopedCursor(std::unique_ptr<Cursor> below, std::string prefix)
        : below_(std::move(below)), prefix_(std::move(prefix)) {}

    bool valid() const override { return below_->valid(); }
    std::string_view key() const override { return below_->key().substr(prefix_.size()); }
    std::string_view value() const override { return below_->value(); }
    void next() override { below_->next(); }
    void seek(std::string_view key) override { below_->seek(prefix_ + std::string(key)); }
    Result<void> status() const override { return below_->status(); }

private:
    std::unique_ptr<Cursor> below_;
    std::string prefix_;
};

class ScopedSnapshot final : public Snapshot {
public:
    ScopedSnapshot(std::unique_ptr<Snapshot> everything, const Scope& scope,
                   std::optional<std::uint64_t> version)
        : everything_(std::move(everything)), reader_(*everything_, scope), version_(version) {}

    Result<std::optional<std::string>> get(std::string_view key) const override { return reader_.get(key); }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        return reader_.get_many(keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override { return reader_.scan(range); }
    std::optional<std::uint64_t> version() const override { return version_; }

private:
    std::unique_ptr<Snapshot> everything_;
    ScopedReader reader_;
    std::optional<std::uint64_t> version_;
};

}  // namespace

Result<std::optional<std::string>> ScopedReader::get(std::string_view key) const {
    return below_.get(whole(key));
}

Result<std::vector<std::optional<std::string>>> ScopedReader::get_many(
    std::span<const std::string> keys) const {
    std::vector<std::string> wholes;
    wholes.reserve(keys.size());
    for (const auto& key : keys) wholes.push_back(whole(key));
    return below_.get_many(wholes);
}

std::unique_ptr<Cursor> ScopedReader::scan(const Range& range) const {
    const Range wide{whole(range.first), range.end.empty() ? end_of_prefix(prefix_) : whole(range.end),
                     range.direction};
    return std::make_unique<ScopedCursor>(below_.scan(wide), prefix_);
}

std::unique_ptr<Snapshot> scoped(std::unique_ptr<Snapshot> everything, const Scope& scope,
                                 std::optional<std::uint64_t> version) {
    return std::make_unique<ScopedSnapshot>(std::move(everything), scope, version);
}

}  // namespace hongyan::engine
