// The engine of one machine: a committer above a backend and, where there are any, packs.
#pragma once

#include <chrono>

#include "engine/blob_reader.h"
#include "engine/committer.h"
#include "engine/reclaim.h"
#include "engine/room.h"

namespace hongyan::engine {

class LocalEngine final : public Engine {
public:
    // `packs` may be null: then the backend keeps all frames. Garbage is looked for every `reclaim_every`,
    // or when asked for only; `complain` hears why it could not be given back, on a thread of the engine.
    LocalEngine(std::unique_ptr<Backend> backend, std::unique_ptr<Packs> packs, std::size_t inline_limit,
                Room room, std::optional<std::chrono::milliseconds> reclaim_every,
                std::function<void(const Error&)> complain = {});
    // Finishes what was submitted.
    ~LocalEngine() override;
    LocalEngine(const LocalEngine&) = delete;
    LocalEngine& operator=(const LocalEngine&) = delete;

    std::unique_ptr<Snapshot> snapshot(const Scope& scope) override;
    void submit(std::vector<Part> parts, Together together,
                std::function<void(std::vector<Result<void>>)> done) override;
    Result<std::string> read_blob_after(std::string_view before, const BlobId& id) const override;
    Result<void> room_for(std::uint64_t bytes) const override { return room_.check(bytes); }
    Statistics statistics() const override;
    Result<CheckReport> check(const CheckRequest& request) override;
    Result<void> reclaim() override;

private:
    void reclaim_from_time_to_time(std::chrono::milliseconds period);

    std::unique_ptr<Backend> backend_;
    std::unique_ptr<Packs> packs_;
    Room room_;
    Storage storage_;
    BlobReader reader_;
    Committer committer_;

    std::function<void(const Error&)> complain_;
    std::mutex reclaiming_;  // one at a time
    std::mutex mutex_;       // for:
    bool closing_ = false;
    std::condition_variable changed_;
    std::thread housekeeper_;  // last: it uses all above
};

}  // namespace hongyan::engine
