// Gives the room of released blobs back: what still lives in a pack that is mostly garbage moves to the pack
// that is being filled, in the ordinary course of commits, and the file goes when nothing lives in it.
#pragma once

#include "engine/blob_reader.h"
#include "engine/committer.h"

namespace hongyan::engine {

class Reclaimer {
public:
    // `is_stopped` is asked between portions.
    Reclaimer(const Storage& storage, Committer& committer, std::function<bool()> is_stopped = {})
        : storage_(storage),
          committer_(committer),
          reader_(storage.backend, storage.packs),
          is_stopped_(std::move(is_stopped)) {}

    // Once through all packs, or as far as it gets before it is stopped. One thread at a time. Damage in one
    // pack is reported when the others are done.
    Result<void> run();

private:
    Result<void> rewrite(PackNumber number, const PackRecord& record);
    bool is_stopped() const { return is_stopped_ && is_stopped_(); }
    Result<bool> lives_there(const IndexEntry& entry, PackNumber number) const;
    Result<void> move(std::vector<std::pair<IndexEntry, std::string>> portion, PackNumber number);

    Storage storage_;
    Committer& committer_;
    BlobReader reader_;
    std::function<bool()> is_stopped_;
};

// Garbage in a pack of which `length` bytes count.
std::uint64_t garbage_in(const PackRecord& record);

}  // namespace hongyan::engine
