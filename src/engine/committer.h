// The one thread that writes (docs/decisions: one committer). It takes everything that waits, runs it in the
// order of submission, writes it with one pair of syncs, and only then tells those who wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/batch.h"
#include "engine/scope_versions.h"

namespace hongyan::engine {

// Work of the engine itself that must take its turn among the transactions: moving blobs, repairing counts.
using Chore = std::function<Result<void>(Batch&)>;

// submit() may be called from any thread.
class Committer {
public:
    using Done = std::function<void(std::vector<Result<void>>)>;

    explicit Committer(const Storage& storage)
        : storage_(storage), recent_(storage.backend.latest()), thread_([this] { run(); }) {}
    // Finishes what was submitted.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    void submit(std::vector<Part> parts, Together together, Done done);
    // Waits for the outcome.
    Result<void> run_chore(Chore chore);

    const ScopeVersions& versions() const { return versions_; }
    std::uint64_t transactions() const { return transactions_; }
    std::uint64_t batches() const { return batches_; }

private:
    struct Submission {
        std::vector<Part> parts;
        Together together = Together::each_by_itself;
        Chore chore;
        Done done;
        std::vector<Result<void>> outcomes;
    };

    bool accept(Submission& submission);
    void run();
    std::vector<Submission> wait_for_work();
    void give_back(std::vector<Submission>& left_over, std::size_t from);
    void run_batch(std::vector<Submission> waiting);
    Result<void> recover();
    Result<std::size_t> write_batch(std::vector<Submission>& waiting);

    Storage storage_;
    RecentReader recent_;  // the committer's thread only
    ScopeVersions versions_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Submission> queue_;
    bool closing_ = false;
    bool must_recover_ = false;  // the last write failed; the committer's thread only
    std::atomic<std::uint64_t> transactions_ = 0;
    std::atomic<std::uint64_t> batches_ = 0;
    std::thread thread_;  // last: it uses all above
};

}  // namespace hongyan::engine
