#include "engine/testing/simulated_file_system.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace hongyan::engine {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus status_of(const Error& error) {
    switch (error.kind) {
        case Error::Kind::no_space:
            return IOStatus::NoSpace(error.message);
        case Error::Kind::not_found:
            return IOStatus::NotFound(error.message);
        default:
            return IOStatus::IOError(error.message);
    }
}

// RocksDB is generous with slashes.
std::string plain(const std::string& path) {
    auto normal = std::filesystem::path(path).lexically_normal().string();
    if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
    return normal;
}

template <typename T>
IOStatus status_of(const Result<T>& result) {
    return result ? IOStatus::OK() : status_of(result.error());
}

class Reading {
public:
    Reading(SimulatedDisk& disk, SimulatedDisk::SharedInode inode) : disk_(disk), inode_(std::move(inode)) {}

    IOStatus read(std::uint64_t offset, std::size_t length, Slice* result, char* scratch) const {
        const auto bytes = disk_.read(*inode_, offset, length);
        if (!bytes) return status_of(bytes);
        std::memcpy(scratch, bytes->data(), bytes->size());
        *result = Slice(scratch, bytes->size());
        return IOStatus::OK();
    }

private:
    SimulatedDisk& disk_;
    SimulatedDisk::SharedInode inode_;
};

class SequentialFile final : public rocksdb::FSSequentialFile {
public:
    explicit SequentialFile(Reading reading) : reading_(std::move(reading)) {}

    IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
        auto status = reading_.read(position_, n, result, scratch);
        if (status.ok()) position_ += result->size();
        return status;
    }
    IOStatus Skip(std::uint64_t n) override {
        position_ += n;
        return IOStatus::OK();
    }

private:
    Reading reading_;
    std::uint64_t position_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
public:
    explicit RandomAccessFile(Reading reading) : reading_(std::move(reading)) {}

    IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, Slice* result, char* scratch,
                  IODebugContext*) const override {
        return reading_.read(offset, n, result, scratch);
    }

private:
    Reading reading_;
};

// A file that shall have its full length from the beginning has a part of that: zeros where nothing has been
// written yet, until it is closed.
class WritableFile final : public rocksdb::FSWritableFile {
public:
    WritableFile(SimulatedDisk& disk, SimulatedDisk::SharedInode inode, bool has_full_length)
        : disk_(disk), inode_(std::move(inode)), has_full_length_(has_full_length) {}

    using FSWritableFile::Append;
    IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
        auto status = status_of(disk_.write(*inode_, written_, {data.data(), data.size()}));
        if (status.ok()) written_ += data.size();
        return status;
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
        written_ = size;
        return status_of(disk_.truncate(*inode_, size));
    }
    IOStatus Close(const IOOptions&, IODebugContext*) override {
        return has_full_length_ ? status_of(disk_.truncate(*inode_, written_)) : IOStatus::OK();
    }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return status_of(disk_.sync(*inode_)); }
    IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();
    }
    IOStatus Allocate(std::uint64_t offset, std::uint64_t length, const IOOptions&,
                      IODebugContext*) override {
        constexpr std::uint64_t most = 2'000;
        if (!has_full_length_ || offset + length <= disk_.size(*inode_)) return IOStatus::OK();
        const auto end = std::min(offset + length, written_ + most);
        if (end <= disk_.size(*inode_)) return IOStatus::OK();
        return status_of(
            disk_.write(*inode_, disk_.size(*inode_), std::string(end - disk_.size(*inode_), '\0')));
    }
    std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return written_; }

private:
    SimulatedDisk& disk_;
    SimulatedDisk::SharedInode inode_;
    bool has_full_length_;
    std::uint64_t written_ = 0;
};

class Directory final : public rocksdb::FSDirectory {
public:
    Directory(SimulatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return status_of(disk_.sync_folder(path_)); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

private:
    SimulatedDisk& disk_;
    std::string path_;
};

class Lock final : public rocksdb::FileLock {
public:
    explicit Lock(std::string path) : path_(std::move(path)) {}
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

class SilentLogger final : public rocksdb::Logger {
public:
    using Logger::Logv;
    void Logv(const char*, va_list) override {}
    std::size_t GetLogFileSize() const override { return 0; }
};

class SimulatedFileSystem final : public rocksdb::FileSystem {
public:
    explicit SimulatedFileSystem(SimulatedDisk& disk) : disk_(disk) {}

    const char* Name() const override { return "SimulatedFileSystem"; }

    IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) override {
        return open<SequentialFile>(path, result);
    }
    IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                 IODebugContext*) override {
        return open<RandomAccessFile>(path, result);
    }
    IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
        auto inode = disk_.create(plain(path));
        if (inode) *result = std::make_unique<WritableFile>(disk_, *inode, !options.fallocate_with_keep_size);
        return status_of(inode);
    }
    IOStatus NewDirectory(const std::string& path, const IOOptions&,
                          std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
        *result = std::make_unique<Directory>(disk_, plain(path));
        return IOStatus::OK();
    }
    IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
        return disk_.find(plain(path)) || disk_.is_folder(plain(path)) ? IOStatus::OK()
                                                                       : IOStatus::NotFound(path);
    }
    IOStatus GetChildren(const std::string& folder, const IOOptions&, std::vector<std::string>* result,
                         IODebugContext*) override {
        auto found = disk_.list(plain(folder));
        if (found) *result = *std::move(found);
        return status_of(found);
    }
    IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
        return status_of(disk_.remove(plain(path)));
    }
    IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
        return status_of(disk_.make_folder(plain(path)));
    }
    IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
        return status_of(disk_.make_folder(plain(path)));
    }
    IOStatus DeleteDir(const std::string&, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();
    }
    IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size,
                         IODebugContext*) override {
        const auto inode = disk_.find(plain(path));
        if (!inode) return IOStatus::NotFound(path);
        *size = disk_.size(*inode);
        return IOStatus::OK();
    }
    IOStatus GetFileModificationTime(const std::string&, const IOOptions&, std::uint64_t* time,
                                     IODebugContext*) override {
        *time = 0;
        return IOStatus::OK();
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                        IODebugContext*) override {
        return status_of(disk_.rename(plain(from), plain(to)));
    }
    IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                      IODebugContext*) override {
        if (!disk_.lock(plain(path))) return IOStatus::IOError("lock hold by current process", path);
        *lock = new Lock(plain(path));  // RocksDB owns it until UnlockFile
        return IOStatus::OK();
    }
    IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
        const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
        disk_.unlock(owned->path());
        return IOStatus::OK();
    }
    IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
        *path = "/simulated";
        return IOStatus::OK();
    }
    IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                       IODebugContext*) override {
        *result = std::make_shared<SilentLogger>();
        return IOStatus::OK();
    }
    IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                             IODebugContext*) override {
        *result = path;
        return IOStatus::OK();
    }
    IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* result, IODebugContext*) override {
        *result = disk_.is_folder(plain(path));
        return IOStatus::OK();
    }

private:
    template <typename Wanted, typename Base>
    IOStatus open(const std::string& path, std::unique_ptr<Base>* result) {
        auto inode = disk_.find(plain(path));
        if (!inode) return IOStatus::NotFound(path);
        *result = std::make_unique<Wanted>(Reading(disk_, std::move(inode)));
        return IOStatus::OK();
    }

    SimulatedDisk& disk_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> simulated_env(SimulatedDisk& disk) {
    return rocksdb::NewCompositeEnv(std::make_shared<SimulatedFileSystem>(disk));
}

}  // namespace hongyan::engine
