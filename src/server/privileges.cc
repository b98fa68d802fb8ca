#include "server/privileges.h"

#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
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

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const auto before = std::exchange(limit.rlim_cur, limit.rlim_max);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace hongyan::server
