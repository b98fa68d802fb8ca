// An engine that lets others in where a caller believes itself alone: what happens between two of its steps
// is no matter of luck then.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/memory_engine.h"

namespace hongyan {

class InterruptedEngine final : public engine::Engine {
public:
    // Each is done once, on the caller's thread, and may use the engine itself.
    std::function<void()> before_next_read;   // of a blob
    std::function<void()> before_next_write;  // of anything
    // Before the snapshot of that number, counted from 1 on in `snapshots`.
    std::function<void()> before_snapshot;
    std::size_t before_snapshot_number = 0;

    // Nothing is written while it says so: the disk is full.
    std::function<bool()> is_full;

    // No blob can be read while it is so: the disk is damaged.
    bool is_damaged = false;

    std::size_t snapshots = 0;  // that have been taken

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        if (++snapshots == before_snapshot_number) interrupt(before_snapshot);
        return inner_->snapshot(scope);
    }
    void submit(std::vector<engine::Part> parts, engine::Together together,
                std::function<void(std::vector<Result<void>>)> done) override {
        interrupt(before_next_write);
        if (is_full && is_full()) {
            const Result<void> full = fail(Error::Kind::no_space, "the disk is full");
            return done(std::vector<Result<void>>(parts.size(), full));
        }
        inner_->submit(std::move(parts), together, std::move(done));
    }
    Result<std::string> read_blob_after(std::string_view before, const engine::BlobId& id) const override {
        interrupt(const_cast<InterruptedEngine*>(this)->before_next_read);
        if (is_damaged) return fail(Error::Kind::corrupt, "the disk is damaged");
        return inner_->read_blob_after(before, id);
    }
    Result<void> room_for(std::uint64_t bytes) const override { return inner_->room_for(bytes); }
    engine::Statistics statistics() const override { return inner_->statistics(); }
    Result<engine::CheckReport> check(const engine::CheckRequest& request) override {
        return inner_->check(request);
    }
    Result<void> reclaim() override { return inner_->reclaim(); }

private:
    static void interrupt(std::function<void()>& by) {
        if (by) std::exchange(by, nullptr)();
    }

    std::unique_ptr<engine::Engine> inner_ = engine::make_memory_engine();
};

}  // namespace hongyan
