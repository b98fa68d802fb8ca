// A broken belief of ours ends the work that held it, never the whole program silently: the exception is
// caught only where a session, a job or the program ends.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace hongyan {

class BrokenInvariant : public std::logic_error {
    using std::logic_error::logic_error;
};

// `belief` says what we believed, as a sentence: check(next > last, "UIDs only grow").
inline void check(bool condition, std::string_view belief,
                  std::source_location where = std::source_location::current()) {
    if (!condition) [[unlikely]]
        throw BrokenInvariant(fmt::format("{}:{}: not so: {}", where.file_name(), where.line(), belief));
}

}  // namespace hongyan
