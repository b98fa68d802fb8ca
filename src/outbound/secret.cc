#include "outbound/secret.h"

#include <sys/stat.h>

#include "base/ascii.h"
#include "base/file.h"

namespace hongyan::outbound {

namespace {

constexpr std::size_t largest = std::size_t{1} << 20U;  // bytes of a file

Result<void> check_owner_only(const std::filesystem::path& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0)
        return fail(Error::Kind::not_found, "there is no file {} with the secret", path.string());
    if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) > largest)
        return fail(Error::Kind::invalid, "{} is no file of at most {} bytes", path.string(), largest);
    if ((about.st_mode & 077U) != 0)
        return fail(Error::Kind::denied, "{} is open to others (mode {:04o}): chmod 600 it", path.string(),
                    about.st_mode & 07777U);
    return {};
}

Result<std::string> read_private(const std::filesystem::path& path) {
    TRY(check_owner_only(path));
    auto text = read_file(path);
    if (!text) return fail(text.error().kind, "{} cannot be read", path.string());
    return text;
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Result<std::string> first_line(const std::filesystem::path& path) {
    TRY(const auto text, read_private(path));
    std::string_view rest = text;
    const auto line = ascii::trim(take_line(rest));
    if (line.empty()) return fail(Error::Kind::invalid, "{} is empty", path.string());
    return std::string(line);
}

Result<std::string> line_of(std::string_view user, const std::filesystem::path& path) {
    TRY(const auto text, read_private(path));
    for (std::string_view rest = text; !rest.empty();) {
        const auto line = ascii::trim(take_line(rest));
        const auto end = line.find_first_of(" \t");
        if (line.starts_with('#') || end == line.npos || line.substr(0, end) != user) continue;
        return std::string(ascii::trim(line.substr(end)));
    }
    return fail(Error::Kind::not_found, "{} has no line for {}", path.string(), user);
}

}  // namespace

Result<sasl::Credentials> credentials_for(const config::NextHop& hop, const std::filesystem::path& secrets) {
    sasl::Credentials credentials{.user = hop.user};
    if (!hop.token.empty()) {
        TRY(credentials.token, first_line(hop.token));
        return credentials;
    }
    TRY(credentials.password, hop.secret.empty() ? line_of(hop.user, secrets) : first_line(hop.secret));
    credentials.without_encryption = hop.tls == config::RouteTls::none;
    return credentials;
}

}  // namespace hongyan::outbound
