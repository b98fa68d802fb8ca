// Telling others of what is done.
#pragma once

#include <exception>
#include <string_view>

#include "base/log.h"

namespace hongyan::flow {

// It changes nothing of what is done: where it fails, what is kept is kept, and others are told nevertheless.
template <typename Tell>
void tell(const log::Log& log, std::string_view whom, Tell tell_it) {
    try {
        tell_it();
    } catch (const std::exception& broken) {
        log.error("not told", {{"whom", std::string(whom)}, {"why", broken.what()}});
    }
}

}  // namespace hongyan::flow
