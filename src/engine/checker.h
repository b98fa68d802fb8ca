// Walks everything the engine keeps about blobs and compares it with what is there (check.h).
#pragma once

#include "engine/blob_reader.h"
#include "engine/check.h"
#include "engine/committer.h"

namespace hongyan::engine {

// For one run.
class Checker {
public:
    Checker(const Storage& storage, Committer& committer, const CheckRequest& request)
        : storage_(storage),
          committer_(committer),
          request_(request),
          reader_(storage.backend, storage.packs) {}

    Result<CheckReport> run();

private:
    using Repairs = Writes;

    Result<void> check_blobs();
    Result<void> check_blob(const BlobId& id, const BlobRecord& record);
    void check_references(const BlobId& id, BlobRecord record);
    Result<void> check_inline_frames();
    Result<void> check_packs();
    void check_files(const PackRecords& known);
    void check_missing();
    void count(const BlobRecord& record);

    // Something is wrong; with `value` (nothing: by its absence) at `key` it would be right.
    void find(std::string what);
    void find(std::string what, std::string key, std::optional<std::string> value);
    Result<void> carry_out(Repairs repairs);

    Storage storage_;
    Committer& committer_;
    const CheckRequest& request_;
    BlobReader reader_;

    CheckReport report_;
    References not_seen_;  // those the caller counted that have not been met yet
    std::map<PackNumber, PackRecord> counted_;
    Repairs repairs_;
};

}  // namespace hongyan::engine
