// Appends to a text that the caller keeps; for the writers of this folder.
#pragma once

#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace hongyan::imap::wire {

template <typename... Arguments>
void print(std::string& out, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out), text, std::forward<Arguments>(arguments)...);
}

// "(" one *(SP one) ")"
template <typename Items, typename Put>
void put_list(std::string& out, const Items& items, Put put_one) {
    out.push_back('(');
    for (bool first = true; const auto& item : items) {
        if (!std::exchange(first, false)) out.push_back(' ');
        put_one(item);
    }
    out.push_back(')');
}

}  // namespace hongyan::imap::wire
