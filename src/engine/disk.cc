#include "engine/disk.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(std::string_view doing, const fs::path& path) {
    const int number = errno;
    return std::unexpected(from_errno(number, fmt::format("cannot {} {}", doing, path.string())));
}

std::unexpected<Error> failed(std::string_view doing, const fs::path& path, std::error_code code) {
    return std::unexpected(from_errno(code.value(), fmt::format("cannot {} {}", doing, path.string())));
}

class SystemFile final : public File {
public:
    SystemFile(fs::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const override {
        const int patience = WithoutWaiting::is_asked_for() ? RWF_NOWAIT : 0;
        std::size_t done = 0;
        while (done < into.size()) {
            const iovec rest{.iov_base = into.data() + done, .iov_len = into.size() - done};
            const auto count =
                ::preadv2(file_.number(), &rest, 1, static_cast<off_t>(offset + done), patience);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && patience != 0 && (errno == EAGAIN || errno == EOPNOTSUPP))
                return WithoutWaiting::miss();
            if (count < 0) return failed("read", path_);
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Result<void> write(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto count =
                ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("write", path_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    Result<void> sync() override {
        if (::fdatasync(file_.number()) != 0) return failed("sync", path_);
        return {};
    }

    Result<void> truncate(std::uint64_t size) override {
        if (::ftruncate(file_.number(), static_cast<off_t>(size)) != 0) return failed("shorten", path_);
        return {};
    }

    // Where the file system cannot, or has no room, the writes themselves will tell.
    void allocate(std::uint64_t size) override {
        ::fallocate(file_.number(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size));
    }

    Result<std::uint64_t> size() const override {
        struct stat about{};
        if (::fstat(file_.number(), &about) != 0) return failed("look at", path_);
        return static_cast<std::uint64_t>(about.st_size);
    }

private:
    fs::path path_;
    Descriptor file_;
};

class SystemDisk final : public Disk {
public:
    Result<std::unique_ptr<File>> open(const fs::path& path, Opening opening) override {
        const int flags = O_RDWR | O_CLOEXEC | (opening == Opening::fresh ? O_CREAT | O_EXCL : 0);
        Descriptor file(::open(path.c_str(), flags, 0600));  // NOLINT(*-vararg)
        if (!file) return failed("open", path);
        return std::make_unique<SystemFile>(path, std::move(file));
    }

    Result<void> make_folder(const fs::path& folder) override {
        std::error_code code;
        fs::create_directories(folder, code);
        if (code) return failed("make the folder", folder, code);
        return {};
    }

    Result<std::vector<std::string>> list(const fs::path& folder) override {
        std::vector<std::string> names;
        std::error_code code;
        for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
            names.push_back(at->path().filename().string());
        if (code) return failed("list", folder, code);
        return names;
    }

    Result<void> remove(const fs::path& path) override {
        if (::unlink(path.c_str()) != 0) return failed("remove", path);
        return {};
    }

    Result<void> sync_folder(const fs::path& folder) override { return hongyan::sync_folder(folder); }

    Result<std::uint64_t> free_space(const fs::path& folder) override {
        std::error_code code;
        const auto space = fs::space(folder, code);
        if (code) return failed("ask for the free space of", folder, code);
        return space.available;
    }
};

}  // namespace

Result<std::string> File::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    TRY(const auto count, read(offset, std::span(bytes)));
    bytes.resize(count);
    return bytes;
}

Disk& system_disk() {
    static SystemDisk disk;
    return disk;
}

}  // namespace hongyan::engine
