// Where a job ends that nobody waits for.
#pragma once

#include <exception>
#include <type_traits>

#include "base/result.h"

namespace hongyan {

// What breaks in a job is an error of it, and no reason to end the program. `work` returns a Result or
// nothing.
template <typename Work>
auto guarded(const Work& work) {
    using Value = std::invoke_result_t<const Work&>;
    using Outcome = std::conditional_t<std::is_void_v<Value>, Result<void>, Value>;
    try {
        if constexpr (std::is_void_v<Value>) {
            work();
            return Outcome();
        } else {
            return Outcome(work());
        }
    } catch (const std::exception& broken) {
        return Outcome(fail(Error::Kind::internal, "{}", broken.what()));
    }
}

}  // namespace hongyan
