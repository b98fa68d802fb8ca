#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace hongyan {

std::string_view to_string(Error::Kind kind) {
    using enum Error::Kind;
    switch (kind) {
        case invalid:
            return "invalid";
        case not_found:
            return "not found";
        case exists:
            return "exists";
        case denied:
            return "denied";
        case conflict:
            return "conflict";
        case over_quota:
            return "over quota";
        case too_large:
            return "too large";
        case no_space:
            return "no space";
        case unavailable:
            return "unavailable";
        case unsupported:
            return "unsupported";
        case corrupt:
            return "corrupt";
        case io:
            return "i/o";
        case internal:
            return "internal";
    }
    return "unknown";
}

namespace {

Error::Kind kind_of(int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:  // RLIMIT_FSIZE, or what the file system can hold
            return Error::Kind::no_space;
        case ENOENT:
        case ENOTDIR:
            return Error::Kind::not_found;
        case EEXIST:
            return Error::Kind::exists;
        case EACCES:
        case EPERM:
        case EROFS:
            return Error::Kind::denied;
        case EAGAIN:
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return Error::Kind::unavailable;
        default:
            return Error::Kind::io;
    }
}

}  // namespace

Error from_errno(int number, std::string_view doing) {
    return {kind_of(number), fmt::format("{}: {}", doing, std::generic_category().message(number))};
}

}  // namespace hongyan
