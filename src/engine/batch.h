// One commit: the transactions that were waiting, run one after another, written together.
#pragma once

#include "engine/backend.h"
#include "engine/draft.h"

namespace hongyan::engine {

// Lives on the committer's thread from the first transaction to the commit.
class Batch {
public:
    explicit Batch(Backend& backend) : backend_(backend), draft_(backend.latest()) {}

    // Runs the parts on what those before them have written. Nothing is durable before commit().
    std::vector<Result<void>> run(const std::vector<Part>& parts, Together together);

    // So large that what still waits had better wait for the next one.
    bool is_full() const;

    // Writes everything, durably. After an error nothing of the batch is there (see Backend::write).
    Result<void> commit();

private:
    Result<void> settle_blobs();
    Result<void> settle(const BlobId& id, const BlobState& state);
    Result<void> place(const BlobId& id, const BlobState& state);
    Result<void> discard(const BlobId& id, const BlobRecord& stored);
    Result<PackRecord*> pack(PackNumber number);

    Backend& backend_;
    Draft draft_;
    std::map<PackNumber, PackRecord> packs_;  // those that change
};

}  // namespace hongyan::engine
