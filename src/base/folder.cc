#include "base/folder.h"

namespace hongyan {

Result<void> make_private_folder(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
    if (error)
        return std::unexpected(
            from_errno(error.value(), fmt::format("cannot make the folder {}", folder.string())));
    return {};
}

}  // namespace hongyan
