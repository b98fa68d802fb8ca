// The files that hold the blobs: each is only ever appended to, and then sealed. Which of their bytes count
// is said by the records in the key-value store: what lies beyond a pack's high-water mark was never
// promised.
#pragma once

#include <map>
#include <mutex>

#include "engine/disk.h"
#include "engine/pack_format.h"
#include "engine/records.h"

namespace hongyan::engine {

using PackRecords = std::map<PackNumber, PackRecord>;

// The pack records that are kept; without pack 0, which is not a file.
Result<PackRecords> load_pack_records(const Reader& stored);

// Reading may be done from any thread; all else belongs to the committer's.
class Packs {
public:
    Packs(Disk& disk, std::filesystem::path folder, std::uint64_t pack_size)
        : disk_(disk), folder_(std::move(folder)), pack_size_(pack_size) {}

    // Begins, or begins again after a failure, from what the records say: takes up the pack that was being
    // filled at its high-water mark, and removes files that no record speaks of.
    Result<void> load(const PackRecords& known);

    // Seals the pack that is being filled if it is full, and says which; the caller records it.
    Result<std::optional<PackNumber>> seal_if_full();
    // Where a frame will lie once sync() has succeeded. Only held in memory until then.
    Result<Location> stage(const BlobId& id, bool compressed, std::string_view frame);
    // Writes what is staged, durably. After an error load() must be called before anything else.
    Result<void> sync();
    // The high-water mark of the pack that is being filled, what is staged included.
    std::uint64_t end() const { return written_ + staged_.size(); }

    // Removes a pack that no record speaks of any more.
    Result<void> remove(PackNumber number);

    // The frame of a blob, its checksum verified. corrupt names pack and offset.
    Result<std::string> read(const BlobId& id, const Location& location) const;
    // The same, in a buffer of the caller's that holds the whole record then: good for as long as it does.
    Result<std::string_view> read(const BlobId& id, const Location& location, std::string& buffer) const;
    // What is in a pack of which `length` bytes count: from its index, or from its records if it has none.
    Result<std::vector<IndexEntry>> entries(PackNumber number, std::uint64_t length) const;

    // Bytes of one file; not_found where there is none.
    Result<std::uint64_t> size(PackNumber number) const;
    // Bytes of all files, and how many there are.
    Result<std::pair<std::uint64_t, std::uint64_t>> sizes() const;

private:
    using SharedFile = std::shared_ptr<File>;

    std::filesystem::path path(PackNumber number) const;
    Result<std::map<PackNumber, std::string>> files() const;
    Result<void> resume(PackNumber number, const PackRecord& record);
    Result<void> begin();
    Result<SharedFile> file(PackNumber number) const;

    Disk& disk_;
    std::filesystem::path folder_;
    std::uint64_t pack_size_;

    // The pack that is being filled, if there is one.
    SharedFile current_;
    PackNumber current_number_;
    PackNumber next_number_{1};
    std::uint64_t written_ = 0;
    std::string staged_;

    mutable std::mutex mutex_;  // for:
    mutable std::map<PackNumber, SharedFile> open_;
};

}  // namespace hongyan::engine
