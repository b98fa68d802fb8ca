// Somebody else's words in a report: what is taken over of them.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::reports {

inline constexpr std::size_t longest_text = 500;  // bytes of one text of a report

// Valid UTF-8 without blanks at both ends, with blanks for controls, cut where it is longer than that.
std::string tidy(std::string_view text);

}  // namespace hongyan::reports
