// The inner loop of the MIME parser: through a body at memory speed, stopping only where a boundary may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hongyan::message {

// The start of the first line behind `from` that begins with "--", or the end of the text; a line that begins
// at `from` itself is not looked at. Adds the line ends (LF) between `from` and there to `lines`.
std::size_t find_dash_line(std::string_view text, std::size_t from, std::uint64_t& lines);

// The line ends (LF) in a text.
std::uint64_t count_lines(std::string_view text);

}  // namespace hongyan::message
