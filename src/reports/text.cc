#include "reports/text.h"

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::reports {

std::string tidy(std::string_view text) {
    constexpr std::size_t looked_at = 4 * longest_text;
    std::string out = message::replace_invalid_utf8(ascii::trim(text).substr(0, looked_at));
    for (char& c : out)
        if (ascii::is_control(c)) c = ' ';
    return std::string(ascii::trim(message::truncate_utf8(out, longest_text)));
}

}  // namespace hongyan::reports
