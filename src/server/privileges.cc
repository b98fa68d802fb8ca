#include "server/privileges.h"

#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace hongyan::server {

Result<void> become(const std::string& user, const std::vector<std::filesystem::path>& belongings) {
    if (user.empty() || ::geteuid() != 0) return {};
    const auto refused = [&](const char* doing) {
        return std::unexpected(from_errno(errno, fmt::format("cannot become {}: {}", user, doing)));
    };
    const passwd* const entry = ::getpwnam(user.c_str());  // before threads begin
    if (entry == nullptr) return fail(Error::Kind::not_found, "there is no user {} to become", user);
    const auto uid = entry->pw_uid;
    const auto gid = entry->pw_gid;
    for (const auto& path : belongings)
        if (::chown(path.c_str(), uid, gid) != 0) return refused(path.c_str());
    if (::initgroups(user.c_str(), gid) != 0) return refused("initgroups");
    if (::setresgid(gid, gid, gid) != 0) return refused("setresgid");
    if (::setresuid(uid, uid, uid) != 0) return refused("setresuid");
    if (uid != 0 && ::setuid(0) == 0) return fail(Error::Kind::internal, "{} could become root again", user);
    return {};
}

}  // namespace hongyan::server
