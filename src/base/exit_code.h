// How a command ends, in the words of sysexits.h, so that scripts and other mailers understand.
#pragma once

#include <sysexits.h>

#include "base/result.h"

namespace hongyan {

constexpr int exit_code(Error::Kind kind) {
    using enum Error::Kind;
    switch (kind) {
        case invalid:
            return EX_DATAERR;
        case not_found:
            return EX_NOUSER;
        case exists:
            return EX_CANTCREAT;
        case denied:
            return EX_NOPERM;
        case conflict:
        case unavailable:
        case over_quota:
        case no_space:
            return EX_TEMPFAIL;
        case too_large:
            return EX_DATAERR;
        case unsupported:
            return EX_UNAVAILABLE;
        case corrupt:
        case io:
            return EX_IOERR;
        case internal:
            return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}

}  // namespace hongyan
