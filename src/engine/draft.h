// What one or more transactions want to change, before it is certain that they may.
#pragma once

#include "engine/ledger.h"
#include "engine/overlay.h"
#include "engine/scoped.h"

namespace hongyan::engine {

// Belongs to the committer's thread, as all below it.
struct Draft {
    explicit Draft(const Reader& stored) : writes(stored), blobs(stored) {}
    // Over the draft of the batch.
    explicit Draft(const Draft* below)
        : writes(static_cast<const Reader&>(below->writes)), blobs(&below->blobs) {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    void absorb(Draft&& above);

    Overlay writes;
    Ledger blobs;
    std::size_t size = 0;        // bytes of keys and values
    std::size_t blob_bytes = 0;  // of the frames brought along
};

// Runs `work` on the draft as a transaction of `scope`. After an error the draft is to be thrown away.
Result<void> run_work(const Work& work, const Scope& scope, Draft& draft);

}  // namespace hongyan::engine
