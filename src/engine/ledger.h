// Who refers to which blob, while a batch is being made. Nothing is written here: a batch settles its ledger
// when all its transactions have run.
#pragma once

#include <map>

#include "engine/records.h"

namespace hongyan::engine {

struct BlobState {
    std::optional<BlobRecord> stored;  // as it is before the batch
    std::uint64_t references = 0;      // as it will be after it
    SharedBlob fresh;                  // its bytes, where a transaction of this batch brought them
};

// Belongs to the committer's thread.
class Ledger {
public:
    // The ledger of a batch, over what is stored.
    explicit Ledger(const Reader& stored) : stored_(&stored) {}
    // The ledger of a transaction, over that of its batch.
    explicit Ledger(const Ledger* below) : below_(below) {}
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    Result<void> keep(const SharedBlob& blob);
    // not_found if nobody refers to the blob.
    Result<void> keep(const BlobId& id);
    Result<void> release(const BlobId& id);

    void absorb(Ledger&& above);
    const std::map<BlobId, BlobState>& changed() const { return changed_; }

private:
    Result<BlobState> find(const BlobId& id) const;
    Result<BlobState*> to_change(const BlobId& id);

    const Reader* stored_ = nullptr;
    const Ledger* below_ = nullptr;
    std::map<BlobId, BlobState> changed_;
};

// The record of a blob, if it is kept at all.
Result<std::optional<BlobRecord>> find_blob(const Reader& stored, const BlobId& id);

}  // namespace hongyan::engine
