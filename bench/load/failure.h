// Why a measurement came to nothing.
#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace hongyan::load {

// In a server a refusal is daily life and a value. Here it ends the run, since a figure taken while messages
// were refused would be none; so it is thrown, and caught where the program ends.
class Failure : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <typename... Arguments>
[[noreturn]] void give_up(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    throw Failure(fmt::format(text, std::forward<Arguments>(arguments)...));
}

}  // namespace hongyan::load
