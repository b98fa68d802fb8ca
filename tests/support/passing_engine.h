// An engine that passes everything on to another, for tests in which one of its answers is to be different.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/engine.h"

namespace hongyan {

// The other outlives it.
class PassingEngine : public engine::Engine {
public:
    explicit PassingEngine(engine::Engine& to) : to_(to) {}

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        return to_.snapshot(scope);
    }
    void submit(std::vector<engine::Part> parts, engine::Together together,
                std::function<void(std::vector<Result<void>>)> done) override {
        to_.submit(std::move(parts), together, std::move(done));
    }
    Result<std::string> read_blob_after(std::string_view before, const engine::BlobId& id) const override {
        return to_.read_blob_after(before, id);
    }
    Result<void> room_for(std::uint64_t bytes) const override { return to_.room_for(bytes); }
    engine::Statistics statistics() const override { return to_.statistics(); }
    Result<engine::CheckReport> check(const engine::CheckRequest& request) override {
        return to_.check(request);
    }
    Result<void> reclaim() override { return to_.reclaim(); }

private:
    engine::Engine& to_;
};

// What reads of it may be different; two of them never say that they see the same.
class PassingSnapshot : public engine::Snapshot {
public:
    explicit PassingSnapshot(std::unique_ptr<engine::Snapshot> to) : to_(std::move(to)) {}

    Result<std::optional<std::string>> get(std::string_view key) const override { return to_->get(key); }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        return to_->get_many(keys);
    }
    std::unique_ptr<engine::Cursor> scan(const engine::Range& range) const override {
        return to_->scan(range);
    }

private:
    std::unique_ptr<engine::Snapshot> to_;
};

// Passes everything on but one key, which nobody can read.
class UnreadableKey final : public PassingEngine {
public:
    UnreadableKey(engine::Engine& to, std::string_view key) : PassingEngine(to), key_(key) {}

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        return std::make_unique<Looking>(PassingEngine::snapshot(scope), key_);
    }

private:
    class Looking final : public PassingSnapshot {
    public:
        Looking(std::unique_ptr<engine::Snapshot> to, std::string_view key)
            : PassingSnapshot(std::move(to)), key_(key) {}
        Result<std::optional<std::string>> get(std::string_view key) const override {
            if (key == key_) return fail(Error::Kind::io, "the disk is broken");
            return PassingSnapshot::get(key);
        }

    private:
        std::string_view key_;
    };

    std::string key_;
};

}  // namespace hongyan
