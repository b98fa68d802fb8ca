#include "engine/local_engine.h"

#include "base/guarded.h"
#include "engine/checker.h"

namespace hongyan::engine {

LocalEngine::LocalEngine(std::unique_ptr<Backend> backend, std::unique_ptr<Packs> packs,
                         std::size_t inline_limit, Room room,
                         std::optional<std::chrono::milliseconds> reclaim_every,
                         std::function<void(const Error&)> complain)
    : backend_(std::move(backend)),
      packs_(std::move(packs)),
      room_(std::move(room)),
      storage_{*backend_, packs_.get(), inline_limit, room_},
      reader_(*backend_, packs_.get()),
      committer_(storage_),
      complain_(std::move(complain)) {
    if (reclaim_every)
        housekeeper_ = std::thread([this, period = *reclaim_every] { reclaim_from_time_to_time(period); });
}

LocalEngine::~LocalEngine() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    if (housekeeper_.joinable()) housekeeper_.join();
}

// What goes wrong is no danger to anybody's mail: the garbage stays until next time.
void LocalEngine::reclaim_from_time_to_time(std::chrono::milliseconds period) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, period, [this] { return closing_; })) {
        lock.unlock();
        const auto done = guarded([this] { return reclaim(); });
        if (!done && complain_) complain_(done.error());
        lock.lock();
    }
}

std::unique_ptr<Snapshot> LocalEngine::snapshot(const Scope& scope) {
    const auto& versions = committer_.versions();
    const auto before = versions.count(scope);
    auto everything = backend_->snapshot();
    const bool is_known = ScopeVersions::is_known(before) && versions.count(scope) == before;
    return scoped(std::move(everything), scope, is_known ? std::optional(before) : std::nullopt);
}

void LocalEngine::submit(std::vector<Part> parts, Together together,
                         std::function<void(std::vector<Result<void>>)> done) {
    committer_.submit(std::move(parts), together, std::move(done));
}

Result<std::string> LocalEngine::read_blob_after(std::string_view before, const BlobId& id) const {
    return reader_.read(id, before);
}

Statistics LocalEngine::statistics() const {
    Statistics statistics;
    statistics.transactions = committer_.transactions();
    statistics.batches = committer_.batches();
    statistics.disk_bytes = backend_->disk_bytes();
    const auto cursor = backend_->latest().scan(Range::starting_with(pack_prefix));
    for (; cursor->valid(); cursor->next()) {
        const auto record = PackRecord::decode(cursor->value());
        if (!record) continue;
        statistics.blobs += record->live_blobs;
        statistics.blob_bytes += record->live_bytes;
        statistics.garbage_bytes += garbage_in(*record);
    }
    if (packs_ == nullptr) return statistics;
    if (const auto files = packs_->sizes()) {
        statistics.disk_bytes += files->first;
        statistics.pack_files = files->second;
    }
    return statistics;
}

Result<CheckReport> LocalEngine::check(const CheckRequest& request) {
    return Checker(storage_, committer_, request).run();
}

Result<void> LocalEngine::reclaim() {
    const std::lock_guard lock(reclaiming_);
    const auto is_closing = [this] {
        const std::lock_guard closing(mutex_);
        return closing_;
    };
    return Reclaimer(storage_, committer_, is_closing).run();
}

}  // namespace hongyan::engine
