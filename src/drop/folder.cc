#include "drop/folder.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"

namespace hongyan::drop {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view letter_prefix = "mail.";
constexpr std::string_view unfinished_prefix = "new.";
constexpr std::string_view bad_prefix = "bad.";
constexpr std::size_t name_bytes = 16;
constexpr std::size_t envelope_room = std::size_t{4} << 20U;  // bytes beside the message
constexpr std::chrono::hours unfinished_patience{24};

std::unexpected<Error> failed(std::string_view what, const fs::path& path) {
    return std::unexpected(from_errno(errno, fmt::format("cannot {} {}", what, path.string())));
}

Result<void> write_all(int file, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// Its new name is durable too. Who may not list the folder may not open it either, and syncs all of the disk.
Result<void> sync_name(const fs::path& folder, int file) {
    auto synced = sync_folder(folder);
    if (synced || synced.error().kind != Error::Kind::denied) return synced;
    if (::syncfs(file) != 0) return failed("sync", folder);
    return {};
}

Instant instant_of(const struct stat& status) {
    return Instant(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

Result<std::string> read_all(int file, std::size_t size, const fs::path& path) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::read(file, bytes.data() + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

struct Named {
    Instant left;
    std::string name;
    friend auto operator<=>(const Named&, const Named&) = default;
};

}  // namespace

Result<void> make_folder(const fs::path& folder, Doors doors) {
    const mode_t mode = doors == Doors::open_to_all ? 01733 : 0700;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder);
    struct stat status{};
    if (::lstat(folder.c_str(), &status) != 0) return failed("look at", folder);
    if (!S_ISDIR(status.st_mode)) return fail(Error::Kind::invalid, "{} is no folder", folder.string());
    const bool is_ours = status.st_uid == ::geteuid();
    if (is_ours && (status.st_mode & 07777U) != mode && ::chmod(folder.c_str(), mode) != 0)
        return failed("set the mode of", folder);
    return {};
}

Result<void> leave(const fs::path& folder, const Letter& letter, Random& random) {
    TRY(const auto bytes, encode(letter));
    const auto name = to_hex(random.bytes(name_bytes));
    const auto unfinished = folder / (std::string(unfinished_prefix) + name);
    const Descriptor file(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return failed("leave mail in", folder);
    auto written = write_all(file.number(), bytes, unfinished);
    if (written && (::fchmod(file.number(), 0644) != 0 || ::fsync(file.number()) != 0))
        written = failed("sync", unfinished);
    if (written && ::rename(unfinished.c_str(), (folder / (std::string(letter_prefix) + name)).c_str()) != 0)
        written = failed("rename", unfinished);
    if (!written) {
        ::unlink(unfinished.c_str());
        return written;
    }
    return sync_name(folder, file.number());
}

Result<std::vector<std::string>> waiting(const fs::path& folder, Instant now, std::size_t limit) {
    std::error_code error;
    std::vector<Named> found;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const auto name = entry->path().filename().string();
        struct stat status{};
        if (::lstat(entry->path().c_str(), &status) != 0) continue;
        if (name.starts_with(letter_prefix)) found.push_back({instant_of(status), name});
        if (name.starts_with(unfinished_prefix) && now - instant_of(status) > unfinished_patience)
            ::unlink(entry->path().c_str());
    }
    if (error)
        return std::unexpected(from_errno(error.value(), fmt::format("cannot list {}", folder.string())));
    std::ranges::sort(found);
    std::vector<std::string> names;
    for (auto& named : found)
        if (names.size() < limit) names.push_back(std::move(named.name));
    return names;
}

Result<Found> open(const fs::path& folder, const std::string& name, std::size_t max_size) {
    const auto path = folder / name;
    // Not through a link, and without waiting for the other end of a pipe: anybody may have made it.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return fail(Error::Kind::not_found, "{} is gone", path.string());
    if (!file && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO))
        return failed("open", path);
    if (!file) return fail(Error::Kind::invalid, "{} cannot be opened", path.string());
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return failed("look at", path);
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > max_size + envelope_room)
        return fail(Error::Kind::invalid, "{} is no letter, or too large", path.string());
    TRY(const auto bytes, read_all(file.number(), static_cast<std::size_t>(status.st_size), path));
    TRY(auto letter, parse(bytes));
    if (letter.message.size() > max_size) return fail(Error::Kind::invalid, "{} is too large", path.string());
    return Found{.letter = std::move(letter), .user = status.st_uid, .left = instant_of(status)};
}

Result<void> remove(const fs::path& folder, const std::string& name) {
    if (::unlink((folder / name).c_str()) != 0 && errno != ENOENT) return failed("remove", folder / name);
    return sync_folder(folder);
}

Result<void> set_aside(const fs::path& folder, const std::string& name) {
    if (::rename((folder / name).c_str(), (folder / (std::string(bad_prefix) + name)).c_str()) != 0)
        return failed("set aside", folder / name);
    return sync_folder(folder);
}

}  // namespace hongyan::drop
