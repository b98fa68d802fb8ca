#include "engine/table_files.h"

#include <rocksdb/file_system.h>

#include "engine/disk.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus not_in_memory() {
    (void)WithoutWaiting::miss();
    return IOStatus::Busy("not in memory");
}

IOStatus status_of(const Error& error) {
    if (error.kind == Error::Kind::not_found) return IOStatus::PathNotFound(error.message);
    return IOStatus::IOError(error.message);
}

class TableFile final : public rocksdb::FSRandomAccessFile {
public:
    explicit TableFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

    IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, Slice* result, char* scratch,
                  IODebugContext*) const override {
        *result = {};
        const auto count = file_->read(offset, std::span(scratch, size));
        if (!count && WithoutWaiting::is_asked_for()) return not_in_memory();
        if (!count) return status_of(count.error());
        *result = Slice(scratch, *count);
        return IOStatus::OK();
    }
    // Who reads on has the system read ahead.
    IOStatus Prefetch(std::uint64_t, std::size_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();
    }

private:
    std::unique_ptr<File> file_;
};

class Files : public rocksdb::FileSystemWrapper {
public:
    using FileSystemWrapper::FileSystemWrapper;

    FileOptions OptimizeForLogWrite(const FileOptions& options,
                                    const rocksdb::DBOptions& all) const override {
        auto log = FileSystemWrapper::OptimizeForLogWrite(options, all);
        log.fallocate_with_keep_size = false;
        return log;
    }
};

class SystemFiles final : public Files {
public:
    SystemFiles() : Files(rocksdb::FileSystem::Default()) {}
    const char* Name() const override { return "hongyan.files"; }

    // To open a file is to wait for the disk, too.
    IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* opened,
                                 IODebugContext*) override {
        if (WithoutWaiting::is_asked_for()) return not_in_memory();
        auto file = system_disk().open(path, Disk::Opening::existing);
        if (!file) return status_of(file.error());
        *opened = std::make_unique<TableFile>(*std::move(file));
        return IOStatus::OK();
    }
};

// What a test has in place of a disk.
class FarFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
public:
    using FSRandomAccessFileOwnerWrapper::FSRandomAccessFileOwnerWrapper;

    IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, Slice* result,
                  char* scratch, IODebugContext* debug) const override {
        if (WithoutWaiting::is_asked_for()) return not_in_memory();
        return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, debug);
    }
    IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                       IODebugContext* debug) override {
        return FSRandomAccessFile::MultiRead(requests, count, options, debug);
    }
    IOStatus Prefetch(std::uint64_t, std::size_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();
    }
};

class FarFiles final : public Files {
public:
    using Files::Files;
    const char* Name() const override { return "hongyan.far-files"; }

    IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* opened,
                                 IODebugContext* debug) override {
        if (WithoutWaiting::is_asked_for()) return not_in_memory();
        std::unique_ptr<rocksdb::FSRandomAccessFile> file;
        auto status = target()->NewRandomAccessFile(path, options, &file, debug);
        if (status.ok()) *opened = std::make_unique<FarFile>(std::move(file));
        return status;
    }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_env(rocksdb::Env* simulated) {
    if (simulated == nullptr) return rocksdb::NewCompositeEnv(std::make_shared<SystemFiles>());
    return rocksdb::NewCompositeEnv(std::make_shared<FarFiles>(simulated->GetFileSystem()));
}

}  // namespace hongyan::engine
