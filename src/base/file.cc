#include "base/file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hongyan {

void Descriptor::close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

namespace {

std::unexpected<Error> failed(const char* doing, const std::filesystem::path& path) {
    const int number = errno;
    return std::unexpected(from_errno(number, fmt::format("cannot {} {}", doing, path.string())));
}

Result<Descriptor> open_file(const std::filesystem::path& path, int flags, unsigned mode = 0) {
    Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, mode));  // NOLINT(*-vararg)
    if (!file) return failed("open", path);
    return file;
}

Result<void> write_all(const Descriptor& file, std::string_view content, const std::filesystem::path& path) {
    while (!content.empty()) {
        const auto count = ::write(file.number(), content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("write", path);
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> write_synced(const std::filesystem::path& path, std::string_view content, Mode mode) {
    TRY(const auto file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC, static_cast<unsigned>(mode)));
    if (::fchmod(file.number(), static_cast<unsigned>(mode)) != 0) return failed("set the mode of", path);
    TRY(write_all(file, content, path));
    if (::fsync(file.number()) != 0) return failed("sync", path);
    return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    TRY(const auto file, open_file(path, O_RDONLY));
    std::string content;
    for (;;) {
        constexpr std::size_t step = 64 * 1024;
        const auto before = content.size();
        content.resize(before + step);
        const auto count = ::read(file.number(), content.data() + before, step);
        if (count < 0 && errno != EINTR) return failed("read", path);
        content.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (content.size() > limit)
            return fail(Error::Kind::too_large, "{} is larger than {} bytes", path.string(), limit);
        if (count == 0) return content;
    }
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content, Mode mode) {
    auto beside = path;
    beside += fmt::format(".new-{}", ::getpid());
    auto written = write_synced(beside, content, mode);
    if (written && ::rename(beside.c_str(), path.c_str()) != 0) written = failed("rename to", path);
    if (!written) {
        ::unlink(beside.c_str());
        return written;
    }
    return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    TRY(const auto directory, open_file(folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(directory.number()) != 0) return failed("sync", folder);
    return {};
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    TRY(const auto file, open_file(path, O_RDONLY));
    struct stat about{};
    if (::fstat(file.number(), &about) != 0) return failed("look at", path);
    if (!S_ISREG(about.st_mode)) return fail(Error::Kind::invalid, "{} is not a file", path.string());
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size == 0) return MappedFile({});
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (start == MAP_FAILED) return failed("map", path);
    return MappedFile({static_cast<const char*>(start), size});
}

MappedFile::~MappedFile() {
    if (!data_.empty()) ::munmap(const_cast<char*>(data_.data()), data_.size());
}

}  // namespace hongyan
