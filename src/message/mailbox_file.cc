#include "message/mailbox_file.h"

#include <algorithm>
#include <vector>

#include <sys/stat.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/scanner.h"

namespace hongyan::message {
namespace {

namespace fs = std::filesystem;

Result<Instant> modification_time(const fs::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::unexpected(from_errno(errno, path.native()));
    return Instant(std::chrono::seconds(status.st_mtim.tv_sec) +
                   std::chrono::milliseconds(status.st_mtim.tv_nsec / 1'000'000));
}

// Field names as programs write them. By the letter of RFC 5322 any printable byte may stand in one, but then
// JSON would be mail.
bool begins_like_mail(std::string_view text) {
    Scanner in(text);
    in.take_some([](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
    in.skip_blanks();
    in.expect(":");
    return !in.failed();
}

std::optional<MailboxFile> kind_of_content(std::string_view content) {
    if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
    if (content.starts_with("From ")) return MailboxFile::mbox;
    if (begins_like_mail(content)) return MailboxFile::message;
    return std::nullopt;
}

Result<std::vector<fs::path>> sorted_entries(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        paths.push_back(entry->path());
    if (error) return std::unexpected(from_errno(error.value(), folder.native()));
    std::ranges::sort(paths);
    return paths;
}

bool is_maildir(const fs::path& folder) {
    std::error_code error;
    return fs::is_directory(folder / "cur", error) || fs::is_directory(folder / "new", error);
}

Result<void> read_maildir(const fs::path& maildir, const Visit& visit) {
    for (const auto* const name : {"cur", "new"}) {
        const auto folder = maildir / name;
        if (std::error_code error; !fs::is_directory(folder, error)) continue;
        TRY(const auto files, sorted_entries(folder));
        for (const auto& path : files) {
            if (path.filename().native().starts_with('.')) continue;
            TRY(const auto file, MappedFile::open(path));
            TRY(const auto date, modification_time(path));
            TRY(visit({file.bytes(), maildir_flags(path.filename().native()), date}));
        }
    }
    return {};
}

Result<void> read_file_of_mail(const fs::path& path, const MappedFile& file, MailboxFile kind,
                               const Visit& visit) {
    TRY(const auto date, modification_time(path));
    if (kind == MailboxFile::message) return visit({file.bytes(), {}, date});
    return read_mbox(file.bytes(), [&](FoundMessage message) {
        if (!message.internal_date) message.internal_date = date;
        return visit(message);
    });
}

Result<bool> read_if_mail(const fs::path& path, const Visit& visit) {
    TRY(const auto file, MappedFile::open(path));
    const auto kind = kind_of_content(file.bytes());
    if (kind) TRY(read_file_of_mail(path, file, *kind, visit));
    return kind.has_value();
}

Result<void> read_folder(const fs::path& folder, const Visit& visit) {
    if (is_maildir(folder)) return read_maildir(folder, visit);
    TRY(const auto entries, sorted_entries(folder));
    for (const auto& path : entries) {
        std::error_code error;
        if (fs::is_symlink(path, error)) continue;  // it may lead back up
        if (fs::is_directory(path, error)) TRY(read_folder(path, visit));
        if (fs::is_regular_file(path, error)) TRY(read_if_mail(path, visit));
    }
    return {};
}

}  // namespace

Result<std::optional<MailboxFile>> recognise(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (is_maildir(path)) return MailboxFile::maildir;
        return std::nullopt;
    }
    TRY(const auto file, MappedFile::open(path));
    return kind_of_content(file.bytes());
}

Result<std::uint64_t> read_mailbox(const fs::path& path, const Visit& visit) {
    std::uint64_t count = 0;
    const Visit counting = [&](const FoundMessage& message) {
        ++count;
        return visit(message);
    };
    if (std::error_code error; fs::is_directory(path, error)) {
        TRY(read_folder(path, counting));
        return count;
    }
    TRY(const auto is_mail, read_if_mail(path, counting));
    if (!is_mail) return fail(Error::Kind::invalid, "{} is neither a message nor an mbox", path.native());
    return count;
}

FoundFlags maildir_flags(std::string_view file_name) {
    FoundFlags flags;
    const auto mark = file_name.rfind(":2,");
    if (mark == std::string_view::npos) return flags;
    for (const char letter : file_name.substr(mark + 3)) {
        flags.draft |= letter == 'D';
        flags.flagged |= letter == 'F';
        flags.answered |= letter == 'R';
        flags.seen |= letter == 'S';
        flags.deleted |= letter == 'T';
    }
    return flags;
}

}  // namespace hongyan::message
