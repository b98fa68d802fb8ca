// An engine of which one read fails, or breaks: for tests that try every one of them.
#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/memory_engine.h"
#include "support/passing_engine.h"

namespace hongyan {

class FailingReads final : public PassingEngine {
public:
    enum class How { error, exception };

    explicit FailingReads(std::unique_ptr<engine::Engine> inner = engine::make_memory_engine())
        : PassingEngine(*inner), inner_(std::move(inner)) {}

    // The next read but so many, once.
    void fail_after(std::size_t reads, How how) {
        left_ = reads;
        how_ = how;
        is_armed_ = true;
    }
    // False: it has failed already.
    bool disarm() { return std::exchange(is_armed_, false); }

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        return std::make_unique<Looking>(*this, PassingEngine::snapshot(scope));
    }
    Result<std::string> read_blob_after(std::string_view before, const engine::BlobId& id) const override {
        TRY(const_cast<FailingReads*>(this)->read());
        return PassingEngine::read_blob_after(before, id);
    }

private:
    Result<void> read() {
        if (!is_armed_ || left_-- > 0) return {};
        is_armed_ = false;
        if (how_ == How::exception) throw std::runtime_error("a read breaks");
        return fail(Error::Kind::io, "the disk is broken");
    }

    class Walking final : public engine::Cursor {
    public:
        Walking(std::unique_ptr<engine::Cursor> to, Result<void> status)
            : to_(std::move(to)), status_(std::move(status)) {}
        bool valid() const override { return status_ && to_->valid(); }
        std::string_view key() const override { return to_->key(); }
        std::string_view value() const override { return to_->value(); }
        void next() override { to_->next(); }
        void seek(std::string_view key) override { to_->seek(key); }
        Result<void> status() const override { return status_ ? to_->status() : status_; }

    private:
        std::unique_ptr<engine::Cursor> to_;
        Result<void> status_;
    };

    class Looking final : public engine::Snapshot {
    public:
        Looking(FailingReads& engine, std::unique_ptr<engine::Snapshot> to)
            : engine_(engine), to_(std::move(to)) {}
        Result<std::optional<std::string>> get(std::string_view key) const override {
            TRY(engine_.read());
            return to_->get(key);
        }
        Result<std::vector<std::optional<std::string>>> get_many(
            std::span<const std::string> keys) const override {
            TRY(engine_.read());
            return to_->get_many(keys);
        }
        std::unique_ptr<engine::Cursor> scan(const engine::Range& range) const override {
            auto outcome = engine_.read();
            return std::make_unique<Walking>(to_->scan(range), std::move(outcome));
        }

    private:
        FailingReads& engine_;
        std::unique_ptr<engine::Snapshot> to_;
    };

    std::unique_ptr<engine::Engine> inner_;
    std::size_t left_ = 0;
    How how_ = How::error;
    bool is_armed_ = false;
};

}  // namespace hongyan
