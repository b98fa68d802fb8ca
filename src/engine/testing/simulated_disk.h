// A disk in memory that can lose its power, fail or fill up at any operation, under packs and RocksDB alike.
// It keeps what a careful reading of POSIX promises and nothing else: bytes once their file was synced, names
// once their folder was synced. What was not synced may be there after the power returns, in part.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "engine/disk.h"

namespace rocksdb {
class Env;
}

namespace hongyan::engine {

enum class Operation { write, sync, name };  // name: create, rename, remove, sync of a folder

// What shall go wrong. Operations are counted from 1, from when the plan was made.
struct FaultPlan {
    std::uint64_t first = 0;  // the operation at which it begins; 0: never
    std::uint64_t count = 1;  // how many operations go wrong
    enum class Fault { power_lost, disk_full, io_error } fault = Fault::power_lost;
    std::set<Operation> operations = {Operation::write, Operation::sync, Operation::name};
};

// May be used from any thread.
class SimulatedDisk final : public Disk {
public:
    explicit SimulatedDisk(std::uint64_t seed);
    ~SimulatedDisk() override;

    void plan(const FaultPlan& plan);
    // How many operations of the plan's kinds there were since it was made.
    std::uint64_t operations() const;
    // From now on nothing succeeds and nothing changes.
    void lose_power();
    // What was synced is there again. Nothing that was open before may be used any more.
    void restore_power();

    // The same files for RocksDB.
    rocksdb::Env* env() { return env_.get(); }

    Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Opening opening) override;
    Result<void> make_folder(const std::filesystem::path& folder) override;
    Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
    Result<void> remove(const std::filesystem::path& path) override;
    Result<void> sync_folder(const std::filesystem::path& folder) override;
    Result<std::uint64_t> free_space(const std::filesystem::path& folder) override;
    // What free_space() says from now on; it does not follow from what is written.
    void set_free_space(std::uint64_t bytes);
    Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to);

    struct Inode {
        std::string bytes;   // as programs see them
        std::string synced;  // as they were at the last sync
    };
    using SharedInode = std::shared_ptr<Inode>;

    // For the files themselves, and for RocksDB's view of them.
    SharedInode find(const std::string& path) const;
    Result<SharedInode> create(const std::string& path);
    Result<std::string> read(const Inode& inode, std::uint64_t offset, std::size_t length) const;
    Result<void> write(Inode& inode, std::uint64_t offset, std::string_view bytes);
    Result<void> sync(Inode& inode);
    Result<void> truncate(Inode& inode, std::uint64_t size);
    std::uint64_t size(const Inode& inode) const;
    bool is_folder(const std::string& path) const;
    bool lock(const std::string& path);
    void unlock(const std::string& path);

private:
    // Names given (null: taken away) by one operation, together or not at all.
    using NameChange = std::map<std::string, SharedInode>;

    Result<void> attempt(Operation operation);
    void change(const NameChange& change);
    void keep_some_of(Inode& inode);

    mutable std::mutex mutex_;
    std::mt19937_64 random_;
    FaultPlan plan_;
    std::uint64_t operations_ = 0;
    bool has_power_ = true;
    std::uint64_t free_space_ = std::uint64_t{1} << 40U;
    std::map<std::string, SharedInode> names_;
    std::map<std::string, SharedInode> synced_names_;
    std::vector<NameChange> not_synced_;  // in the order in which they happened
    std::set<std::string> folders_;
    std::set<std::string> locks_;
    std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace hongyan::engine
