#include "message/line_ends.h"

#include <algorithm>

namespace hongyan::message {

LineEnds line_ends(std::string_view text) {
    bool lf = false;
    bool crlf = false;
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        (at > 0 && text[at - 1] == '\r' ? crlf : lf) = true;
    if (lf && crlf) return LineEnds::mixed;
    if (lf) return LineEnds::lf;
    return crlf ? LineEnds::crlf : LineEnds::none;
}

std::string to_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + static_cast<std::size_t>(std::ranges::count(text, '\n')));
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        out += line;
        if (line.size() == text.size()) break;
        out += "\r\n";
        text.remove_prefix(line.size() + 1);
    }
    return out;
}

std::string with_crlf_only(std::string_view text) {
    std::string out;
    out.reserve(text.size() + static_cast<std::size_t>(std::ranges::count(text, '\n')));
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        out += text.substr(0, end);
        if (end == std::string_view::npos) break;
        out += "\r\n";
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return out;
}

std::string to_lf(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        out += text.substr(0, end);
        if (end == std::string_view::npos) break;
        out += '\n';
        text.remove_prefix(end + 2);
    }
    return out;
}

}  // namespace hongyan::message
